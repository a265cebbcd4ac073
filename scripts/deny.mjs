// npm run deny [-- advisories]: licences, versions and sources of all that is built in, by the rules of deny.toml.

import { fileURLToPath } from "node:url";

import { run } from "./lib/process.mjs";
import { cargoTool, root } from "./setup.mjs";

const CARGO_DENY = "0.20.2";
// What needs nothing but the crates that are here.
const OFFLINE = ["bans", "licenses", "sources"];

/** Fails on the first thing that deny.toml does not allow. */
export function deny(checks = OFFLINE) {
  const tool = cargoTool("cargo-deny", CARGO_DENY);
  const network = checks === OFFLINE ? ["--offline"] : [];
  for (const manifest of ["Cargo.toml", "fuzz/Cargo.toml"]) {
    const options = ["--manifest-path", manifest, "--config", "deny.toml", "--log-level", "warn"];
    run(tool, [...network, ...options, "check", "--allow", "license-exception-not-encountered", ...checks], { cwd: root });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checks = process.argv.slice(2);
  deny(checks.length > 0 ? checks : OFFLINE);
}
