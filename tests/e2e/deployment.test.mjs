// What a deployment is bound to: what is uploaded, bundle size, memory over time, configuration.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { bundleSize } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";
import { startServer } from "./support/server.mjs";

const BUNDLE_GZIP_LIMIT = 280_000; // bytes
// Bytes that the process may grow by over 1,500 registrations. It holds the KV simulator and the inspector's messages
// too, which grow by tens of MiB under an empty Worker.
const PROCESS_GROWTH_LIMIT = 256 * 1024 * 1024;
// Bytes that the module's own memory may grow by, whatever number of requests there was: a leak shows here.
const MODULE_GROWTH_LIMIT = 1024 * 1024;
const moduleBytes = async (server) => (await (await fetch(`${server.url}/__test/memory`)).json()).bytes;

test("the bundle stays small", () => {
  const { gzip } = bundleSize();
  assert.ok(gzip < BUNDLE_GZIP_LIMIT, `${gzip} bytes gzip`);
});

test("what npm run deploy uploads is the bundle and the pages, and to find that out takes no account", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-deploy-"));
  try {
    const { CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, ...rest } = process.env;
    // Nobody is logged in, and whoever wants the network finds a closed port.
    const nowhere = "http://127.0.0.1:9";
    const env = { ...rest, XDG_CONFIG_HOME: folder, HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, ROLLCALL_SKIP_BUILD: "1" };
    const out = join(folder, "out");
    const args = ["scripts/wrangler.mjs", "deploy", "--dry-run", "--outdir", out];
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

test("2,000 registrations one after another do not fill the memory", { timeout: 240_000 }, async () => {
  const server = await startServer({ entry: "tests/e2e/support/deaf-kv.mjs" });
  try {
    // Long enough that one body in four which is not freed shows.
    const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"], x: "y".repeat(4_000) });
    const register = async (times) => {
      for (let n = 0; n < times; n += 1) {
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${server.url}/reg`, { method: "POST", headers, body });
        assert.equal(answer.status, 201);
        await answer.arrayBuffer();
      }
    };
    await register(500);
    const [inProcess, inModule] = [server.residentBytes(), await moduleBytes(server)];
    await register(1500);
    const growth = [server.residentBytes() - inProcess, (await moduleBytes(server)) - inModule];
    const [ofProcess, ofModule] = growth.map((bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`);
    console.log(`workerd grew by ${ofProcess} over 1,500 registrations, the module's memory by ${ofModule}`);
    assert.ok(growth[0] < PROCESS_GROWTH_LIMIT, ofProcess);
    assert.ok(growth[1] < MODULE_GROWTH_LIMIT, ofModule);
  } finally {
    await server.stop();
  }
});

test("requests whose callers went away are forgotten, with all that they held", { timeout: 240_000 }, async () => {
  const server = await startServer({ entry: "tests/e2e/support/deaf-kv.mjs" });
  try {
    const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"], jwks_uri: "https://app.example/jwks", x: "y".repeat(50_000) });
    const abandon = async (times) => {
      for (let n = 0; n < times; n += 1) {
        const headers = { "content-type": "application/json", "x-deaf": "1" };
        const answer = await fetch(`${server.url}/reg`, { method: "POST", headers, body });
        assert.equal(answer.status, 500);
        await answer.arrayBuffer();
      }
    };
    await abandon(100);
    const before = await moduleBytes(server);
    for (let round = 0; round < 4; round += 1) {
      await (await fetch(`${server.url}/__test/later?ms=${10 * 60_000}`)).arrayBuffer();
      await abandon(100);
    }
    const growth = (await moduleBytes(server)) - before;
    console.log(`the memory grew by ${growth / 1024} KiB over 400 abandoned requests`);
    assert.ok(growth < MODULE_GROWTH_LIMIT, `${growth} bytes`);
  } finally {
    await server.stop();
  }
});

test("after a panic the next request is served", async () => {
  const server = await startServer({ entry: "build-panic/index.js" });
  try {
    const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"] });
    const register = () =>
      fetch(`${server.url}/reg`, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal((await register()).status, 201);
    const panicked = await fetch(`${server.url}/reg`, { method: "PROPPATCH", signal: AbortSignal.timeout(20_000) });
    assert.equal(panicked.status, 500);
    const served = await register();
    assert.equal(served.status, 201);
    const { registration_client_uri, registration_access_token } = await served.json();
    const authorization = `Bearer ${registration_access_token}`;
    assert.equal((await fetch(registration_client_uri, { headers: { authorization } })).status, 200);
  } finally {
    await server.stop();
  }
});

test("a panic ends the requests beside it, and none that comes later gets what they waited for", async () => {
  const server = await startServer({ entry: "tests/e2e/support/slow-kv.mjs" });
  try {
    const register = async (name) => {
      const body = JSON.stringify({ client_name: name, redirect_uris: ["https://app.example/cb"] });
      const headers = { "content-type": "application/json" };
      return (await fetch(`${server.url}/reg`, { method: "POST", headers, body })).json();
    };
    const read = ({ registration_client_uri, registration_access_token }) => {
      const headers = { authorization: `Bearer ${registration_access_token}` };
      return fetch(registration_client_uri, { headers, signal: AbortSignal.timeout(20_000) });
    };
    const panic = async () => {
      const { status } = await fetch(`${server.url}/reg`, { method: "PROPPATCH", signal: AbortSignal.timeout(20_000) });
      assert.equal(status, 500);
    };
    const [one, two] = [await register("one"), await register("two")];
    // Both reads are the first work of a module.
    await panic();
    const beside = read(one);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await panic();
    const later = await read(two);
    assert.equal(later.status, 200);
    assert.equal((await later.json()).client_name, "two");
    assert.equal((await beside).status, 500);
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
