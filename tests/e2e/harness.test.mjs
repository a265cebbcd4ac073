// What keeps a test run from hanging: a run that hangs tells nothing of what failed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { freePort } from "../../scripts/lib/ports.mjs";
import { runKeeping } from "../../scripts/lib/process.mjs";

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
