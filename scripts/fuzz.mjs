// Fuzzes the parsers for some seconds, all at the same time: node scripts/fuzz.mjs [SECONDS]. Needs a C++ compiler; without
// one, only the kept corpus is run, which `cargo test` does too. Cargo compiles the fuzz targets into the folder of the native
// tests, with the same procedural macros.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { toolsDir } from "./lib/cache.mjs";
import { Hint, run, runKeeping, succeeds } from "./lib/process.mjs";
import { keep } from "./lib/programs.mjs";
import { lockedVersion } from "./lib/repository.mjs";
import { root, setup } from "./setup.mjs";

const TARGETS = ["body", "uri", "jwks", "record"];
const COVERAGE = ["level=4", "inline-8bit-counters", "pc-table", "trace-compares"];
if (process.platform === "linux") COVERAGE.push("stack-depth");
/**
 * The flags of `cargo fuzz`, by which libFuzzer sees the branches that an input takes. Safe code needs no sanitizer. `cargo fuzz` itself
 * would turn debug assertions on or off in all crates at once, against `fuzz/Cargo.toml`.
 */
const RUSTFLAGS = [
  "-Cpasses=sancov-module",
  ...COVERAGE.map((option) => `-Cllvm-args=-sanitizer-coverage-${option}`),
  "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
  "--cfg=fuzzing",
  "-Ccodegen-units=16",
].join(" ");
const LIBRARY = "libfuzzer.a";
const START_SECONDS = 120; // the kept corpus comes before the clock of the fuzzer starts

/** Whether libFuzzer can be compiled here. */
export const canFuzz = () => succeeds("c++", ["--version"]);

/** Looks for inputs that break what `fuzz/src/lib.rs` holds, in all parsers at the same time; fails where it finds one. */
export async function fuzz(seconds) {
  const library = join(toolsDir, `libfuzzer-${lockedVersion("libfuzzer-sys", join(root, "fuzz", "Cargo.lock"))}-${process.arch}`);
  const env = { ...process.env, RUSTFLAGS };
  if (existsSync(library)) env.CUSTOM_LIBFUZZER_PATH = join(library, LIBRARY);
  // Cargo applies the flags to procedural macros and build scripts too, unless it is told a platform.
  const platform = spawnSync("rustc", ["--print", "host-tuple"], { cwd: root, encoding: "utf8" }).stdout.trim();
  const options = ["--locked", "--manifest-path", join("fuzz", "Cargo.toml"), "--target-dir", "target", "--target", platform];
  run("cargo", ["build", "--quiet", "--bins", "--features", "fuzzing", ...options], { cwd: root, env });
  const built = join(root, "target", platform, "debug");
  if (!existsSync(library)) await keep(library, [builtLibrary(built)]);
  const results = await Promise.all(TARGETS.map((target) => fuzzTarget(built, target, seconds)));
  const failed = TARGETS.filter((_, at) => !results[at].ok);
  // The fuzzer's statistics are worth reading only then.
  for (const { ok, output } of results) if (!ok) console.error(output);
  if (failed.length > 0) throw new Hint(`The fuzzer has found something in ${failed.join(", ")}.`);
  console.log(`Nothing found in ${seconds} s of ${TARGETS.join(", ")}.`);
}

/** libFuzzer as cargo has built it from C++, once for this machine. */
function builtLibrary(built) {
  const found = readdirSync(built, { recursive: true }).find((name) => name.endsWith(`/${LIBRARY}`));
  if (!found) throw new Hint(`There is no ${LIBRARY} in ${built}.`);
  return join(built, found);
}

async function fuzzTarget(built, target, seconds) {
  // The fuzzer writes its inputs to a folder that is thrown away. The developer puts those worth keeping into the corpus.
  const found = mkdtempSync(join(tmpdir(), "rollcall-fuzz-"));
  const artifacts = join(root, "fuzz", "artifacts", target);
  mkdirSync(artifacts, { recursive: true });
  const options = [`-artifact_prefix=${artifacts}/`, `-max_total_time=${seconds}`, "-max_len=4096", "-verbosity=0", "-print_final_stats=1"];
  try {
    return await runKeeping(join(built, target), [...options, found, join("fuzz", "corpus", target)], { cwd: root, limit: seconds + START_SECONDS });
  } finally {
    rmSync(found, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  await fuzz(Number(process.argv[2] ?? 10));
}
