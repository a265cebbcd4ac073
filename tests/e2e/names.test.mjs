// Names in scripts, pages and tests: each must be declared, also in lines that no test runs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = fileURLToPath(new URL("support/undeclared.mjs", import.meta.url));

/** The output of the program for these files. */
function undeclaredIn(files) {
  const options = { cwd: root, encoding: "utf8" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-internals", program, ...files], options);
  assert.equal(status, 0, stderr);
  return stdout;
}

test("no script, page or test uses a name that it does not declare", () => {
  const folders = ["scripts", "public", "tests", "examples", "bench", "bundle"];
  const below = (folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name));
  const isOurs = (name) => /\.m?js$/.test(name) && !/node_modules|[/\\](build|dist|target|\.wrangler)[/\\]/.test(name);
  const files = folders.flatMap(below).filter(isOurs);
  assert.ok(files.length > 150, `${files.length} files`);
  assert.equal(undeclaredIn(files), "");
});

test("a name that is declared nowhere in its file is found, and other names are not", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-names-"));
  const file = join(folder, "a.mjs");
  const source = `import { a as b } from "x";
    export { c as d } from "y";
    const { e: f = 1, ...g } = b, [h] = g;
    label: for (const i of h) { if (i.member) continue label; }
    export default class J { method({ k }) { try { return { f, key: k }; } catch (l) { return l; } } }
    missing({ other: f });`;
  try {
    writeFileSync(file, source);
    assert.equal(undeclaredIn([file]), `${file}:6: missing\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
