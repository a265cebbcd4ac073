// Lints the crate and its tests on the host while cargo compiles them. "native tests" of `npm test` then runs the same programs.
// A separate `cargo clippy` would read all dependencies once more. Any warning is a failure.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Hint } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";

/** The arguments of cargo for the native tests. The work budget has none, but is linted with them. */
export const NATIVE_TESTS = ["test", "--locked", "--package", "rollcall", "--package", "rollcall-tests", "--package", "rollcall-budget"];

const clippyDriver = () => spawnSync("rustup", ["which", "clippy-driver"], { cwd: root, encoding: "utf8" }).stdout.trim();

/** Makes cargo compile our own crates with clippy's driver, which lints them as `cargo clippy` would. */
export const lintingEnv = () => ({ RUSTC_WORKSPACE_WRAPPER: clippyDriver(), CLIPPY_ARGS: "" });

/** Makes cargo compile only our WebAssembly modules with clippy's driver: the host lints the crate `rollcall`. A warning is an error. */
export const moduleLintingEnv = () => ({
  RUSTC_WRAPPER: join(root, "scripts", "lib", "lint-modules.sh"),
  CLIPPY_DRIVER: clippyDriver(),
  CLIPPY_ARGS: "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
});

/** Compiles the native tests, and fails if there are warnings. The tests can run all the same. */
function lint() {
  const env = { ...process.env, ...lintingEnv() };
  const { status, stderr } = spawnSync("cargo", [...NATIVE_TESTS, "--no-run"], { cwd: root, env, encoding: "utf8", maxBuffer: 2 ** 28 });
  // cargo prints the warnings of an earlier run again.
  if (status !== 0 || /^warning: /m.test(stderr)) console.error(stderr);
  if (status !== 0) throw new Hint(`cargo ended with status ${status}.`);
  if (/^warning: /m.test(stderr)) throw new Hint("Every warning must be fixed.");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) lint();
