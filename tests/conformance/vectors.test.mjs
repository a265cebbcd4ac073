// The conformance suite and tests/vectors agree: UPDATE_VECTORS=1 npm test -- conformance writes the case files anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { generated } from "./support/generated.mjs";

const fileOf = (name) => new URL(`../../conformance/cases/${name}`, import.meta.url);

for (const [name, text] of Object.entries(generated())) {
  test(`conformance/cases/${name} is made of the vectors`, () => {
    if (process.env.UPDATE_VECTORS) writeFileSync(fileOf(name), text);
    assert.ok(readFileSync(fileOf(name), "utf8") === text, `${name} is not what tests/vectors has: run UPDATE_VECTORS=1 npm test -- conformance vectors`);
  });
}
