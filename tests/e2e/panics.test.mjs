// A bundle that can be made to panic, by a method of its own: only that request and those in flight end. It has probes for
// promises, too, which the released bundle lacks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { own, register } from "./support/operator.mjs";
import { startServer } from "./support/server.mjs";

test("a request can wait for two promises at once", async () => {
  const server = await startServer({ entry: "tests/e2e/support/slow-kv.mjs" });
  try {
    for (const [asked, expected] of [
      ["join/300/50", "300 50"],
      ["join/50/300", "50 300"],
      ["join/100/100", "100 100"],
      ["select/20/50", "20 50"],
      // The first read is settled while the second one is waited for.
      ["select/300/600", "timeout 600"],
      ["select/never/600", "timeout 600"],
    ]) {
      const answer = await fetch(`${server.url}/__probe/${asked}`, { signal: AbortSignal.timeout(20_000) });
      assert.deepEqual([answer.status, await answer.text()], [200, expected], asked);
    }
    const lost = await fetch(`${server.url}/__probe/join/never/50`, { signal: AbortSignal.timeout(20_000) });
    assert.equal(lost.status, 500);
  } finally {
    await server.stop();
  }
});

/** The status of an answer, and how many milliseconds it took. */
async function timed(answering) {
  const started = performance.now();
  const { status } = await answering;
  return { status, milliseconds: performance.now() - started };
}

test("after a panic the next request is served", async () => {
  const server = await startServer({ entry: "build-panic/index.js" });
  try {
    await register(server);
    const panic = fetch(`${server.url}/reg`, { method: "PROPPATCH", signal: AbortSignal.timeout(20_000) });
    const { status, milliseconds } = await timed(panic);
    assert.equal(status, 500);
    // It waited for nothing.
    assert.ok(milliseconds < 1000, `${milliseconds} ms`);
    const served = await register(server);
    assert.equal((await own(server, served, served.registration_access_token)).status, 200);
  } finally {
    await server.stop();
  }
});

test("a panic ends the requests in flight, and no later request gets what they waited for", async () => {
  const server = await startServer({ entry: "tests/e2e/support/slow-kv.mjs" });
  try {
    const read = ({ registration_client_uri, registration_access_token }) => {
      const headers = { authorization: `Bearer ${registration_access_token}` };
      return fetch(registration_client_uri, { headers, signal: AbortSignal.timeout(20_000) });
    };
    const panic = async () => {
      const { status } = await fetch(`${server.url}/reg`, { method: "PROPPATCH", signal: AbortSignal.timeout(20_000) });
      assert.equal(status, 500);
    };
    const [one, two] = [await register(server, "one"), await register(server, "two")];
    // Both reads are the first work of a module.
    await panic();
    const others = Promise.all(Array.from({ length: 10 }, () => timed(read(one))));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await panic();
    const later = await read(two);
    assert.equal(later.status, 200);
    assert.equal((await later.json()).client_name, "two");
    const longest = Math.max(...(await others).map(({ milliseconds }) => milliseconds));
    console.log(`the requests in flight at a panic took ${longest.toFixed(0)} ms at most, their KV 1000 ms`);
    for (const { status } of await others) assert.equal(status, 500);
    assert.ok(longest < 2000, `${longest} ms`);
  } finally {
    await server.stop();
  }
});
