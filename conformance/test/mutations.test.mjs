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
let server;
before(async () => (server = await new Server().start()));
after(() => server.stop());

/** The results of some cases against the server with a fault, which begins after the target is explored unless `late` is false. */
async function results(cases, fault = () => {}, { late = true } = {}) {
  const http = new Http({ rate: 0 });
  try {
    server.fault = late ? () => {} : fault;
    const target = await new Target({ http, options: { issuer: server.url, redirectHost: "client.example.com" } }).explore();
    server.fault = fault;
    return await runCases(cases, { target, named: readExpectations(), values: readValues(), parallel: 8 });
  } finally {
    server.fault = () => {};
    http.close();
  }
}

test("a right server fails no case, apart from hardening that it does not have", async () => {
  const failed = (await results(all)).filter(({ outcome }) => outcome === "failed");
  assert.deepEqual(failed.filter(({ level }) => level !== "hardening").map(({ id, reason }) => [id, reason]), []);
  assert.ok(failed.length < 30, `${failed.length} cases of hardening failed`);
});

for (const [name, fault, ids, { announced = false } = {}] of MUTATIONS) {
  test(`a server is noticed if ${name}`, async () => {
    const cases = all.filter(({ id }) => ids.includes(id));
    assert.deepEqual(cases.map(({ id }) => id).sort(), [...ids].sort(), "there is no such case");
    const right = await results(cases);
    const expected = announced ? "skipped" : "passed";
    assert.deepEqual(right.map(({ id, outcome, reason }) => [id, outcome, !reason]), cases.map(({ id }) => [id, expected, !announced]));
    const wrong = await results(cases, fault, { late: !announced });
    for (const { id, outcome, reason, exchanges } of wrong) {
      assert.equal(outcome, "failed", `${id}: ${reason}`);
      assert.ok(exchanges.length > 0 && reason.length > 0, "a failure shows its exchange");
    }
  });
}
