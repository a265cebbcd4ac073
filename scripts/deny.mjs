// npm run deny [-- advisories]: licences, versions and sources of all that is built in, by the rules of deny.toml.

import { fileURLToPath } from "node:url";

import { cargoTool } from "./lib/cargo-tools.mjs";
import { run } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";

const CARGO_DENY = "0.20.2";
// Checks that need only the crates themselves.
const OFFLINE = ["bans", "licenses", "sources"];
// These are in no bundle: two versions of a crate cost nothing there.
const OUTSIDE = ["scripts/bindgen/Cargo.toml", "bench/floor-wasm/Cargo.toml"];

/** Fails on the first thing that deny.toml does not allow. */
export async function deny(checks = OFFLINE) {
  const tool = await cargoTool("cargo-deny", CARGO_DENY);
  const network = checks === OFFLINE ? ["--offline"] : [];
  for (const manifest of ["Cargo.toml", "fuzz/Cargo.toml", ...OUTSIDE]) {
    const options = ["--manifest-path", manifest, "--all-features", "--config", "deny.toml", "--log-level", "warn"];
    const which = OUTSIDE.includes(manifest) ? checks.filter((check) => check !== "bans") : checks;
    // With none named, cargo-deny would do all.
    if (which.length === 0) continue;
    // Those of other platforms too, which no build here has fetched.
    run("cargo", ["fetch", "--locked", "--quiet", "--manifest-path", manifest], { cwd: root });
    run(tool, [...network, ...options, "check", "--allow", "license-exception-not-encountered", ...which], { cwd: root });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checks = process.argv.slice(2);
  await deny(checks.length > 0 ? checks : OFFLINE);
}
