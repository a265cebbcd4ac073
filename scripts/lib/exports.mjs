// node scripts/lib/exports.mjs MODULE SCRIPT: takes out of a WebAssembly module the exports that the JavaScript around it
// does not name, so wasm-opt can leave out what only they use: classes of the crate `worker`, 10 KB, 2 KB gzip.

import { readFileSync, writeFileSync } from "node:fs";

import binaryen from "binaryen";

const [path, script] = process.argv.slice(2);
const named = new Set(readFileSync(script, "utf8").match(/[\w$]+/g));
const module = binaryen.readBinary(readFileSync(path));
// Those that scripts/build.mjs lets wasm-opt use.
const { MutableGlobals, SignExt, NontrappingFPToInt, BulkMemory, Multivalue, ReferenceTypes, ExceptionHandling } = binaryen.Features;
module.setFeatures(MutableGlobals | SignExt | NontrappingFPToInt | BulkMemory | Multivalue | ReferenceTypes | ExceptionHandling);
const exported = Array.from({ length: module.getNumExports() }, (_, at) => module.getExportByIndex(at));
const names = exported.map((one) => binaryen.getExportInfo(one).name);
for (const name of names) if (!named.has(name)) module.removeExport(name);
// A profile needs the names of functions; wasm-opt removes them from a release.
binaryen.setDebugInfo(true);
writeFileSync(path, module.emitBinary());
