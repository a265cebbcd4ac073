// wasm-opt, the last step of a module that is deployed or measured.

import { run } from "./process.mjs";
import { root } from "./repository.mjs";

/**
 * Makes a module smaller and faster, and takes its names unless they are asked for: cargo's own `strip` breaks wasm-bindgen. The
 * features are those of the runtime, not whatever wasm-opt knows. `-Oz` instead of `-O1` takes twice the time, and makes the module
 * smaller, but its gzip larger. Rust keeps nothing below address 1024.
 */
export function optimise(tools, from, to, { names = false } = {}) {
  const features = ["mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory"];
  features.push("multivalue", "reference-types", "exception-handling");
  const strip = names ? ["--debuginfo"] : ["--strip-debug", "--strip-producers"];
  run(tools.wasmOpt, [from, "-o", to, "-O1", "--low-memory-unused", ...features.map((name) => `--enable-${name}`), ...strip], { cwd: root });
}
