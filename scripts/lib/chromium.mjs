// The browser of the browser tests: found on this machine, or installed where that is ours to do.

import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { Hint, announce, run } from "./process.mjs";

// The headless shell has no user interface, so the tests take a sixth less CPU time in it.
const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** The path of a Chromium: $CHROMIUM_BIN, or one in the PATH; installed as root on Debian and its kin. */
export function chromiumBinary() {
  const { CHROMIUM_BIN: chosen } = process.env;
  if (chosen && !isExecutable(chosen)) throw new Hint(`CHROMIUM_BIN is ${chosen}, which is no program.`);
  const found = chosen || inPath();
  if (found) return found;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    throw new Hint("The browser tests need Chromium: install it, or name one in CHROMIUM_BIN, and try again.");
  }
  announce("Installing Chromium, for the browser tests", () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["update", "-qq"], { env });
    const install = (name, options) => run("apt-get", ["install", "-y", "-qq", name], { env, ...options });
    // Some relatives of Debian have no package of the shell.
    if (!install("chromium-headless-shell", { mayFail: true })) install("chromium");
  });
  const installed = inPath();
  if (!installed) throw new Hint("Chromium was installed, but is not in the PATH: name it in CHROMIUM_BIN.");
  return installed;
}

function inPath() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
