// Request bodies on the real runtime: what they cost, how long they may take, and what is left of those that nobody
// finishes.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { buildSync } from "esbuild";

import { CONTESTANTS } from "../../bench/lib/contestants.mjs";
import { Server } from "../../bench/lib/server.mjs";
import { root } from "../../scripts/setup.mjs";
import { breakOff, sendByteByByte, sendUnfinished } from "./support/uploads.mjs";

const MIB = 1024 * 1024;
const BODY = JSON.stringify({ redirect_uris: ["https://app.example/cb"], x: "y".repeat(60_000) });

const scratch = mkdtempSync(join(tmpdir(), "rollcall-bodies-"));
const started = [];
after(async () => {
  await Promise.all(started.map((server) => server.stop()));
  rmSync(scratch, { recursive: true, force: true });
});

/** workerd without wrangler, whose proxy would be measured with it. */
async function start(contestant) {
  const server = new Server(contestant, scratch);
  started.push(server);
  await server.start();
  return server;
}

const named = (name) => CONTESTANTS.find((contestant) => contestant.name === name);

describe("a body in 65,000 pieces", { skip: process.platform !== "linux" && "it reads /proc" }, () => {
  /** The least of three runs, in seconds of CPU time: what else the machine does only adds. */
  async function cost(name) {
    const server = await start(named(name));
    const runs = [];
    for (let run = 0; run < 4; run += 1) {
      const before = server.cpu();
      await sendByteByByte(server.ports.http, "x".repeat(65_000));
      await new Promise((resolve) => setTimeout(resolve, 20));
      runs.push(server.cpu() - before);
    }
    // The first one compiles.
    return Math.min(...runs.slice(1));
  }

  test("costs at most twice what it costs a Worker that only takes it in", async () => {
    const [plain, ours] = [await cost("empty"), await cost("rollcall")];
    console.log(`65,000 chunks: ${(plain * 1000).toFixed(0)} ms in a plain Worker, ${(ours * 1000).toFixed(0)} ms here`);
    assert.ok(ours <= 2 * plain, `${ours} s and ${plain} s of CPU time`);
  });
});

/** The bundle with a KV whose values may never come, and a page that says how large the module's memory is. */
function withDeafKv() {
  const outfile = join(scratch, "deaf-kv.js");
  const entryPoints = [join(root, "tests", "e2e", "support", "deaf-kv.mjs")];
  const external = ["./index_bg.wasm", "cloudflare:*"];
  buildSync({ entryPoints, outfile, external, bundle: true, format: "esm", target: "esnext", logLevel: "error" });
  const modules = () => ({ "index.js": outfile, "index_bg.wasm": join(root, "build", "index_bg.wasm") });
  return { ...named("rollcall"), name: "deaf-kv", modules };
}

describe("bodies", () => {
  let server, url;
  before(async () => {
    server = await start(withDeafKv());
    url = `http://127.0.0.1:${server.ports.http}`;
  });

  const moduleBytes = async () => (await (await fetch(`${url}/__test/memory`)).json()).bytes;
  const register = (body, headers = {}) => {
    const sent = { "content-type": "application/json", ...headers };
    return fetch(`${url}/reg`, { method: "POST", headers: sent, body, duplex: "half" });
  };
  /** A body of unknown length. */
  const stream = (...pieces) =>
    new ReadableStream({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(piece));
      },
    });

  test("arrive whole, whatever their pieces", async () => {
    // About the sizes at which the collector asks for more.
    for (const length of [4094, 4095, 4096, 4097, 65_536]) {
      const start = '{"redirect_uris":["https://app.example/cb"],"client_name":"a';
      const name = `a${"\\u0062".repeat(10)}`;
      const body = `${start}${"\\u0062".repeat(10)}"${" ".repeat(length - start.length - 62)}}`;
      assert.equal(body.length, length);
      const cuts = [body, body.slice(0, 4096), body.slice(4096)];
      for (const sent of [body, stream(cuts[0]), stream(cuts[1], cuts[2]), stream(...body.match(/.{1,999}/g))]) {
        const answer = await register(sent);
        assert.equal(answer.status, 201, String(length));
        assert.equal((await answer.json()).client_name, JSON.parse(`"${name}"`));
      }
    }
  });

  test("over 64 KiB are 413, which a client that is still sending gets to see", async () => {
    for (const size of [65_537, 100_000, 200_000]) {
      const pieces = Array.from({ length: Math.ceil(size / 10_000) }, (_, n) => " ".repeat(Math.min(10_000, size - n * 10_000)));
      for (const body of [stream(...pieces), " ".repeat(size)]) {
        const answer = await register(body).catch((error) => assert.fail(`${size} ${typeof body}: ${error.cause}`));
        assert.deepEqual([answer.status, (await answer.json()).error], [413, "invalid_request"], String(size));
      }
    }
  });

  test("that take longer than ten seconds are 408", { timeout: 60_000 }, async () => {
    const { http: port } = server.ports;
    const unfinished = [
      sendUnfinished(port, "{"),
      sendUnfinished(port, "{", "content-length: 100"),
      sendUnfinished(port, " ".repeat(60_000)),
    ];
    for (const { status, milliseconds } of await Promise.all(unfinished)) {
      assert.equal(status, 408);
      assert.ok(milliseconds > 9_000 && milliseconds < 20_000, `${milliseconds} ms`);
    }
  });

  test("3,000 that are broken off leave nothing behind", { timeout: 120_000 }, async () => {
    const { http: port } = server.ports;
    // The memory that a hundred requests at once need anyway.
    const registered = () => Promise.all(Array.from({ length: 100 }, () => register(BODY).then((answer) => answer.text())));
    await registered();
    const before = await moduleBytes();
    for (let sent = 0; sent < 3_000; sent += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => breakOff(port, BODY.slice(0, -1), { reset: n % 2 === 0 })));
    }
    const growth = (await moduleBytes()) - before;
    console.log(`the module's memory grew by ${growth / 1024} KiB over 3,000 broken uploads`);
    assert.ok(growth <= 2 * MIB, `${growth} bytes`);
    assert.equal((await register(BODY)).status, 201);
  });

  test("of 4,000 callers who go away while their client is stored leave nothing behind either", { timeout: 240_000 }, async () => {
    const leave = () => {
      const options = { reset: true, whole: true, header: "test-kv: minute\r\n", after: 100 };
      return Promise.all(Array.from({ length: 100 }, () => breakOff(server.ports.http, BODY, options)));
    };
    // The memory that they need at once: requests of one round and of the next overlap.
    for (let round = 0; round < 3; round += 1) await leave();
    const before = await moduleBytes();
    for (let round = 0; round < 40; round += 1) await leave();
    const growth = (await moduleBytes()) - before;
    console.log(`the module's memory grew by ${growth / 1024} KiB over 4,000 callers who went away`);
    assert.ok(growth <= 8 * MIB, `${growth} bytes`);
    assert.equal((await register(BODY)).status, 201);
  });
});
