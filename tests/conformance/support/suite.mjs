// The command of the conformance suite, as others run it.

import { join } from "node:path";

import { spawnGuarded } from "../../../scripts/lib/process.mjs";
import { root } from "../../../scripts/lib/repository.mjs";

/** Runs `conformance/run.mjs` with these arguments: `{ code, output }`. */
export function runSuite(args) {
  const child = spawnGuarded(process.execPath, [join(root, "conformance", "run.mjs"), ...args], { signal: "SIGKILL" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}
