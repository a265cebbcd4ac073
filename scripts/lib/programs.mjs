// Programs that only tests run. They are installed or built once for a machine, so that a fresh clone has them at once.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { root } from "../setup.mjs";
import { atomically, toolsDir } from "./cache.mjs";
import { announce, run } from "./process.mjs";
import { venv } from "./python.mjs";

const CLIENTS = ["openidconnect", "rmcp"];

/** The python with the packages that the tests in `tests/NAME` need; `folder` is where they are listed. */
export const pythonOf = (name, folder = ".") => venv(name, join(root, "tests", name, folder, "requirements.txt"));

/** The folder of the clients in Rust. */
export async function rustClients() {
  const sources = join(root, "tests", "clients", "rust");
  const files = ["Cargo.toml", "Cargo.lock", "../kinds.json", "../../../rust-toolchain.toml"];
  files.push(...readdirSync(join(sources, "src"), { recursive: true }).filter((name) => name.endsWith(".rs")).sort().map((name) => join("src", name)));
  const home = join(toolsDir, `rust-clients-${digestOfFiles(files.map((name) => join(sources, name)))}`);
  if (existsSync(home)) return home;
  await announce("Building the clients in Rust; the first time, this takes a minute or two", async () => {
    const target = join(root, "target", "clients");
    run("cargo", ["build", "--quiet", "--locked", "--target-dir", target], { cwd: sources });
    await keep(home, CLIENTS.map((name) => join(target, "debug", name)));
  });
  return home;
}

/** A digest of what is in these files. */
export function digestOfFiles(paths) {
  const digest = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const path of paths) digest.update(readFileSync(path)).update("\0");
  return digest.digest("hex").slice(0, 16);
}

/** Copies files to a folder of the cache. */
export function keep(home, files) {
  return atomically(home, (temporary) => copyFiles(files, temporary));
}

/** Copies files to a folder, which is made if it is not there. */
export function copyFiles(files, folder) {
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(file, join(folder, file.slice(file.lastIndexOf("/") + 1)));
}
