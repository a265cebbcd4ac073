// npm run deploy: uploads the Worker to Cloudflare with the pinned wrangler. HELP is its manual.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

import { NO_CONFIGURATION, commandLine, configuration, folder, wranglerCommand } from "./lib/installation.mjs";
import { prepareTools } from "./lib/prepare.mjs";
import { Hint } from "./lib/process.mjs";

const HELP = `${commandLine("deploy", "[OPTION...]")}      uploads the Worker and the pages to Cloudflare

  --dry-run       shows what would be uploaded; needs no account
  --env NAME      an environment of wrangler.toml
  --config FILE   another file than wrangler.toml

All options go to \`wrangler deploy\`, which has more of them. To log in: ${wranglerCommand} login`;

const args = process.argv.slice(2);
const text = { type: "string" };
const { values } = parseArgs({ args, options: { config: { ...text, short: "c" }, help: { type: "boolean" } }, strict: false });
if (values.help) {
  console.log(HELP);
} else {
  if (!values.config && !existsSync(configuration)) throw new Hint(NO_CONFIGURATION);
  const { node, wrangler, env } = await prepareTools();
  // The caller's terminal is its terminal: it asks questions.
  const child = spawn(node, [wrangler, "deploy", ...args], { cwd: folder, env, stdio: "inherit" });
  child.on("exit", (code) => process.exit(code ?? 1));
}
