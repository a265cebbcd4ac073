// Fuzzes the parsers for some seconds each: node scripts/fuzz.mjs [SECONDS]. Needs a nightly toolchain;
// without one, only the kept corpus is run, which `cargo test` does too.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { run } from "./lib/process.mjs";
import { cargoTool, root, setup } from "./setup.mjs";

const CARGO_FUZZ = "0.13.2";
const TARGETS = ["body", "redirect_uri", "jwks", "record"];

/** Whether rustup has a nightly toolchain here. */
export function canFuzz() {
  const { stdout } = spawnSync("rustup", ["toolchain", "list"], { encoding: "utf8" });
  return Boolean(stdout?.includes("nightly"));
}

/** Looks for inputs that break what `fuzz/src/lib.rs` holds; fails on the first. */
export function fuzz(seconds) {
  const cargoFuzz = cargoTool("cargo-fuzz", CARGO_FUZZ);
  const env = { ...process.env, RUSTUP_TOOLCHAIN: "nightly" };
  for (const target of TARGETS) {
    // What is found goes to a folder that is thrown away; what is worth keeping is put there by hand.
    const found = mkdtempSync(join(tmpdir(), "rollcall-fuzz-"));
    const options = [`-max_total_time=${seconds}`, "-max_len=4096", "-verbosity=0", "-print_final_stats=1"];
    const args = ["run", "--sanitizer", "none", target, found, join("fuzz", "corpus", target), "--", ...options];
    try {
      run(cargoFuzz, args, { cwd: root, env });
    } finally {
      rmSync(found, { recursive: true, force: true });
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup();
  fuzz(Number(process.argv[2] ?? 10));
}
