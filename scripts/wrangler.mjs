// Runs the pinned wrangler under a Node that is new enough for it: node scripts/wrangler.mjs ARGS.

import { spawn } from "node:child_process";

import { root, setup } from "./setup.mjs";

const { node, wrangler, env } = await setup();
// The caller's terminal is its terminal: it asks questions.
const child = spawn(node, [wrangler, ...process.argv.slice(2)], { cwd: root, env, stdio: "inherit" });
child.on("exit", (code) => process.exit(code ?? 1));
