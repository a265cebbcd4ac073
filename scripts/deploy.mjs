// npm run deploy: runs the doctor, and uploads the Worker to Cloudflare with the pinned wrangler. HELP is its manual.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

import { doctor, messageOf } from "./doctor.mjs";
import { NO_CONFIGURATION, commandLine, configuration, folder, wranglerCommand } from "./lib/installation.mjs";
import { prepareBundle } from "./lib/prepare.mjs";
import { Hint } from "./lib/process.mjs";

const HELP = `${commandLine("deploy", "[OPTION...]")}      checks the configuration, and uploads the Worker and the pages to Cloudflare

  --dry-run       shows what would be uploaded; needs no account
  --anyway        deploys without the check of ${commandLine("doctor")}
  --env NAME      an environment of wrangler.toml
  --config FILE   another file than wrangler.toml

All options but --anyway go to \`wrangler deploy\`, which has more of them. To log in: ${wranglerCommand} login`;

const args = process.argv.slice(2);
const text = { type: "string" };
const options = { config: { ...text, short: "c" }, env: { ...text, short: "e" }, anyway: { type: "boolean" }, help: { type: "boolean" } };
const { values } = parseArgs({ args, options, strict: false });

/** Whether the doctor finds nothing that is fatal; its report is printed. */
async function passesDoctor() {
  const given = Object.entries({ config: values.config, env: values.env }).filter(([, value]) => typeof value === "string");
  const code = await doctor(given.flatMap(([name, value]) => [`--${name}`, value])).catch((error) => {
    console.error(messageOf(error));
    return 2;
  });
  if (code === 0) return true;
  console.error(`\nNothing was deployed. Fix what is fatal, or deploy all the same: ${commandLine("deploy", "--anyway")}`);
  process.exitCode = code;
  return false;
}

if (values.help) {
  console.log(HELP);
} else {
  if (!values.config && !existsSync(configuration)) throw new Hint(NO_CONFIGURATION);
  if (values.anyway || (await passesDoctor())) {
    const { node, wrangler, env } = await prepareBundle();
    const rest = args.filter((arg) => arg !== "--anyway");
    // The caller's terminal is its terminal: it asks questions.
    const child = spawn(node, [wrangler, "deploy", ...rest], { cwd: folder, env, stdio: "inherit" });
    child.on("exit", (code) => process.exit(code ?? 1));
  }
}
