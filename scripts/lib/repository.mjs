// Facts about this repository that several scripts need.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Hint } from "./process.mjs";

/** The folder of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The pinned Rust toolchain. */
export const toolchain = readFileSync(join(root, "rust-toolchain.toml"), "utf8").match(/channel = "(.+)"/)[1];

/** The version of a crate in a lock file of cargo. */
export function lockedVersion(crate, file = join(root, "Cargo.lock")) {
  const found = readFileSync(file, "utf8").match(new RegExp(`name = "${crate}"\nversion = "([^"]+)"`));
  if (!found) throw new Hint(`${file} does not name ${crate}: run cargo update.`);
  return found[1];
}
