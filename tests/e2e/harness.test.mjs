// Guards against a test run that hangs: such a run does not say what failed.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "../../scripts/setup.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { runKeeping } from "../../scripts/lib/process.mjs";
import { digestOf } from "../../scripts/lib/inputs.mjs";
import { binariesIn, countTests, failuresIn } from "../../scripts/lib/results.mjs";
import { ending } from "./support/processes.mjs";

const harness = (name) => JSON.stringify(new URL(name, import.meta.url).href);

test("a server that a failing test left running ends with the tests of its file", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-harness-"));
  const file = join(folder, "leaves.test.mjs");
  writeFileSync(
    file,
    `import { test } from "node:test";
     import { startServer } from ${harness("support/server.mjs")};
     test("fails between a start and a stop", async () => {
       await startServer();
       throw new Error("as tests do");
     });`,
  );
  // Of its own, not a file of the run that this one belongs to.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  try {
    const options = { env, encoding: "utf8", timeout: 60_000 };
    const { status, stdout } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", file], options);
    assert.equal(status, 1, "it has ended, and not for the time-out");
    assert.match(stdout, /as tests do/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a step that does not end is stopped, and has failed", { timeout: 60_000 }, async () => {
  const { ok } = await runKeeping(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { limit: 1 });
  assert.equal(ok, false);
});

test("no port is handed out twice", async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
  assert.equal(new Set(ports).size, 200);
});

test("no port is handed out to two processes", { timeout: 60_000 }, async () => {
  const source = `
    import { freePort } from ${harness("../../scripts/lib/ports.mjs")};
    const ports = [];
    for (let n = 0; n < 300; n += 1) ports.push(await freePort());
    console.log(ports.join());
    // The others are to see that these are taken.
    process.stdin.resume();`;
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, ["--input-type=module", "-e", source]));
  const outputs = children.map(ending);
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  for (const child of children) child.stdin.end();
  const ports = (await Promise.all(outputs)).flatMap(({ stdout }) => stdout.trim().split(","));
  assert.equal(ports.length, 1_200);
  assert.equal(new Set(ports).size, 1_200);
});

test("a step has the tests that cargo and Node say they ran, and shows only what failed", () => {
  const output = [
    "   Compiling rollcall v0.1.0",
    "     Running unittests src/lib.rs (target/debug/deps/rollcall-1)",
    "running 2 tests",
    "test one ... ok",
    "test two ... FAILED",
    "test result: FAILED. 1 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out; finished in 1.50s",
    "     Running tests/gate.rs (target/debug/deps/gate-1)",
    "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.25s",
    "\u2714 three (5ms)",
    "\u2716 four (6ms)",
    "\u2139 pass 1",
    "\u2139 fail 1",
    "\u2139 cancelled 1",
  ].join("\n");
  assert.deepEqual(countTests(output), { passed: 6, failed: 3, skipped: 3 });
  assert.deepEqual(binariesIn(output), [
    { name: "src/lib.rs (native)", ms: 1500 },
    { name: "tests/gate.rs (native)", ms: 250 },
  ]);
  const shown = failuresIn(output);
  for (const failed of ["test two ... FAILED", "\u2716 four"]) assert.ok(shown.includes(failed), shown);
  for (const fine of ["Compiling", "test one", "three"]) assert.ok(!shown.includes(fine), shown);
});

test("of Node's test runner only what failed is shown, not what servers printed meanwhile", () => {
  const output = ["a server is ready", "\u2714 three (5ms)", "\u2716 four (6ms)", "\u2139 fail 1", "", "\u2716 failing tests:", "", "\u2716 four (6ms)", "  Error: five"];
  assert.equal(failuresIn(output.join("\n")), "\u2716 failing tests:\n\n\u2716 four (6ms)\n  Error: five");
});

test("a step is repeated when a file that it depends on has changed", () => {
  const file = (name, content) => ({ name, content: Buffer.from(content) });
  const before = [file("src/a.rs", "a"), file("docs/page.md", "page")];
  const after = [file("src/a.rs", "a"), file("docs/page.md", "another")];
  assert.equal(digestOf(before, ["src"]), digestOf(after, ["src"]));
  assert.notEqual(digestOf(before, [""]), digestOf(after, [""]));
  assert.notEqual(digestOf(before, ["docs"]), digestOf(after, ["docs"]));
  assert.equal(digestOf([], [""]), undefined, "without git nothing is known");
});

test("a module loses the exports that its script does not name, and keeps the names of its functions", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-exports-"));
  try {
    const [module, script] = ["module.wasm", "index.js"].map((name) => join(folder, name));
    // (module (func $kept_function (export "kept")) (func $unused_function (export "unused"))), with the names of the functions
    const bytes = "AGFzbQEAAAABBAFgAAADAwIAAAcRAgRrZXB0AAAGdW51c2VkAAEKBwICAAsCAAsAKARuYW1lASECAA1rZXB0X2Z1bmN0aW9uAQ91bnVzZWRfZnVuY3Rpb24=";
    writeFileSync(module, Buffer.from(bytes, "base64"));
    writeFileSync(script, "wasm.kept();");
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts", "lib", "exports.mjs"), module, script], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const written = readFileSync(module);
    assert.deepEqual(WebAssembly.Module.exports(new WebAssembly.Module(written)), [{ name: "kept", kind: "function" }]);
    assert.match(written.toString("latin1"), /kept_function/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
