// Runs the pinned wrangler under a Node that is new enough for it: node scripts/wrangler.mjs ARGS.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { root, setup } from "./setup.mjs";

/** Starts wrangler; the caller's terminal is its terminal. */
export function wrangler(tools, args, env = {}) {
  return spawn(tools.node, [tools.wrangler, ...args], {
    cwd: root,
    env: { ...tools.env, ...env },
    stdio: "inherit",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const child = wrangler(await setup(), process.argv.slice(2));
  child.on("exit", (code) => process.exit(code ?? 1));
}
