// The checks that the Worker runs at its start, as a WebAssembly module of their own.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { home } from "./installation.mjs";

const file = (name) => join(home, "build", "checkup", name);

/** Whether `new URL()` leaves the host `name` as it is: its `xn--` labels decode, and encode to themselves. */
function isUnchanged(name) {
  const url = `https://${name}/`;
  return URL.canParse(url) && new URL(url).hostname === name;
}

/** Loads the module of the built bundle. What it returns takes and returns what bundle/checkup/src/lib.rs describes. */
export async function loadCheckup() {
  const { initSync, checkup } = await import(pathToFileURL(file("checkup.js")).href);
  initSync({ module: readFileSync(file("checkup_bg.wasm")) });
  return (input) => JSON.parse(checkup(JSON.stringify(input), isUnchanged));
}
