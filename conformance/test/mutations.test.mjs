// The runner notices what is wrong: the right server passes, and each mutation of its responses fails its cases.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { loadCases, readExpectations, readValues } from "../lib/cases.mjs";
import { Http } from "../lib/http.mjs";
import { runCases } from "../lib/runner.mjs";
import { Target } from "../lib/target.mjs";
import { MUTATIONS } from "./mutations.mjs";
import { Server } from "./server.mjs";

const all = loadCases();
const context = { named: readExpectations(), values: readValues(), parallel: 8 };
const options = { redirectHost: "client.example.com" };
const http = new Http({ rate: 0 });
let server;
/** The server as it is without a fault, explored once, and the result of each case there. */
let explored;
let right;
before(async () => {
  server = await new Server().start();
  explored = await explore();
  right = new Map((await runCases(all, { target: explored, ...context })).map((result) => [result.id, result]));
});
after(() => {
  http.close();
  server.stop();
});

const explore = () => new Target({ http, options: { issuer: server.url, ...options } }).explore();

/** The results of some cases against the server with a fault. The target is explored with it too if it `isAnnounced`. */
async function results(cases, fault, isAnnounced) {
  try {
    server.fault = fault;
    return await runCases(cases, { target: isAnnounced ? await explore() : explored, ...context });
  } finally {
    server.fault = () => {};
  }
}

test("a right server fails no case, apart from hardening that it does not have", () => {
  const failed = [...right.values()].filter(({ outcome }) => outcome === "failed");
  assert.deepEqual(failed.filter(({ level }) => level !== "hardening").map(({ id, reason }) => [id, reason]), []);
  assert.ok(failed.length < 30, `${failed.length} cases of hardening failed`);
});

for (const [name, fault, ids, { announced = false } = {}] of MUTATIONS) {
  test(`a server is noticed if ${name}`, async () => {
    const cases = all.filter(({ id }) => ids.includes(id));
    assert.deepEqual(cases.map(({ id }) => id).sort(), [...ids].sort(), "there is no such case");
    const expected = announced ? "skipped" : "passed";
    assert.deepEqual(cases.map(({ id }) => [id, right.get(id).outcome, !right.get(id).reason]), cases.map(({ id }) => [id, expected, !announced]));
    for (const { id, outcome, reason, exchanges } of await results(cases, fault, announced)) {
      assert.equal(outcome, "failed", `${id}: ${reason}`);
      assert.ok(exchanges.length > 0 && reason.length > 0, "a failure shows its exchange");
    }
  });
}
