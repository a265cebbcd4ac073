// Limits of a deployment: uploaded files, bundle size, memory over time, configuration.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { bundleSize } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";
import { moduleBytes, startBare, withDeafKv } from "./support/bare-server.mjs";
import { residentBytes } from "./support/processes.mjs";
import { send } from "./support/requests.mjs";
import { startServer } from "./support/server.mjs";

// Bytes. A change that needs more raises it and says by how much, with the CPU time of a cold start, which is what counts:
// docs/decisions/0012-size-of-the-bundle.md.
const BUNDLE_GZIP_LIMIT = 555_000;
// Bytes that the process may grow by over 1,500 registrations. It holds their records too.
const PROCESS_GROWTH_LIMIT = 256 * 1024 * 1024;
// Bytes that the module's own memory may grow by, whatever number of requests there was: a leak shows here.
const MODULE_GROWTH_LIMIT = 1024 * 1024;
// Bytes that requests may hold which are never answered, until V8 collects what they wait for.
const ABANDONED_LIMIT = 8 * 1024 * 1024;

test("the bundle stays small", () => {
  const { gzip } = bundleSize();
  assert.ok(gzip < BUNDLE_GZIP_LIMIT, `${gzip} bytes gzip`);
});

test("npm run deploy uploads the bundle and the pages, and a dry run of it needs no account", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-deploy-"));
  try {
    const { CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, ...rest } = process.env;
    // No user is logged in, and every request to the network finds a closed port.
    const nowhere = "http://127.0.0.1:9";
    const env = { ...rest, XDG_CONFIG_HOME: folder, HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, ROLLCALL_SKIP_BUILD: "1" };
    const out = join(folder, "out");
    // The shipped configuration has no issuer, which the doctor refuses.
    const args = ["scripts/deploy.mjs", "--anyway", "--dry-run", "--outdir", out];
    const options = { cwd: root, env, encoding: "utf8", timeout: 60_000 };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    assert.equal(status, 0, stdout + stderr);

    const built = (name) => readFileSync(join(root, "build", name));
    const uploaded = readdirSync(out).filter((name) => /\.(js|wasm)$/.test(name));
    assert.equal(uploaded.length, 2, String(uploaded));
    const wasm = uploaded.find((name) => name.endsWith("-index_bg.wasm"));
    assert.ok(readFileSync(join(out, wasm)).equals(built("index_bg.wasm")), "the module is the one in build/");
    assert.match(readFileSync(join(out, "index.js"), "utf8"), new RegExp(`from"\\./${wasm}"`));
    // wrangler packs the script once more; its map tells from what.
    const map = JSON.parse(readFileSync(join(out, "index.js.map"), "utf8"));
    assert.deepEqual(map.sourcesContent, [built("index.js").toString()]);

    // Folders are files to it.
    const pages = readdirSync(join(root, "public"), { recursive: true }).length;
    assert.ok(stdout.includes(`Read ${pages} files from the assets directory ${join(root, "public")}\n`), stdout);
    const limits = ["ADDRESS_LIMIT", "NETWORK_LIMIT", "WORKERS_LIMIT", "FAILURE_LIMIT", "ISSUER_LIMIT", "UPDATE_LIMIT"];
    for (const name of ["CLIENTS", "INITIAL_ACCESS_TOKENS", ...limits, "ISSUER"]) {
      assert.match(stdout, new RegExp(`^env\\.${name} `, "m"));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("2,000 registrations one after another do not fill the memory", { timeout: 480_000 }, async () => {
  const server = await startBare(withDeafKv());
  try {
    // Long enough that one body in four which is not freed shows.
    const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"], x: "y".repeat(4_000) });
    const register = async (times) => {
      for (let n = 0; n < times; n += 1) {
        const headers = { "content-type": "application/json" };
        const { status } = await send(`${server.url}/reg`, { method: "POST", headers, body });
        assert.equal(status, 201);
      }
    };
    await register(500);
    const [inProcess, inModule] = [residentBytes(server.pid), await moduleBytes(server)];
    await register(1500);
    const growth = [residentBytes(server.pid) - inProcess, (await moduleBytes(server)) - inModule];
    const [ofProcess, ofModule] = growth.map((bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`);
    console.log(`workerd grew by ${ofProcess} over 1,500 registrations, the module's memory by ${ofModule}`);
    assert.ok(growth[0] < PROCESS_GROWTH_LIMIT, ofProcess);
    assert.ok(growth[1] < MODULE_GROWTH_LIMIT, ofModule);
  } finally {
    await server.stop();
  }
});

const registration = (members) => JSON.stringify({ redirect_uris: ["https://app.example/cb"], ...members });
const register = (server, headers, body = registration()) =>
  send(`${server.url}/reg`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
// As bytes: to encode a long text takes as long as to send it.
const LONG = Buffer.from(registration({ jwks_uri: "https://app.example/jwks", x: "y".repeat(50_000) }));
/** Registers `times` clients whose KV is as `kv` says, ten at once; the runtime cancels each of these requests. */
async function abandon(server, kv, times) {
  for (let sent = 0; sent < times; sent += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => register(server, { "test-kv": kv }, LONG)));
    for (const { status } of answers) assert.equal(status, 500);
  }
}

test("4,000 requests that wait for a promise that is never settled leave nothing behind", { timeout: 480_000 }, async () => {
  const server = await startBare(withDeafKv());
  try {
    assert.equal((await register(server)).status, 201);
    const before = await moduleBytes(server);
    const growths = [];
    for (let round = 0; round < 10; round += 1) {
      await abandon(server, "never", 400);
      growths.push((await moduleBytes(server)) - before);
    }
    // Without an end of these tasks, they would take 200 MiB. V8 collects promises when it likes, so some wait for that.
    const mebibytes = growths.map((bytes) => (bytes / 1024 / 1024).toFixed(1)).join(", ");
    console.log(`the module's memory over 4,000 abandoned requests, every 400: ${mebibytes} MiB more`);
    assert.ok(Math.max(...growths) <= ABANDONED_LIMIT, mebibytes);
    assert.equal((await register(server)).status, 201);
  } finally {
    await server.stop();
  }
});

test("abandoned requests whose promises cannot be collected are swept", { timeout: 480_000 }, async () => {
  const server = await startBare(withDeafKv());
  try {
    const round = async () => {
      const { text } = await send(`${server.url}/__test/later?ms=${10 * 60_000}`);
      assert.ok("ahead" in JSON.parse(text), "this entry has no clock");
      await abandon(server, "kept", 100);
    };
    // A task is ended in the second sweep that sees it.
    for (let n = 0; n < 4; n += 1) await round();
    const before = await moduleBytes(server);
    for (let n = 0; n < 6; n += 1) await round();
    const growth = (await moduleBytes(server)) - before;
    console.log(`the module's memory grew by ${growth / 1024} KiB over 600 requests that had to be swept`);
    assert.ok(growth < MODULE_GROWTH_LIMIT, `${growth} bytes`);
  } finally {
    await server.stop();
  }
});

test("a promise that never settles, one that rejects and an import that throws each end only their own request", async () => {
  const server = await startServer({ assets: false, entry: "tests/e2e/support/deaf-kv.mjs" });
  try {
    const others = Array.from({ length: 5 }, (_, n) => register(server, { "test-kv": "second" }, registration({ client_name: `client ${n}` })));
    for (const [kv, status] of [["never", 500], ["rejects", 503], ["throws", 503], ["nothing", 503]]) {
      const answer = await register(server, { "test-kv": kv });
      assert.equal(answer.status, status, kv);
      if (status === 503) assert.equal(JSON.parse(answer.text).error, "temporarily_unavailable", kv);
    }
    for (const [n, { status, text }] of (await Promise.all(others)).entries()) {
      assert.equal(status, 201);
      assert.equal(JSON.parse(text).client_name, `client ${n}`);
    }
    for (const detail of ["rejected by a test", "thrown by a test"]) {
      await server.logLine((line) => line.detail?.includes(detail));
    }
    assert.doesNotMatch(server.output, /Critical/);
  } finally {
    await server.stop();
  }
});

test("a configured issuer wins over the Host header; a wrong setting fails closed", async () => {
  const vars = {
    ISSUER: "https://auth.example.com/tenant",
    METADATA: { authorization_endpoint: "/authorize", token_endpoint: "/token" },
  };
  const server = await startServer({ vars });
  try {
    const path = "/.well-known/oauth-authorization-server/tenant";
    const document = await (await fetch(`${server.url}${path}`)).json();
    assert.equal(document.issuer, "https://auth.example.com/tenant");
    assert.equal(document.registration_endpoint, "https://auth.example.com/tenant/reg");
    assert.equal((await fetch(`${server.url}/reg`, { method: "POST" })).status, 404);
  } finally {
    await server.stop();
  }
  const broken = await startServer({ vars: { ISSUER: "auth.example.com" } });
  try {
    const answer = await fetch(`${broken.url}/.well-known/oauth-authorization-server`);
    assert.deepEqual([answer.status, (await answer.json()).error], [500, "server_error"]);
    const line = await broken.logLine(({ detail }) => detail);
    assert.match(line.detail, /^ISSUER is "auth.example.com", but must be/);
  } finally {
    await broken.stop();
  }
});
