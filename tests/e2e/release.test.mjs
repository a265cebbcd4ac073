// A release says one version everywhere, and is never made by accident.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { PLACES, versions } from "../../scripts/release.mjs";

const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "rollcall-release-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const git = (...args) => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, text) => writeFileSync(join(folder, name), text);

function release(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/release.mjs", ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

before(() => {
  const scripts = ["scripts/release.mjs", "scripts/lib/process.mjs"];
  for (const name of new Set([...PLACES.map(([name]) => name), ...scripts])) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(root, name), join(folder, name));
  }
  write("CHANGELOG.md", "# Changes\n\n## Unreleased\n\n- Something new.\n");
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Rollcall");
  git("config", "user.email", "rollcall@localhost");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Before");
});

test("all places have the same version", () => assert.equal(versions().length, 1, versions().join(", ")));

test("what would make no sound release is refused, and changes nothing", () => {
  const [current] = versions();
  const unchanged = [git("rev-parse", "HEAD"), "", ""];
  for (const [args, expected] of [
    [[], /Which version/],
    [["1.2"], /Which version/],
    [[current], /is not newer/],
    [["0.0.9"], /is not newer/],
  ]) {
    const { status, said } = release(...args);
    assert.equal(status, 1, said);
    assert.match(said, expected);
  }
  write("CHANGELOG.md", `${read("CHANGELOG.md")}\n`);
  const uncommitted = git("diff");
  assert.match(release("9.9.9").said, /not committed/);
  assert.equal(git("diff"), uncommitted);
  git("checkout", "--quiet", ".");
  git("checkout", "--quiet", "-b", "other");
  assert.match(release("9.9.9").said, /this is other/);
  assert.deepEqual([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")], unchanged);
  git("checkout", "--quiet", "main");
  assert.deepEqual([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")], unchanged);
});

test("a release has its version everywhere, its changes, a commit and a tag", () => {
  const dry = release("9.10.0", "--dry-run");
  assert.equal(dry.status, 0, dry.said);
  assert.match(dry.said, /Cargo\.lock.*CHANGELOG\.md\nNothing was changed: .*v9\.10\.0/);
  assert.equal(git("status", "--porcelain"), "", "a dry run changes nothing");

  const { status, said } = release("9.10.0");
  assert.equal(status, 0, said);
  for (const [name, pattern] of PLACES) assert.equal(pattern.exec(read(name))[1], "9.10.0", name);
  assert.match(read("CHANGELOG.md"), /^## Unreleased\n\n## 9\.10\.0, \d{4}-\d\d-\d\d\n\n- Something new\.$/m);
  assert.deepEqual([git("status", "--porcelain"), git("describe"), git("cat-file", "-t", "v9.10.0")], ["", "v9.10.0", "tag"]);
  // The addresses of one machine's registry.
  assert.doesNotMatch(read("package-lock.json"), /"resolved"/);

  assert.match(release("9.9.0").said, /is not newer/);
  assert.match(release("9.10.1").said, /nothing under Unreleased/);
});
