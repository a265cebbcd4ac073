// Builds the release bundle into build/: cargo, wasm-bindgen, esbuild around bundle/worker.js, wasm-opt. Its
// size is printed. Then builds the module of the doctor's checks, which is not deployed. Nothing is built while the sources
// have not changed.
//
// --bundle        builds only the bundle, for wrangler
// --panic-probe   builds only the bundle of some tests, into build-panic/

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { announce, run, runAsync } from "./lib/process.mjs";
import { optimise } from "./lib/wasm-opt.mjs";
import { moduleLintingEnv } from "./lint.mjs";
import { CARGO_ENV, root, setup } from "./setup.mjs";

const TARGET = "wasm32-unknown-unknown";
const FILES = ["index.js", "index_bg.wasm"];

/** The folder of the module of the doctor's checks. A new bundle removes it. */
const CHECKUP = "build/checkup";

/** The crate of the bundle without optimisation: link-time optimisation is most of a build. `rollcall` is compiled as for a release. */
const UNOPTIMISED = ["--config", "profile.release.package.rollcall-bundle.opt-level=0"];

const stampOf = (out) => join(root, out, ".built-from");

/** Whether the bundle is made of these sources. */
export function isBuilt({ out = "build" } = {}) {
  return existsSync(stampOf(out)) && readFileSync(stampOf(out), "utf8") === digestOfSources();
}

/**
 * Builds the bundle if it is not up to date; with cargo features, into a folder of its own. `tools` may be the promise of
 * a set-up that still goes on: cargo compiles meanwhile.
 */
export async function build(tools, { out = "build", features = [] } = {}) {
  if (isBuilt({ out })) return;
  const sources = digestOfSources();
  // One with features is never deployed: it may be larger and slower, and clippy's driver may compile it.
  const small = features.length === 0;
  const env = small ? {} : moduleLintingEnv();
  await announce(`Building the release bundle into ${out}/`, () => bundle(tools, join(root, out), features, { small, env }));
  writeFileSync(stampOf(out), sources);
}

/** Whether the doctor's checks are made of these sources. */
export const isCheckupBuilt = () => isBuilt({ out: CHECKUP });

/** Builds the doctor's checks, and lints them, if they are not up to date. They and the bundle share the crate `rollcall`. */
export async function buildCheckup(tools) {
  if (isCheckupBuilt()) return;
  const sources = digestOfSources();
  await announce(`Building the doctor's checks into ${CHECKUP}/`, async () => {
    await cargoBuild("rollcall-checkup", [], moduleLintingEnv());
    const { wasmBindgen, env } = await tools;
    const out = join(root, CHECKUP);
    rmSync(out, { recursive: true, force: true });
    const bindgen = ["--target", "web", "--out-name", "checkup", "--no-typescript", "--remove-name-section", "--remove-producers-section"];
    run(wasmBindgen, [wasmOf("rollcall_checkup"), ...bindgen, "--out-dir", out], { cwd: root, env });
  });
  writeFileSync(stampOf(CHECKUP), sources);
}

const wasmOf = (crate) => join(root, "target", TARGET, "release", `${crate}.wasm`);

function cargoBuild(crate, options = [], env = {}) {
  const args = ["build", "--release", "--locked", "--target", TARGET, "--package", crate, ...options];
  return runAsync("cargo", args, { cwd: root, env: { ...process.env, ...CARGO_ENV, ...env } });
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

/**
 * Fills `out`. With `names`, functions keep theirs: a fifth of the file, for who looks for where time goes. Unless it is
 * to be `small`, wasm-opt is left out.
 */
export async function bundle(settingUp, out, features = [], { names = false, small = true, env = {} } = {}) {
  const compiling = cargoBuild("rollcall-bundle", features.length > 0 ? [...UNOPTIMISED, "--features", features.join(",")] : [], env);
  const [tools] = await Promise.all([settingUp, compiling]);
  const options = { cwd: root, env: tools.env };
  rmSync(out, { recursive: true, force: true });
  const parts = join(out, ".parts");
  mkdirSync(parts, { recursive: true });
  // So that the module can be started anew after a panic.
  const recovery = ["--experimental-reset-state-function", "--force-enable-abort-handler"];
  const bindgen = ["--target", "module", "--out-name", "index", "--no-typescript", "--out-dir", parts];
  run(tools.wasmBindgen, [wasmOf("rollcall_bundle"), ...bindgen, ...recovery], options);
  writeFileSync(join(parts, "index.js"), tidied(readFileSync(join(parts, "index.js"), "utf8")));
  for (const name of ["worker.js", "microtask.js"]) copyFileSync(join(root, "bundle", name), join(parts, name));
  const external = ["--external:./index_bg.wasm", "--external:cloudflare:*"];
  const esbuild = ["--bundle", "--minify", "--format=esm", "--log-level=warning", `--outfile=${join(out, "index.js")}`];
  const inject = `--inject:${join(parts, "microtask.js")}`;
  run(tools.esbuild, [join(parts, "worker.js"), ...esbuild, ...external, inject], options);
  const module = [join(parts, "index_bg.wasm"), join(out, "index_bg.wasm")];
  if (small) run(tools.node, [join(root, "scripts", "lib", "exports.mjs"), module[0], join(out, "index.js")]);
  if (small) optimise(tools, ...module, { names });
  else copyFileSync(...module);
  rmSync(parts, { recursive: true });
}

/**
 * wasm-bindgen lists a module of ours twice, of which every bundler would warn. And for each class that a crate exports it
 * runs two statements, so esbuild would keep the unused ones of `worker`: 9 KB of JavaScript, 1 KB gzip.
 */
function tidied(index) {
  const once = index.replace(/^( *"\.\/snippets\/.*": ).*\n(?=\1)/gm, "");
  return once.replace(/^if \(Symbol\.dispose\).*\n/gm, "").replaceAll(": new FinalizationRegistry", ": /* @__PURE__ */ new FinalizationRegistry");
}

/** A digest of all that is compiled. */
export function digestOfSources() {
  const digest = createHash("sha256");
  const add = (path) => {
    if (statSync(path).isDirectory()) readdirSync(path).sort().forEach((name) => add(join(path, name)));
    else digest.update(path.slice(root.length)).update("\0").update(readFileSync(path)).update("\0");
  };
  [".cargo", "src", "bundle", "Cargo.toml", "Cargo.lock", "package-lock.json", "rust-toolchain.toml", "clippy.toml", "scripts/build.mjs", "scripts/lint.mjs", "scripts/lib/exports.mjs", "scripts/lib/lint-modules.sh", "scripts/lib/wasm-opt.mjs"].forEach((name) =>
    add(join(root, name)),
  );
  return digest.digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Tests have built the bundle before they start wrangler.
  if (!process.env.ROLLCALL_SKIP_BUILD) {
    const probe = process.argv.includes("--panic-probe");
    const options = probe ? { out: "build-panic", features: ["panic-probe"] } : {};
    const only = probe || process.argv.includes("--bundle");
    const built = isBuilt(options) && (only || isCheckupBuilt());
    const tools = built ? undefined : setup();
    await build(tools, options);
    if (!only) await buildCheckup(tools);
    if (!probe) reportSize();
  }
}
