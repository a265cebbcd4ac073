// The benchmark does what it says, on so few requests that its figures mean nothing: no timing is looked at.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-test-"));
const file = join(folder, "figures.json");
after(() => rmSync(folder, { recursive: true, force: true }));

const bench = (...args) =>
  promisify(execFile)(process.execPath, [join(root, "bench", "bench.mjs"), "--smoke", ...args], { timeout: 400_000 });

describe("the benchmark", { skip: process.platform !== "linux" && "it reads /proc" }, () => {
  let printed, results;
  before(async () => {
    printed = (await bench("--json", file)).stdout;
    results = JSON.parse(readFileSync(file, "utf8"));
  });

  // It ends at the first answer that has another status than expected, is not JSON or lacks what it is about.
  test("every contestant has answered everything that it can do", () => {
    const edge = ["empty", "floor-js", "again", "floor-wasm", "oauth-provider", "oidc-provider"];
    const all = [...edge, "rollcall", "rollcall-limits", "rollcall-policy", "rollcall-sealed"].sort();
    const withKeys = [...all, "rollcall-keys", "rollcall-statements"].sort();
    const without = ["rollcall", "rollcall-limits"];
    const lookUp = ["rollcall", "rollcall-keys", "rollcall-limits", "rollcall-sealed"];
    const able = { register: withKeys, discover: all, "look-up": lookUp };
    for (const operation of ["authenticate", "update", "rotate"]) able[operation] = without;
    Object.assign(able, { repeat: ["rollcall-keys"], statement: ["rollcall-statements"], "look-up-secret": ["rollcall-sealed"] });
    for (const [operation, names] of Object.entries(able)) {
      assert.deepEqual(Object.keys(results.costs[operation]).sort(), names, operation);
    }
    for (const found of [results.coldStarts, results.memory]) assert.deepEqual(Object.keys(found).sort(), withKeys);
  });

  test("every figure is a positive, finite number", () => {
    const { costs, coldStarts, memory, bundles, bodies, expensive, records } = results;
    let figures = 0;
    const look = (value, path) => {
      if (typeof value === "string") return;
      if (typeof value === "object" && value !== null) {
        for (const [name, one] of Object.entries(value)) look(one, `${path}/${name}`);
        return;
      }
      figures += 1;
      assert.ok(Number.isFinite(value) && value > 0, `${path} is ${value}`);
    };
    look({ costs, coldStarts, memory, bundles, bodies, expensive, records }, "");
    assert.equal(new Set(expensive.map(({ body, contestant }) => `${body} ${contestant}`)).size, 6);
    assert.ok(figures > 500, `${figures} figures`);
  });

  test("the report has a row for each contestant and no hole", () => {
    for (const label of ["**Rollcall**", "floor, Rust", "workers-oauth-provider", "oidc-provider on node"]) {
      assert.ok(printed.includes(`| ${label} |`), label);
    }
    assert.doesNotMatch(printed, /NaN|undefined|Infinity/);
  });

  // As docs/performance.md has them, of the released bundle.
  test("Rollcall's calls cost the KV operations that they are said to cost", () => {
    const of = (counted) => Object.entries(counted).filter(([, count]) => count > 0);
    const operations = Object.fromEntries(Object.entries(results.operations.rollcall).map(([name, one]) => [name, of(one)]));
    assert.deepEqual(operations.register, [["put", 1]]);
    for (const operation of ["read", "look-up", "authenticate"]) assert.deepEqual(operations[operation], [["get", 1]]);
    for (const operation of ["discover", "refuse"]) assert.deepEqual(operations[operation], []);
    for (const operation of ["update", "rotate"]) {
      assert.deepEqual(operations[operation], [["get", 1], ["put", 1], ["object", 2]], operation);
    }
    assert.deepEqual(of(results.operations["rollcall-keys"].repeat), [["get", 1], ["object", 1]]);
    assert.deepEqual(of(results.operations["rollcall-statements"].statement), [["put", 1]]);
    assert.deepEqual(operations["first look-up in a day"], [["get", 2], ["put", 1], ["object", 2]]);
  });

  test("only some operations can be asked for", async () => {
    const { stdout } = await bench("--only", "repeat,statement", "--json", file);
    const { costs, operations, coldStarts } = JSON.parse(readFileSync(file, "utf8"));
    assert.deepEqual(Object.keys(costs), ["statement", "repeat"]);
    assert.ok(!("empty" in operations) && !coldStarts, "nothing else was measured");
    assert.doesNotMatch(stdout, /NaN|undefined|Infinity/);
    await assert.rejects(bench("--only", "revoke"), /--only knows register/);
  });
});
