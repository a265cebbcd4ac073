// The Rust floor of the benchmark: a crate of its own, built with worker-build and the tools of ours.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { toolsDir } from "../../scripts/lib/cache.mjs";
import { announce, run } from "../../scripts/lib/process.mjs";
import { copyFiles, digestOfFiles, keep } from "../../scripts/lib/programs.mjs";
import { optimise } from "../../scripts/lib/wasm-opt.mjs";
import { root } from "../../scripts/setup.mjs";
import { workerBuildTool } from "./worker-build.mjs";

const SOURCES = ["Cargo.toml", "Cargo.lock", "src/lib.rs", "../workers/floor-discovery.json"];
// What it is built with.
const TOOLS = ["rust-toolchain.toml", "package-lock.json", "scripts/lib/wasm-opt.mjs", "bench/lib/worker-build.mjs"];
const BUILT = ["index.js", "index_bg.wasm"];

/** Builds the floor, unless it is up to date or another clone on this machine has built the same. */
export async function buildFloor(tools) {
  const home = join(root, "bench", "floor-wasm");
  const sources = SOURCES.map((name) => join(home, name));
  const built = BUILT.map((name) => join(home, "build", name));
  const age = (path) => statSync(path).mtimeMs;
  if (existsSync(built[1]) && sources.every((path) => age(path) < age(built[1]))) return;
  const cached = join(toolsDir, `bench-floor-${digestOfFiles([...sources, ...TOOLS.map((name) => join(root, name))])}`);
  if (existsSync(cached)) {
    copyFiles(BUILT.map((name) => join(cached, name)), join(home, "build"));
    return;
  }
  await announce("Building the Rust floor of the benchmark", async () => {
    const { command, env } = await workerBuildTool(tools);
    run(command, ["--release", "--locked"], { cwd: home, env });
    optimise(tools, built[1], built[1]);
  });
  await keep(cached, built);
}
