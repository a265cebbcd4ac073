// Which files a step of `npm test` depends on, as a digest: a step is not repeated while its files are the same.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "../setup.mjs";

const memory = join(root, "target", "tested.json");

/** The digests with which steps passed last, by name; nothing in CI, where every step has to run. */
export function remembered() {
  if (process.env.CI || !existsSync(memory)) return {};
  try {
    return JSON.parse(readFileSync(memory, "utf8"));
  } catch {
    return {};
  }
}

/** Remembers with which digest each step has passed. */
export function remember(digests) {
  if (process.env.CI) return;
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, JSON.stringify(digests));
}

/** The files of this repository that git knows or would add, with their content; empty without git. */
export function listFiles() {
  const { status, stdout } = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) return [];
  const names = [...new Set(stdout.split("\0").filter(Boolean))].sort();
  // Git still lists a deleted file, and a link may lead to a folder.
  const isFile = (name) => statSync(join(root, name), { throwIfNoEntry: false })?.isFile();
  return names.filter(isFile).map((name) => ({ name, content: readFileSync(join(root, name)) }));
}

/** A digest of those `files` that are, or are below, one of `paths`; undefined where nothing is known. */
export function digestOf(files, paths) {
  const chosen = files.filter(({ name }) => paths.some((path) => path === "" || name === path || name.startsWith(`${path}/`)));
  if (chosen.length === 0) return undefined;
  const digest = createHash("sha256").update(process.version).update(process.platform);
  for (const { name, content } of chosen) digest.update(name).update("\0").update(String(content.length)).update("\0").update(content);
  return digest.digest("hex");
}
