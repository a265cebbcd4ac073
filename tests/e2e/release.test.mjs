// A release says one version everywhere, and is never made by accident.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { freePort } from "../../scripts/lib/ports.mjs";
import { PLACES, versions } from "../../scripts/release.mjs";

const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "rollcall-release-"));
after(() => {
  downloads.close();
  rmSync(folder, { recursive: true, force: true });
});

const git = (...args) => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, text) => writeFileSync(join(folder, name), text);

// The published binaries of wasm-bindgen, as a server of this machine has them: each is a script in an archive.
const { version } = /name = "wasm-bindgen"\nversion = "(?<version>.+)"/.exec(readFileSync(join(root, "Cargo.lock"), "utf8")).groups;
const archives = new Map();
const downloads = createServer(({ url }, response) => response.end(archiveFor(/([^/]+)\.tar\.gz$/.exec(url)[1])));

/** Names the platform, so that each digest is another. */
function archiveFor(name) {
  if (!archives.has(name)) {
    const made = mkdtempSync(join(folder, "archive-"));
    mkdirSync(join(made, name));
    writeFileSync(join(made, name, "wasm-bindgen"), `#!/bin/sh\necho ${name}\n`);
    archives.set(name, execFileSync("tar", ["-czf", "-", "-C", made, name]));
    rmSync(made, { recursive: true });
  }
  return archives.get(name);
}

const mirror = () => `http://127.0.0.1:${downloads.address().port}`;

/** Runs a script of the copied folder; downloads come from our server, or with `offline` from nowhere. */
async function runScript(args, { offline = false, ...env } = {}) {
  const ROLLCALL_DOWNLOADS = offline ? `http://127.0.0.1:${await freePort()}` : mirror();
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ROLLCALL_DOWNLOADS, ...env } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const [status] = await once(child, "close");
  return { status, said };
}

const release = (args, options) => runScript(["scripts/release.mjs", ...args], options);

before(async () => {
  downloads.listen(0, "127.0.0.1");
  await once(downloads, "listening");
  const scripts = readdirSync(join(root, "scripts/lib")).map((name) => `scripts/lib/${name}`);
  scripts.push("scripts/release.mjs", "scripts/downloads.json", "scripts/settings.json", "scripts/bindgen/Cargo.lock", "rust-toolchain.toml");
  for (const name of new Set([...PLACES.map(([name]) => name), ...scripts])) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(root, name), join(folder, name));
  }
  // Takes the place of the one that builds.
  write("scripts/package.mjs", 'console.log("SHA-256 of the package");\n');
  const settings = JSON.parse(read("scripts/settings.json"));
  write("scripts/settings.json", JSON.stringify({ ...settings, unreleased: { new: ["X"], renamed: {}, gone: [] } }, null, 2));
  write("CHANGELOG.md", "# Changes\n\n## Unreleased\n\n- Something new.\n");
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Rollcall");
  git("config", "user.email", "rollcall@localhost");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Before");
});

test("all places have the same version", () => assert.equal(versions().length, 1, versions().join(", ")));

test("a release that would not be sound is rejected, and changes nothing", async () => {
  const [current] = versions();
  const unchanged = [git("rev-parse", "HEAD"), "", ""];
  for (const [args, expected] of [
    [[], /Which version/],
    [["1.2"], /Which version/],
    [[current], /is not newer/],
    [["0.0.9"], /is not newer/],
  ]) {
    const { status, said } = await release(args);
    assert.equal(status, 1, said);
    assert.match(said, expected);
  }
  write("CHANGELOG.md", `${read("CHANGELOG.md")}\n`);
  const uncommitted = git("diff");
  assert.match((await release(["9.9.9"])).said, /not committed/);
  assert.equal(git("diff"), uncommitted);
  git("checkout", "--quiet", ".");
  git("checkout", "--quiet", "-b", "other");
  assert.match((await release(["9.9.9"])).said, /this is other/);
  assert.deepEqual([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")], unchanged);
  git("checkout", "--quiet", "main");
  assert.deepEqual([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")], unchanged);
});

test("a release has its version everywhere, its changes, a commit and a tag", async () => {
  const dry = await release(["9.10.0", "--dry-run"]);
  assert.equal(dry.status, 0, dry.said);
  assert.match(dry.said, /Cargo\.lock.*CHANGELOG\.md.*\nNothing was changed: .*v9\.10\.0/);
  assert.equal(git("status", "--porcelain"), "", "a dry run changes nothing");

  const { status, said } = await release(["9.10.0"]);
  assert.equal(status, 0, said);
  for (const [name, pattern] of PLACES) assert.equal(pattern.exec(read(name))[1], "9.10.0", name);
  assert.match(said, /^SHA-256 of the package$/m);
  const settings = JSON.parse(read("scripts/settings.json"));
  assert.deepEqual([settings["9.10.0"].new, settings.unreleased], [["X"], undefined]);
  assert.match(read("CHANGELOG.md"), /^## Unreleased\n\n## 9\.10\.0, \d{4}-\d\d-\d\d\n\n- Something new\.$/m);
  assert.deepEqual([git("status", "--porcelain"), git("describe"), git("cat-file", "-t", "v9.10.0")], ["", "v9.10.0", "tag"]);
  // The addresses of one machine's registry.
  assert.doesNotMatch(read("package-lock.json"), /"resolved"/);

  assert.match((await release(["9.9.0"])).said, /is not newer/);
  const before = [git("rev-parse", "HEAD"), "", git("tag")];
  const [sound, changes] = [read("scripts/package.mjs"), read("CHANGELOG.md")];
  write("scripts/package.mjs", "process.exit(1);\n");
  write("CHANGELOG.md", changes.replace("## Unreleased\n", "## Unreleased\n\n- Never packed.\n"));
  git("commit", "--quiet", "--all", "--message", "A package that cannot be made");
  assert.match((await release(["9.10.1"])).said, /package\.mjs failed/);
  assert.deepEqual([git("rev-parse", "HEAD~"), git("status", "--porcelain"), git("tag")], before);
  write("scripts/package.mjs", sound);
  write("CHANGELOG.md", changes);
  git("commit", "--quiet", "--all", "--message", "A package that can be made");
  assert.match((await release(["9.10.1"])).said, /nothing under Unreleased/);
});

test("a release records the digests of the binaries that a set-up may download, and keeps them without a network", async () => {
  const digests = JSON.parse(read("scripts/downloads.json"));
  const platforms = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin", "aarch64-apple-darwin"];
  assert.deepEqual(Object.keys(digests), platforms.map((platform) => `wasm-bindgen-${version}-${platform}.tar.gz`));
  for (const [name, digest] of Object.entries(digests)) {
    assert.equal(digest, createHash("sha256").update(archiveFor(name.replace(".tar.gz", ""))).digest("hex"), name);
  }

  write("CHANGELOG.md", read("CHANGELOG.md").replace("## Unreleased\n", "## Unreleased\n\n- Something else.\n"));
  git("commit", "--quiet", "--all", "--message", "Something else");
  const { status, said } = await release(["9.11.0"], { offline: true });
  assert.equal(status, 0, said);
  assert.match(said, /are not recorded anew: .*ECONNREFUSED/);
  assert.deepEqual(JSON.parse(read("scripts/downloads.json")), digests);
});

test("a set-up uses a downloaded binary only if its digest is the recorded one", async () => {
  const source = `
    const { findWasmBindgen } = await import("./scripts/lib/wasm-bindgen.mjs");
    console.log("found", await findWasmBindgen());`;
  const find = async (options) => {
    const ROLLCALL_TOOLS_DIR = mkdtempSync(join(folder, "tools-"));
    // Without cargo nothing else can be used.
    const PATH = mkdtempSync(join(folder, "path-"));
    for (const name of ["tar", "gzip", "sh"]) symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(PATH, name));
    const { said } = await runScript(["--input-type=module", "-e", source], { ...options, ROLLCALL_TOOLS_DIR, PATH });
    return { said, installed: existsSync(join(ROLLCALL_TOOLS_DIR, `wasm-bindgen-${version}`)) };
  };
  const recorded = read("scripts/downloads.json");
  const right = await find();
  assert.match(right.said, /found .*wasm-bindgen/);
  assert.ok(right.installed);

  for (const [digests, options, expected] of [
    [recorded.replaceAll(/: ".{4}/g, ': "0000'), {}, /cannot be used: its SHA-256 is [0-9a-f]{64}, and 0000.* is recorded[^]*cargo install/],
    [recorded, { offline: true }, /cannot be used: .*ECONNREFUSED[^]*cargo install/],
    ["{}", {}, /^Building wasm-bindgen .* with cargo[^]*cargo install/],
  ]) {
    write("scripts/downloads.json", digests);
    const { said, installed } = await find(options);
    assert.match(said, expected);
    assert.ok(!installed, said);
  }
});
