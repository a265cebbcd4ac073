// Tools that cargo builds from the package registry, once for each version on a machine.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { atomically, toolsDir } from "./cache.mjs";
import { announce, runAsync } from "./process.mjs";
import { toolchain } from "./repository.mjs";

/**
 * The path of the tool `command` at exactly this version, which is built if it is missing. `prepare`, of a temporary
 * folder and of options for its own commands, returns what `cargo install` gets as arguments.
 */
export async function cargoTool(command, version, prepare = () => [`${command}@${version}`]) {
  const home = join(toolsDir, `${command}-${version}`);
  const binary = join(home, "bin", command);
  if (existsSync(binary)) return binary;
  await announce(`Building ${command} ${version} with cargo, once for this machine`, () =>
    atomically(home, async (temporary) => {
      // At a lower priority than the build of the bundle, which needs the tool only at its end.
      const options = { cwd: temporary, background: true, env: { ...process.env, ...quickBuild() } };
      const args = ["install", ...(await prepare(temporary, options)), "--root", temporary, "--quiet"];
      if (!(await runAsync("cargo", [...args, "--locked"], { ...options, mayFail: true }))) await runAsync("cargo", args, options);
      rmSync(join(temporary, "source"), { recursive: true, force: true });
    }),
  );
  return binary;
}

let scratch;
/** Builds without optimisation: that halves the wait and costs a wasm build under half a second. */
function quickBuild() {
  if (!scratch) {
    scratch = mkdtempSync(join(toolsDir, ".build-"));
    process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  }
  return {
    // Without this, cargo would wait while rustup updates another toolchain.
    RUSTUP_TOOLCHAIN: toolchain,
    // One folder for all tools: they share dependencies.
    CARGO_TARGET_DIR: scratch,
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
    CARGO_PROFILE_RELEASE_LTO: "off",
  };
}
