// Starts a Worker on real workerd: KV, Durable Object and rate limits as `wrangler dev` simulates them, a free port, a fresh
// persistence folder. Whatever happens, no process stays behind.
//
// Servers are started by Miniflare, the part of wrangler that runs workerd, with the options that wrangler makes of
// wrangler.toml: that takes a tenth of the time of `wrangler dev`, which starts two more programs. Only the commands of the
// README, which tests start too, run `wrangler dev` itself.

import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after } from "node:test";

import { build } from "esbuild";

import { freePort } from "../../../scripts/lib/ports.mjs";
import { root } from "../../../scripts/lib/repository.mjs";
import { requirePackage } from "../../../scripts/lib/require.mjs";
import { workerOf } from "./worker-options.mjs";

const { Log, LogLevel, Miniflare, convertV4MiniflareOptions } = requirePackage("miniflare");

// Everything that is written besides the records.
const scratch = mkdtempSync(join(tmpdir(), "rollcall-e2e-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
// No secrets, instead of the developer's own .dev.vars.
const noSecrets = join(scratch, "empty.env");
writeFileSync(noSecrets, "");

// A test that fails between the start of its servers and what stops them would else never end.
const running = new Set();
after(() => Promise.all([...running].map((server) => server.stop())));

/**
 * The Worker of the shipped configuration; without `assets`, as if an operator had taken the table of the pages out; with a
 * `window`, which is without pages too, rate limits count over that many seconds.
 */
function shipped({ assets, window }) {
  const worker = workerOf(join(root, "wrangler.toml"), noSecrets);
  const { options } = worker;
  if (!options.assets) throw new Error("wrangler.toml has no [assets]");
  if (!assets || window) delete options.assets;
  const limits = Object.values(options.ratelimits);
  if (limits.length === 0) throw new Error("wrangler.toml has no rate limits");
  if (window) for (const { simple } of limits) simple.period = window;
  return worker;
}

/** The URL in the files of several Workers: with the same files for each server, wrangler has to read them only once. */
const ANY_URL = "http://localhost:8787";

/** The Workers that the configuration files of `configure` describe, for a server at `url`; the first one gets `vars`. */
function configured(configure, url, vars) {
  const described = JSON.stringify(configure(ANY_URL, scratch).map((file) => workerOf(file, noSecrets)));
  return JSON.parse(described.replaceAll(ANY_URL, url)).map((worker, at) => (at === 0 ? { ...worker, vars } : worker));
}

/**
 * A server on a free port of 127.0.0.1, its records in a folder that is removed with it. `vars`
 * become variables of the Worker, tables as JSON; they may be a function of the server's URL. `entry` is another
 * module to run than the released one; `configure`, of the server's URL and a folder, returns the configuration files
 * of Workers to run instead, first the one that gets the requests and `vars`; they are connected as under `wrangler dev`.
 * Without `limits`, requests from this machine are not counted; without `assets`, there are no pages. With a `window`, which
 * is without pages too, a rate limit is lifted after that many seconds: 10 or 60. `outbound` answers the Worker's own requests
 * in place of the network: a function from Miniflare's Request to its Response. With a `certificate` for localhost, the server
 * is on https there.
 */
export async function startServer({ vars = {}, entry = "build/index.js", configure, limits = false, assets = true, window, outbound, certificate } = {}) {
  for (let tries = 1; ; tries += 1) {
    const folder = mkdtempSync(join(scratch, "records-"));
    const port = await freePort();
    const url = certificate ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
    const own = typeof vars === "function" ? vars(url) : vars;
    const counted = limits ? own : { LIMITS: { exempt_networks: ["127.0.0.0/8", "::1"] }, ...own };
    const workers = configure
      ? configured(configure, url, counted)
      : [{ ...shipped({ assets, window }), main: entry, vars: counted, outbound }];
    const server = new Server({ url, folder, runtime: new Workerd({ port, url, folder, certificate, workers }) });
    try {
      await server.start();
      return server;
    } catch (error) {
      // Another program may have taken the port in the meantime.
      if (tries === 3 || !/address already in use|EADDRINUSE/i.test(`${error} ${server.output}`)) throw error;
    }
  }
}

/** Workers in a workerd process of their own, without wrangler around it; the first one gets the requests. */
class Workerd {
  constructor(options) {
    Object.assign(this, options);
  }

  async start(print) {
    const workers = await Promise.all(this.workers.map(miniflareOptions));
    const { cert, key } = this.certificate ?? {};
    const options = {
      host: "127.0.0.1",
      port: this.port,
      ...(cert && { https: true, httpsCert: cert, httpsKey: key }),
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: this.folder,
      resourceTmpPath: join(scratch, "tmp"),
      handleStructuredLogs: ({ message }) => print(`${message}\n`),
      workers,
    };
    this.miniflare = new Miniflare(convertV4MiniflareOptions(options));
    await this.miniflare.ready;
    // The first request instantiates the module, which no test should wait for.
    await (await fetch(`${this.url}/not-a-path`)).arrayBuffer();
  }

  /** Kills workerd, as by a crash. */
  async halt() {
    const { miniflare } = this;
    this.miniflare = undefined;
    await miniflare?.dispose();
  }
}

/** The options of Miniflare for a Worker. */
async function miniflareOptions({ name, main, options, vars = {}, outbound }) {
  const bindings = { ...options.bindings };
  for (const [variable, value] of Object.entries(vars)) bindings[variable] = typeof value === "string" ? value : JSON.stringify(value);
  const worker = { ...options, name, rootPath: root, bindings, ...(await modulesOf(main)) };
  return outbound ? { ...worker, outboundService: outbound } : worker;
}

/** The modules of a Worker: what the entry imports, in one file, and the WebAssembly module of the bundle. */
export async function modulesOf(entry) {
  const path = resolve(root, entry);
  let wasm;
  const external = {
    name: "wasm",
    setup: (esbuild) => esbuild.onResolve({ filter: /\.wasm$/ }, (found) => {
      wasm = join(found.resolveDir, found.path);
      return { path: found.path, external: true };
    }),
  };
  const options = { bundle: true, format: "esm", write: false, external: ["cloudflare:*"], plugins: [external], logLevel: "silent" };
  const { outputFiles } = await build({ ...options, entryPoints: [path] });
  const modules = [{ type: "ESModule", path: join(root, "index.js"), contents: outputFiles[0].text }];
  if (wasm) modules.push({ type: "CompiledWasm", path: join(root, "index_bg.wasm"), contents: readFileSync(wasm) });
  return { modules, modulesRoot: root, modulesRules: undefined };
}

class Server {
  output = "";

  constructor(options) {
    Object.assign(this, options);
  }

  async start() {
    running.add(this);
    await this.runtime.start((text) => (this.output += text));
  }

  /** The log lines of the Worker so far, parsed. */
  logLines() {
    const lines = this.output
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line));
  }

  /** The first log line that `wanted` holds for. It may come a moment after the answer it tells of. */
  async logLine(wanted) {
    for (const deadline = Date.now() + 5_000; Date.now() < deadline;) {
      const line = this.logLines().find(wanted);
      if (line) return line;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`there is no such log line:\n${this.output}`);
  }

  /** The files on disk. */
  stored() {
    return readdirSync(this.folder, { recursive: true })
      .map((name) => join(this.folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, "latin1"));
  }

  /** Ends the server at once; what was acknowledged has to survive. */
  halt() {
    return this.runtime.halt();
  }

  async restart() {
    await this.halt();
    await this.start();
  }

  /** Puts the clock of the Worker forward, until it is restarted; its entry has to be one with a clock. */
  async later(ms) {
    const answer = await fetch(`${this.url}/__test/later?ms=${ms}`);
    if (!("ahead" in (await answer.json()))) throw new Error("this entry has no clock");
  }

  /** Restarts the server as if `seconds` had gone by for the records in KV: their ends are that much nearer. */
  async age(seconds) {
    const { DatabaseSync } = await import("node:sqlite");
    await this.halt();
    const stores = readdirSync(this.folder, { recursive: true }).filter((name) => /\bkv\b.*\.sqlite$/.test(name));
    let changed = 0;
    for (const name of stores) {
      const store = new DatabaseSync(join(this.folder, name));
      const entries = store.prepare("SELECT 1 FROM sqlite_master WHERE name = '_mf_entries'").get();
      if (entries) changed += store.prepare("UPDATE _mf_entries SET expiration = expiration - ?").run(seconds * 1000).changes;
      store.close();
    }
    if (changed === 0) throw new Error(`no record of KV was found in ${stores.join(", ")}`);
    await this.start();
  }

  async stop() {
    running.delete(this);
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
