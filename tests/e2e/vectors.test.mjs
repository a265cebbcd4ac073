// The corpus of real clients' registrations, on workerd: the same outcomes as natively.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { startServer } from "./support/server.mjs";

const load = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url)));
const { vectors } = load("clients");
const { everything } = load("servers");

for (const [name, vars] of [
  ["shipped", {}],
  ["everything", { METADATA: everything }],
]) {
  test(`every client of the corpus gets its outcome from the server '${name}'`, async () => {
    const server = await startServer({ assets: false, vars });
    try {
      for (const vector of vectors.filter((vector) => vector.server === name)) {
        const answer = await fetch(`${server.url}/reg`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(vector.request),
        });
        const body = await answer.json();
        const { status, effective, error, errors } = vector.outcome;
        assert.equal(answer.status, status, vector.name);
        if (status === 201) {
          // Everything but the credentials, which only one answer has.
          const registered = Object.fromEntries(Object.keys(effective).map((key) => [key, body[key]]));
          assert.deepEqual(registered, effective, vector.name);
        } else {
          assert.equal(body.error, error, vector.name);
          const found = body.errors.map(({ member, rule, spec }) => ({ member, rule, spec }));
          assert.deepEqual(found, errors, vector.name);
        }
      }
    } finally {
      await server.stop();
    }
  });
}
