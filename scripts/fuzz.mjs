// Fuzzes the parsers for some seconds, all at the same time: node scripts/fuzz.mjs [SECONDS]. Needs a C++ compiler; without
// one, only the kept corpus is run, which `cargo test` does too. Without sanitizers, which safe code does not need, the pinned
// toolchain will do.

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { toolsDir } from "./lib/cache.mjs";
import { cargoTool } from "./lib/cargo-tools.mjs";
import { Hint, run, runKeeping, succeeds } from "./lib/process.mjs";
import { keep } from "./lib/programs.mjs";
import { lockedVersion } from "./lib/repository.mjs";
import { root, setup } from "./setup.mjs";

const CARGO_FUZZ = "0.13.2";
const TARGETS = ["body", "uri", "jwks", "record"];
// With `--release` the profile of fuzz/Cargo.toml decides about debug assertions, which are on for our own code.
const OPTIONS = ["--release", "--codegen-units", "16", "--sanitizer", "none", "--features", "fuzzing"];
const LIBRARY = "libfuzzer.a";
const START_SECONDS = 120; // the kept corpus comes before the clock of the fuzzer starts

/** Whether libFuzzer can be compiled here. */
export const canFuzz = () => succeeds("c++", ["--version"]);

/** Looks for inputs that break what `fuzz/src/lib.rs` holds, in all parsers at the same time; fails where it finds one. */
export async function fuzz(seconds) {
  const cargoFuzz = await cargoTool("cargo-fuzz", CARGO_FUZZ);
  const library = join(toolsDir, `libfuzzer-${lockedVersion("libfuzzer-sys", join(root, "fuzz", "Cargo.lock"))}-${process.arch}`);
  // cargo-fuzz asks for all debug information, which takes long to compile.
  const env = { ...process.env, RUSTFLAGS: "-Cdebuginfo=line-tables-only" };
  if (existsSync(library)) env.CUSTOM_LIBFUZZER_PATH = join(library, LIBRARY);
  run(cargoFuzz, ["build", ...OPTIONS], { cwd: root, env });
  if (!existsSync(library)) await keep(library, [builtLibrary()]);
  const results = await Promise.all(TARGETS.map((target) => fuzzTarget(cargoFuzz, target, { seconds, env })));
  const failed = TARGETS.filter((_, at) => !results[at].ok);
  // The fuzzer's statistics are worth reading only then.
  for (const { ok, output } of results) if (!ok) console.error(output);
  if (failed.length > 0) throw new Hint(`The fuzzer has found something in ${failed.join(", ")}.`);
  console.log(`Nothing found in ${seconds} s of ${TARGETS.join(", ")}.`);
}

/** libFuzzer as cargo has built it from C++, once for this machine. */
function builtLibrary() {
  const target = join(root, "fuzz", "target");
  const found = readdirSync(target, { recursive: true }).find((name) => name.endsWith(`/${LIBRARY}`));
  if (!found) throw new Hint(`There is no ${LIBRARY} in ${target}.`);
  return join(target, found);
}

async function fuzzTarget(cargoFuzz, target, { seconds, env }) {
  // The fuzzer writes its inputs to a folder that is thrown away. The developer puts those worth keeping into the corpus.
  const found = mkdtempSync(join(tmpdir(), "rollcall-fuzz-"));
  const options = [`-max_total_time=${seconds}`, "-max_len=4096", "-verbosity=0", "-print_final_stats=1"];
  const args = ["run", ...OPTIONS, target, found, join("fuzz", "corpus", target), "--", ...options];
  try {
    return await runKeeping(cargoFuzz, args, { cwd: root, env, limit: seconds + START_SECONDS });
  } finally {
    rmSync(found, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  await fuzz(Number(process.argv[2] ?? 10));
}
