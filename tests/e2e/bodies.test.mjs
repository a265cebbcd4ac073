// Request bodies on the real runtime: what they cost, how long they may take, and what is left of those that nobody
// finishes.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { collect } from "../../bundle/src/edge/glue.js";
import { contestant, moduleBytes, startBare, withDeafKv } from "./support/bare-server.mjs";
import { breakOff, sendByteByByte, sendUnfinished } from "./support/uploads.mjs";

const MIB = 1024 * 1024;
const BODY = JSON.stringify({ redirect_uris: ["https://app.example/cb"], x: "y".repeat(60_000) });

describe("a body in pieces of one byte", { skip: process.platform !== "linux" && "it reads /proc" }, () => {
  let plain, server;

  /** The least of `count` uploads, in seconds of CPU time: what else the machine does only adds. The first one compiles. */
  async function cost(on, status, { length = 65_000, count = 3, ...request } = {}) {
    const runs = [];
    for (let run = 0; run <= count; run += 1) {
      const before = on.cpu();
      const answer = await sendByteByByte(on.ports.http, "x".repeat(length), request);
      assert.equal(answer.status, status, `${on.contestant.name} ${request.method ?? "POST"}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      runs.push(on.cpu() - before);
    }
    return Math.min(...runs.slice(1));
  }

  before(async () => {
    plain = await cost(await startBare(contestant("empty")), 201);
    server = await startBare(contestant("rollcall"));
  });

  const within = (seconds, times, what) => {
    const told = `${(plain * 1000).toFixed(0)} ms in a plain Worker, ${(seconds * 1000).toFixed(0)} ms here`;
    console.log(`${what}: ${told}`);
    assert.ok(seconds <= times * plain, told);
  };

  test("costs a registration at most twice what it costs a Worker that only takes it in", async () => {
    within(await cost(server, 400), 2, "65,000 chunks");
  });

  // Where the module read the pieces, one upload cost 7 s.
  test("costs an update no more, whether its token is right or not", async () => {
    const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"] });
    const headers = { "content-type": "application/json" };
    const registered = await fetch(`${server.url}/reg`, { method: "POST", headers, body });
    const { client_id, registration_access_token: token } = await registered.json();
    const update = (bearer) => ({ method: "PUT", path: `/reg/${client_id}`, header: `authorization: Bearer ${bearer}\r\n` });
    within(await cost(server, 401, update("x")), 2, "65,000 chunks of a stranger's update");
    within(await cost(server, 401, update(`${"A".repeat(42)}Q`)), 2, "65,000 chunks with a made-up token");
    within(await cost(server, 400, update(token)), 2, "65,000 chunks of a holder's update");
  });

  test("is not drained when it is too large", { timeout: 60_000 }, async () => {
    const seconds = await cost(server, 413, { length: MIB, count: 1, stay: 3_000 });
    within(seconds, 4, "a million chunks, of which 65,537 are read");
  });
});

describe("the collector of bodies", () => {
  /** A body of `length` bytes that arrives as it is asked for, and then nothing more comes. */
  const unfinished = (length, asked) => {
    let left = length;
    const readAtLeast = (least, view) => {
      asked.push({ arrived: length - left, bytes: view.byteLength });
      if (left < least) return new Promise(() => {});
      left -= least;
      return Promise.resolve({ done: false, value: view.subarray(0, least) });
    };
    return { body: { getReader: () => ({ readAtLeast, cancel: () => Promise.resolve() }) } };
  };

  // A thousand senders who stop after 5,000 bytes once held 61 MB of an isolate's 128 MB.
  test("asks for no more memory than has arrived, and for 64 KiB in six reads", async () => {
    for (const length of [0, 1, 4_096, 5_000, 20_000, 65_536]) {
      const asked = [];
      assert.equal(await collect(unfinished(length, asked), 65_536, 10), "too slow");
      assert.ok(asked.length <= 6, `${asked.length} reads of ${length} bytes`);
      for (const { arrived, bytes } of asked) assert.ok(bytes <= Math.max(4_096, arrived), `${bytes} after ${arrived}`);
    }
  });
});

describe("bodies", () => {
  let server;
  before(async () => (server = await startBare(withDeafKv())));

  const register = (body, headers = {}) => {
    const sent = { "content-type": "application/json", ...headers };
    return fetch(`${server.url}/reg`, { method: "POST", headers: sent, body, duplex: "half" });
  };
  const registered = async () => (await register(BODY)).json();
  /** An update by the holder of a client. */
  const update = async () => {
    const { client_id, registration_access_token: token } = await registered();
    return { method: "PUT", path: `/reg/${client_id}`, header: `authorization: Bearer ${token}\r\n` };
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

  test("that take longer than ten seconds are 408, and 1,000 of them hold no memory of the module", { timeout: 60_000 }, async () => {
    const { http: port } = server.ports;
    const before = await moduleBytes(server);
    const resident = server.memory();
    const unfinished = [
      sendUnfinished(port, "{"),
      sendUnfinished(port, "{", "content-length: 100"),
      sendUnfinished(port, " ".repeat(60_000)),
      ...Array.from({ length: 1_000 }, () => sendUnfinished(port, " ".repeat(5_000))),
    ];
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const [growth, held] = [(await moduleBytes(server)) - before, server.memory() - resident];
    const answers = await Promise.all(unfinished);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [408]);
    for (const { milliseconds } of answers.slice(0, 3)) {
      assert.ok(milliseconds > 9_000 && milliseconds < 20_000, `${milliseconds} ms`);
    }
    console.log(`1,000 unfinished bodies: ${growth / 1024} KiB of the module, ${(held / MIB).toFixed(0)} MiB of the process`);
    assert.ok(growth <= 8 * MIB, `${growth} bytes`);
    assert.equal((await register(BODY)).status, 201);
  });

  test("3,000 that are broken off leave nothing behind", { timeout: 120_000 }, async () => {
    const { http: port } = server.ports;
    // The memory that a hundred requests at once need anyway.
    await Promise.all(Array.from({ length: 100 }, registered));
    const holders = await update();
    const before = await moduleBytes(server);
    const started = performance.now();
    for (let sent = 0; sent < 3_000; sent += 500) {
      const send = (n) => breakOff(port, BODY.slice(0, -1), { reset: n % 4 < 2, after: 100, ...(n % 2 ? holders : {}) });
      await Promise.all(Array.from({ length: 500 }, (_, n) => send(n)));
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const growth = (await moduleBytes(server)) - before;
    console.log(`the module's memory grew by ${growth / 1024} KiB over 3,000 broken uploads in ${seconds} s`);
    assert.ok(growth <= 2 * MIB, `${growth} bytes`);
    assert.equal((await register(BODY)).status, 201);
  });

  async function leaveInTheMiddle(count, { header = "", ...request }) {
    const options = { reset: true, whole: true, ...request, header: `${header}test-kv: minute\r\n`, after: 100 };
    const leave = () => Promise.all(Array.from({ length: 100 }, () => breakOff(server.ports.http, BODY, options)));
    // The memory that they need at once: requests of one round and of the next overlap.
    for (let round = 0; round < 3; round += 1) await leave();
    const before = await moduleBytes(server);
    for (let round = 0; round < count / 100; round += 1) await leave();
    const growth = (await moduleBytes(server)) - before;
    console.log(`the module's memory grew by ${growth / 1024} KiB over ${count} callers who went away`);
    assert.ok(growth <= 4 * MIB, `${growth} bytes`);
    assert.equal((await register(BODY)).status, 201);
  }

  test("of 4,000 callers who go away while their client is stored leave nothing behind either", { timeout: 240_000 }, () =>
    leaveInTheMiddle(4_000, {}));

  // An update reads the client before its body.
  test("of 2,000 callers who go away while their client is read leave nothing behind either", { timeout: 240_000 }, async () =>
    leaveInTheMiddle(2_000, await update()));
});
