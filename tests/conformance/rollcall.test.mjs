// The conformance suite against Rollcall: no case of any level fails. Everything runs over the command of the suite.

import { startRollcall } from "./support/rollcall.mjs";

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { runSuite } from "./support/suite.mjs";

const folder = mkdtempSync(join(tmpdir(), "rollcall-conformance-"));
let rollcall;
before(async () => (rollcall = await startRollcall()));
after(async () => {
  await rollcall?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("Rollcall passes the conformance suite", async () => {
  const json = join(folder, "report.json");
  const { code, output } = await runSuite([rollcall.issuer, ...rollcall.args, "--json", json, "--fail-on", "hardening"]);
  assert.equal(code, 0, output);
  const { all, cases } = JSON.parse(readFileSync(json, "utf8"));
  assert.equal(all.failed, 0);
  // A case that is skipped checks nothing: more than these would mean that the server does not offer what it should.
  assert.ok(all.passed >= 790 && all.skipped <= 60, JSON.stringify(all));
  const groups = new Set(cases.filter(({ outcome }) => outcome === "passed").map(({ id }) => id.split("/")[0]));
  assert.equal(groups.size, 15, [...groups].join(", "));
  assert.doesNotMatch(output, /could not be deleted/);
});
