// Finds or installs every tool that Rollcall is built and run with. The only place that knows where
// tools are; runs on Node 20 before anything is installed. `node scripts/setup.mjs` runs it alone.
//
// Tools live in a cache per user, named by version, so that clones share them and versions never
// meet: $ROLLCALL_TOOLS_DIR, or rollcall/tools in the user's cache directory.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Hint, announce, run, succeeds } from "./lib/process.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const NODE_VERSION = "22.23.3"; // for wrangler, where the Node that runs this is older than 22.12
const DOWNLOAD_SECONDS = 30; // for a prebuilt tool; without internet the connection fails long before

const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const toolsDir = process.env.ROLLCALL_TOOLS_DIR || join(cacheHome, "rollcall", "tools");

/** Installs what is missing; returns the environment in which every other tool runs. */
export async function setup() {
  requireRust();
  addWasmTarget();
  installPackages();
  const bindgen = await wasmBindgen();
  const workerBuild = cargoTool("worker-build", lockedVersion("worker"));
  const node = nodeForWrangler();
  const bin = join(root, "node_modules", ".bin");
  return {
    node,
    wrangler: join(root, "node_modules", "wrangler", "bin", "wrangler.js"),
    workerBuild,
    wasmOpt: join(bin, "wasm-opt"),
    env: {
      ...process.env,
      PATH: [dirname(node), process.env.PATH].join(delimiter),
      // worker-build downloads what no variable points to.
      WASM_BINDGEN_BIN: bindgen,
      WASM_OPT_BIN: join(bin, "wasm-opt"),
      ESBUILD_BIN: join(bin, "esbuild"),
      // What worker-build sets too: with another value, cargo would build everything twice.
      WASM_BINDGEN_USE_JS_SYS: "1",
      // wrangler asks the network about nothing and keeps no records of requests.
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      X_LOCAL_OBSERVABILITY: "false",
      X_LOCAL_EXPLORER: "false",
      DO_NOT_TRACK: "1",
    },
  };
}

const toolchain = readFileSync(join(root, "rust-toolchain.toml"), "utf8").match(/channel = "(.+)"/)[1];

/** rustup would fetch the pinned toolchain by itself, but without a word. */
function requireRust() {
  const { status, stdout } = spawnSync("rustup", ["toolchain", "list"], { encoding: "utf8" });
  if (status === 0 && !stdout.includes(toolchain)) {
    const components = ["--component", "clippy", "--component", "rustfmt"];
    announce(`Installing Rust ${toolchain}`, () =>
      run("rustup", ["toolchain", "install", toolchain, "--profile", "minimal", ...components]),
    );
  }
  if (!succeeds("cargo", ["--version"])) {
    throw new Hint("Rust is missing: install it with rustup (see rustup.rs) and try again.");
  }
}

/** A toolchain that was there already may lack the target. */
function addWasmTarget() {
  const target = "wasm32-unknown-unknown";
  const sysroot = execFileSync("rustc", ["--print", "sysroot"], { cwd: root, encoding: "utf8" }).trim();
  if (existsSync(join(sysroot, "lib", "rustlib", target, "lib"))) return;
  if (!succeeds("rustup", ["--version"])) {
    throw new Hint(`Rust lacks the target ${target}: install it, or install Rust with rustup.`);
  }
  announce(`Adding the Rust target ${target}`, () => run("rustup", ["target", "add", target], { cwd: root }));
}

/** Runs npm when the lock file is not the one that node_modules was made from. */
function installPackages() {
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  const stamp = join(root, "node_modules", ".installed-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  announce("Installing the npm packages", () => {
    // Not `npm ci`: it wants every platform's packages in the lock file, and a registry mirror may
    // not have those of other platforms. The engines warning it would print is about the Node that
    // runs npm; wrangler gets its own.
    run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root });
  });
  writeFileSync(stamp, lock);
}

/** The wasm-bindgen CLI, which has to be exactly the version of the library. */
async function wasmBindgen() {
  const version = lockedVersion("wasm-bindgen");
  const home = join(toolsDir, `wasm-bindgen-${version}`);
  const binary = join(home, "bin", "wasm-bindgen");
  if (existsSync(binary)) return binary;
  const downloaded = await announce(`Fetching the wasm-bindgen CLI ${version}`, () =>
    downloadBindgen(version, home, binary),
  );
  // Its default features are for a test runner that we do not use.
  return downloaded
    ? binary
    : cargoTool("wasm-bindgen-cli", version, { command: "wasm-bindgen", flags: ["--no-default-features"] });
}

/** The official release binary; false where it cannot be had. */
async function downloadBindgen(version, home, binary) {
  const platform = {
    "linux x64": "x86_64-unknown-linux-musl",
    "linux arm64": "aarch64-unknown-linux-musl",
    "darwin x64": "x86_64-apple-darwin",
    "darwin arm64": "aarch64-apple-darwin",
  }[`${process.platform} ${process.arch}`];
  const name = `wasm-bindgen-${version}-${platform}`;
  const releases = "https://github.com/wasm-bindgen/wasm-bindgen/releases/download";
  try {
    if (!platform) throw new Error("there is none for this platform");
    const timeout = AbortSignal.timeout(DOWNLOAD_SECONDS * 1000);
    const response = await fetch(`${releases}/${version}/${name}.tar.gz`, { signal: timeout });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const archive = Buffer.from(await response.arrayBuffer());
    atomically(home, (temporary) => {
      execFileSync("tar", ["-xzf", "-", "-C", temporary], { input: archive });
      mkdirSync(join(temporary, "bin"));
      renameSync(join(temporary, name, "wasm-bindgen"), join(temporary, "bin", "wasm-bindgen"));
      chmodSync(join(temporary, "bin", "wasm-bindgen"), 0o755);
      execFileSync(join(temporary, "bin", "wasm-bindgen"), ["--version"]);
    });
    return true;
  } catch {
    console.log("  No prebuilt one can be fetched here.");
    return existsSync(binary);
  }
}

/** A tool that cargo builds from source, at exactly this version. */
export function cargoTool(crate, version, { command = crate, flags = [] } = {}) {
  const home = join(toolsDir, `${command}-${version}`);
  const binary = join(home, "bin", command);
  if (existsSync(binary)) return binary;
  announce(`Building ${crate} ${version} with cargo; this takes some minutes, once`, () => {
    atomically(home, (temporary) => {
      // The project's toolchain: a tool is not built while rustup updates another one.
      // They run for seconds a day: quick to build is worth more than quick to run.
      const profile = { CARGO_PROFILE_RELEASE_OPT_LEVEL: "1", CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "256" };
      const env = { ...process.env, ...profile, RUSTUP_TOOLCHAIN: toolchain };
      const options = { cwd: temporary, env };
      const args = ["install", `${crate}@${version}`, ...flags, "--root", temporary, "--quiet"];
      if (!run("cargo", [...args, "--locked"], { ...options, mayFail: true })) run("cargo", args, options);
    });
  });
  return binary;
}

/** The Node that runs this if it is new enough, else one from npm. */
function nodeForWrangler() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  const home = join(toolsDir, `node-${NODE_VERSION}`);
  const binary = join(home, "bin", "node");
  if (existsSync(binary)) return binary;
  announce(`Fetching Node ${NODE_VERSION} for wrangler`, () => {
    atomically(home, (temporary) => {
      const prefix = ["--prefix", temporary, "--no-audit", "--no-fund", "--loglevel=error"];
      run("npm", ["install", `node@${NODE_VERSION}`, ...prefix], { cwd: temporary });
      mkdirSync(join(temporary, "bin"));
      cpSync(join(temporary, "node_modules", "node", "bin", "node"), join(temporary, "bin", "node"), {
        dereference: true,
      });
    });
  });
  return binary;
}

/** Fills a directory beside its place and moves it there: never half, and two runs may race. */
function atomically(home, fill) {
  mkdirSync(toolsDir, { recursive: true });
  const temporary = mkdtempSync(join(toolsDir, ".new-"));
  try {
    fill(temporary);
    if (!existsSync(home)) renameSync(temporary, home);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function lockedVersion(crate) {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const found = lock.match(new RegExp(`name = "${crate}"\nversion = "([^"]+)"`));
  if (!found) throw new Hint(`Cargo.lock does not name ${crate}: run cargo update.`);
  return found[1];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  console.log(`Everything is there. Tools: ${readdirSync(toolsDir).join(", ")}`);
}
