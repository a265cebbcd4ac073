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

/** The functions of the module of the built bundle. */
async function loadModule() {
  const module = await import(pathToFileURL(file("checkup.js")).href);
  module.initSync({ module: readFileSync(file("checkup_bg.wasm")) });
  return module;
}

/** Loads the check of a configuration. What it returns takes and returns what bundle/checkup/src/lib.rs describes. */
export async function loadCheckup() {
  const { checkup } = await loadModule();
  return (input) => JSON.parse(checkup(JSON.stringify(input), isUnchanged));
}

/** Loads the check of a metadata document: a function of its URL, and of its bytes, which may be left out. It returns what
    bundle/checkup/src/document.rs describes. */
export async function loadDocumentCheck() {
  const { checkDocument } = await loadModule();
  return (url, bytes) => JSON.parse(checkDocument(url, bytes, isUnchanged, (text) => text.normalize("NFKD")));
}
