// Builds the release bundle into build/: cargo and wasm-bindgen by worker-build, function names
// stripped, its size printed. Nothing is done while nothing it is made of has changed.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { announce, run } from "./lib/process.mjs";
import { root, setup } from "./setup.mjs";

const FILES = ["index.js", "index_bg.wasm"];

/** Builds the bundle if it is not up to date; with cargo features, into a folder of its own. */
export function build(tools, { out = "build", features = [] } = {}) {
  const stamp = join(root, out, ".built-from");
  const sources = digestOfSources();
  const upToDate = existsSync(stamp) && readFileSync(stamp, "utf8") === sources;
  if (!upToDate) {
    announce(`Building the release bundle into ${out}/`, () => {
      const args = ["--release", "--locked", "--out-dir", join("..", out)];
      if (features.length > 0) args.push("--features", features.join(","));
      run(tools.workerBuild, args, { cwd: join(root, "bundle"), env: tools.env });
      strip(tools, join(root, out, "index_bg.wasm"));
    });
    writeFileSync(stamp, sources);
  }
}

/** Says how large the bundle is. */
export function reportSize() {
  const { raw, gzip } = bundleSize();
  console.log(`Bundle: ${FILES.join(" + ")} = ${raw} bytes, ${gzip} bytes gzip`);
}

/** The bytes of what is deployed, raw and as gzip -9 packs each file. */
export function bundleSize() {
  const files = FILES.map((name) => readFileSync(join(root, "build", name)));
  const sum = (sizes) => sizes.reduce((a, b) => a + b, 0);
  return {
    raw: sum(files.map((file) => file.length)),
    gzip: sum(files.map((file) => gzipSync(file, { level: 9 }).length)),
  };
}

/** Function names are a fifth of the file, and cargo's own `strip` breaks wasm-bindgen. */
export function strip(tools, wasm) {
  const features = ["mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory"];
  features.push("multivalue", "reference-types", "exception-handling");
  const args = [wasm, "-o", wasm, ...features.map((name) => `--enable-${name}`)];
  run(tools.wasmOpt, [...args, "--strip-debug", "--strip-producers"], { cwd: root });
}

function digestOfSources() {
  const digest = createHash("sha256");
  const add = (path) => {
    if (statSync(path).isDirectory()) readdirSync(path).sort().forEach((name) => add(join(path, name)));
    else digest.update(path.slice(root.length)).update("\0").update(readFileSync(path)).update("\0");
  };
  ["src", "bundle", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "scripts/build.mjs"].forEach((name) =>
    add(join(root, name)),
  );
  return digest.digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Tests have built the bundle before they start wrangler.
  if (!process.env.ROLLCALL_SKIP_BUILD) {
    build(await setup());
    reportSize();
  }
}
