// Starts the bundle under `wrangler dev`: real workerd, KV simulated on disk, a free port, a fresh
// persistence folder. Whatever happens, no process stays behind.

import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { freePort } from "../../../scripts/lib/ports.mjs";
import { spawnGuarded } from "../../../scripts/lib/process.mjs";
import { descendants } from "./processes.mjs";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");

// What wrangler writes beside the records; and no secrets, instead of the developer's own .dev.vars.
const scratch = mkdtempSync(join(tmpdir(), "rollcall-wrangler-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
const noSecrets = join(scratch, "empty.env");
writeFileSync(noSecrets, "");

// A test that fails between the start of its servers and what stops them would else never end.
const running = new Set();
after(() => Promise.all([...running].map((server) => server.stop())));

/**
 * The configuration without the table of the pages, as an operator would take it out; with a `window`, rate limits
 * count over that many seconds.
 */
function withoutAssets(window) {
  const text = readFileSync(join(root, "wrangler.toml"), "utf8");
  const without = text.replace(/^\[assets\]\n(.+\n)+/m, "");
  if (without === text) throw new Error("wrangler.toml has no [assets]");
  const limited = window ? without.replace(/\bperiod = \d+/g, `period = ${window}`) : without;
  if (window && limited === without) throw new Error("wrangler.toml has no rate limits");
  const file = join(scratch, `without-assets-${window ?? "as-shipped"}.toml`);
  writeFileSync(file, limited);
  return file;
}

/**
 * A server on a free port of 127.0.0.1, its records in a folder that is removed with it. `vars`
 * become variables of the Worker, tables as JSON; they may be a function of the server's URL. `entry` is another
 * module to run than the released one; `configure`, of the server's URL and a folder, returns the configuration files
 * of Workers to run instead, first the one that gets the requests and `vars`. Without `limits`, requests from this
 * machine are not counted; without `assets`, there are no pages. With a `window`, which is without pages too, a rate
 * limit is lifted after that many seconds: 10 or 60.
 */
export async function startServer({ vars = {}, entry = "build/index.js", configure, limits = false, assets = true, window } = {}) {
  for (let tries = 1; ; tries += 1) {
    const folder = mkdtempSync(join(scratch, "records-"));
    const server = new Server({ vars, entry, configure, limits, assets, window, port: await freePort(), folder });
    try {
      await server.start();
      return server;
    } catch (error) {
      // wrangler takes ports of its own, too, and finds out late when somebody else has one by then.
      if (tries === 3 || !/address already in use|EADDRINUSE/i.test(server.output)) throw error;
    }
  }
}

class Server {
  constructor({ port, ...options }) {
    Object.assign(this, { port, ...options });
    this.url = `http://127.0.0.1:${port}`;
    this.output = "";
  }

  async start() {
    const inspector = await freePort();
    const workers = this.configure?.(this.url, scratch).flatMap((file) => ["--config", file]) ?? [this.entry];
    const args = ["dev", ...workers, "--ip", "127.0.0.1", "--port", this.port, "--inspector-port", inspector];
    args.push("--persist-to", this.folder, "--show-interactive-dev-session=false", "--env-file", noSecrets);
    if (!this.assets || this.window) args.push("--config", withoutAssets(this.window));
    const own = typeof this.vars === "function" ? this.vars(this.url) : this.vars;
    const vars = this.limits ? own : { LIMITS: { exempt_networks: ["127.0.0.0/8", "::1"] }, ...own };
    for (const [name, value] of Object.entries(vars)) {
      args.push("--var", `${name}:${typeof value === "string" ? value : JSON.stringify(value)}`);
    }
    // Killed, as by a crash, when its time has come.
    this.child = spawnGuarded(process.execPath, [wrangler, ...args.map(String)], {
      cwd: root,
      env: { ...process.env, ROLLCALL_SKIP_BUILD: "1", XDG_CONFIG_HOME: scratch },
      signal: "SIGKILL",
    });
    this.ended = once(this.child, "close");
    running.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    }
    const deadline = Date.now() + 60_000;
    while (!(await this.answers())) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        await this.halt();
        throw new Error(`wrangler dev did not start:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async answers() {
    try {
      await (await fetch(`${this.url}/not-a-path`, { signal: AbortSignal.timeout(5_000) })).arrayBuffer();
      return true;
    } catch {
      return false;
    }
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

  /** What is on disk, file by file. */
  stored() {
    return readdirSync(this.folder, { recursive: true })
      .map((name) => join(this.folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, "latin1"));
  }

  /** The memory that the workerd process of the Worker holds, in bytes. */
  residentBytes() {
    // wrangler runs two of them: its own proxy, and the one with an inspector, which is ours.
    const ours = descendants(this.child.pid).find(({ command }) => command.includes("--inspector-addr"));
    if (!ours) throw new Error("there is no workerd process");
    return ours.residentBytes;
  }

  /** Ends the server at once; what was acknowledged has to survive. */
  async halt() {
    this.child.stdin.end();
    await this.ended;
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
