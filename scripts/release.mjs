// npm run release -- X.Y.Z [--dry-run]: sets the version in every file, moves the unreleased changes of CHANGELOG.md and
// scripts/settings.json below it, records the digests of the tools that a set-up may download, builds the npm package, commits
// and tags. It pushes and publishes nothing.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { Hint, run } from "./lib/process.mjs";
import { publishedDigests } from "./lib/wasm-bindgen.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Each file with the version, and the line that has it. */
export const PLACES = [
  ["Cargo.toml", /^version = "(.+)"$/m],
  ["bundle/Cargo.toml", /^version = "(.+)"$/m],
  ["bundle/checkup/Cargo.toml", /^version = "(.+)"$/m],
  ["Cargo.lock", /^name = "rollcall"\nversion = "(.+)"$/m],
  ["Cargo.lock", /^name = "rollcall-bundle"\nversion = "(.+)"$/m],
  ["Cargo.lock", /^name = "rollcall-checkup"\nversion = "(.+)"$/m],
  ["fuzz/Cargo.lock", /^name = "rollcall"\nversion = "(.+)"$/m],
  ["package.json", /^ {2}"version": "(.+)",$/m],
  ["package-lock.json", /^ {2}"version": "(.+)",$/m],
  ["package-lock.json", /^ {6}"name": "rollcall",\n {6}"version": "(.+)",$/m],
  ["public/openapi.json", /^ {2}"version": "(.+)",$/m],
];

const read = (name) => readFileSync(join(root, name), "utf8");
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

/** The distinct versions in these files. */
export function versions() {
  const found = PLACES.map(([name, pattern]) => pattern.exec(read(name))?.[1] ?? `none in ${name}`);
  return [...new Set(found)];
}

function newer(next, before) {
  const [a, b] = [next, before].map((version) => version.split(".").map(Number));
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at] > b[at];
}

function check(version) {
  const [before, ...others] = versions();
  if (others.length > 0) throw new Hint(`The files have different versions: ${[before, ...others].join(", ")}.`);
  if (!/^\d+\.\d+\.\d+$/.test(version ?? "")) throw new Hint("Which version? npm run release -- X.Y.Z [--dry-run]");
  if (!newer(version, before)) throw new Hint(`${version} is not newer than ${before}.`);
  const branch = git("rev-parse", "--abbrev-ref", "HEAD");
  if (branch !== "main") throw new Hint(`A release is made on the branch main; this is ${branch}.`);
  if (git("status", "--porcelain") !== "") throw new Hint("There are changes that are not committed.");
  if (git("tag", "--list", `v${version}`) !== "") throw new Hint(`The tag v${version} exists already.`);
}

/** The files with the new version. */
function released(version) {
  const files = new Map();
  const current = (name) => files.get(name) ?? read(name);
  for (const [name, pattern] of PLACES) {
    files.set(name, current(name).replace(pattern, (line, old) => line.replace(`"${old}"`, `"${version}"`)));
  }
  const changes = /^## Unreleased\n+(?=\S)(?!## )/m;
  if (!changes.test(read("CHANGELOG.md"))) throw new Hint("CHANGELOG.md has nothing under Unreleased.");
  const heading = `## Unreleased\n\n## ${version}, ${new Date().toISOString().slice(0, 10)}\n\n`;
  files.set("scripts/settings.json", read("scripts/settings.json").replace('"unreleased": {', `"${version}": {`));
  return files.set("CHANGELOG.md", read("CHANGELOG.md").replace(changes, heading));
}

/** Builds the npm package and prints its SHA-256. If that fails, the changed files are restored. */
function pack() {
  try {
    run(process.execPath, [join(root, "scripts", "package.mjs")], { cwd: root });
  } catch (error) {
    git("checkout", "--quiet", "--", ".");
    throw error;
  }
}

/** The file with the digests of downloads; unchanged if the downloads cannot be reached. */
async function recorded() {
  try {
    return `${JSON.stringify(await publishedDigests(), null, 2)}\n`;
  } catch (error) {
    console.log(`The digests of wasm-bindgen's binaries are not recorded anew: ${error.cause?.message ?? error.message}.`);
    return read("scripts/downloads.json");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { "dry-run": { type: "boolean" } }, allowPositionals: true });
  const [version] = positionals;
  check(version);
  const files = released(version).set("scripts/downloads.json", await recorded());
  console.log(`${version}: ${[...files.keys()].join(", ")}`);
  if (values["dry-run"]) {
    console.log(`Nothing was changed: it would be the commit "release: set the version to ${version}", with the tag v${version}.`);
  } else {
    for (const [name, text] of files) writeFileSync(join(root, name), text);
    pack();
    git("commit", "--quiet", "--all", "--message", `release: set the version to ${version}`);
    git("tag", "--annotate", `v${version}`, "--message", `Rollcall ${version}`);
    console.log(`Committed and tagged here. Next: git push --follow-tags, and npm run deploy`);
  }
}
