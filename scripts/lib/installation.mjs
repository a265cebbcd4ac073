// Where Rollcall's own files are, where the operator's files are, and how commands are called. The scripts run in two
// places: in the repository, and in the npm package that scripts/package.mjs makes of it.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder with the bundle, the pages and the shipped `wrangler.toml`: of the repository, or of the installed package. */
export const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Whether this is the package, which has no sources: everything in it is built. */
export const isPackage = !existsSync(join(home, "Cargo.toml"));

/** The folder with the operator's `wrangler.toml`, secrets and local records. */
export const folder = isPackage ? process.cwd() : home;

/** The operator's configuration. In the package it exists once `rollcall init` has written it. */
export const configuration = join(folder, "wrangler.toml");

/** The error where the package has no configuration yet. */
export const NO_CONFIGURATION = "There is no wrangler.toml in this folder. Write one with: npx rollcall init";

/** The version of Rollcall. */
export const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));

/** How a command is called from a shell: `npm run token -- list`, or `npx rollcall token list`. */
export function commandLine(name, args = "") {
  if (isPackage) return ["npx rollcall", name, args].filter(Boolean).join(" ");
  const npm = ["start", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;
  return args ? `${npm} -- ${args}` : npm;
}

/** How wrangler itself is called from a shell. */
export const wranglerCommand = isPackage ? "npx wrangler" : "node scripts/wrangler.mjs";

/** Where one of our files is, as a path from the folder `from` that an upgrade does not change. */
export function pathFrom(from, name) {
  // Package managers may make this a link into a folder with the version in its name.
  const link = join(folder, "node_modules", "rollcall");
  const place = existsSync(link) && realpathSync(link) === home ? link : home;
  return relative(from, join(place, name)).split(sep).join("/");
}

/** The shipped `wrangler.toml`, for a file in the folder `from`: with the paths of the bundle and the pages from there. */
export function shippedConfiguration(from) {
  const shipped = readFileSync(join(home, "wrangler.toml"), "utf8");
  const set = (text, name, value) => text.replace(`\n${name} = "${value}"\n`, () => `\n${name} = ${JSON.stringify(pathFrom(from, value))}\n`);
  return set(set(shipped, "main", "build/index.js"), "directory", "public");
}
