// npm run doctor: checks the configuration in wrangler.toml before it is deployed.
// npm run doctor -- https://auth.example.com ...: checks issuers that are running.
//
//   --env NAME      the environment of wrangler.toml to check
//   --config FILE   another file than wrangler.toml
//   --strict        warnings fail too
//   --json          the findings as JSON
//
// Ends with 0 if nothing is fatal, with 1 if something is, with 2 if it could not check.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { examineIssuer, get, told } from "./lib/issuer.mjs";
import { Hint } from "./lib/process.mjs";
import { root, setup } from "./setup.mjs";

/** What the Worker takes of an upstream document, and how long it waits. */
const UPSTREAM = { bytes: 256 * 1024, ms: 3_000 };

/** Runs the checks that the Worker runs at its start. */
function checkup(input) {
  const args = ["run", "--quiet", "--locked", "--bin", "checkup"];
  const { status, stdout, stderr } = spawnSync("cargo", args, {
    cwd: root,
    input: JSON.stringify(input),
    encoding: "utf8",
  });
  if (status !== 0) throw new Hint(`The checks could not be run:\n${stderr}`);
  return JSON.parse(stdout);
}

/** The findings of a configuration, issuer by issuer. */
async function examineConfiguration({ config, env }) {
  await setup();
  const { unstable_readConfig: readConfig } = await import("wrangler");
  const file = config ? resolve(config) : join(root, "wrangler.toml");
  readFileSync(file); // says what is wrong with the name, which wrangler does not
  const { vars } = readConfig({ config: file, env }, { hideWarnings: true });
  const reports = checkup({ vars });
  const upstreams = {};
  const unreachable = [];
  for (const { upstream } of reports.filter(({ upstream }) => upstream)) {
    const answer = await get(upstream, { limits: UPSTREAM });
    if (answer.status === 200) upstreams[upstream] = answer.text;
    else unreachable.push({ upstream, wrong: told(answer) });
  }
  const final = Object.keys(upstreams).length > 0 ? checkup({ vars, upstreams }) : reports;
  for (const { upstream, wrong } of unreachable) {
    final.find((report) => report.upstream === upstream).findings.unshift({
      severity: "fatal",
      member: `UPSTREAM_METADATA (${upstream})`,
      wrong,
      breaks: "nothing can be discovered or registered until there is a good copy of it",
      mend: "Make the document reachable, or correct the URL",
    });
  }
  return final;
}

/** Text of others, fit for a terminal. */
const harmless = (text) =>
  text.replace(/\p{C}/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

function print(reports) {
  for (const { issuer, findings } of reports) {
    console.log(`\n${issuer || "wrangler.toml"}${findings.length === 0 ? ": nothing to mend" : ""}`);
    for (const { severity, member, wrong, breaks, mend } of findings) {
      console.log(`  ${severity === "fatal" ? "FATAL  " : "warning"}  ${harmless([member, wrong].filter(Boolean).join(" "))}`);
      console.log(`           breaks: ${breaks}`);
      console.log(`           mend:   ${mend}`);
    }
  }
}

async function main() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const options = { env: text, config: text, strict: flag, json: flag };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const reports = [];
  if (positionals.length === 0) reports.push(...(await examineConfiguration(values)));
  for (const issuer of positionals) {
    if (!URL.canParse(issuer)) throw new Hint(`${issuer} is no issuer: give its URL, like https://auth.example.com`);
    reports.push(await examineIssuer(issuer, (document) => checkup({ issuer, document })[0].findings));
  }
  const all = reports.flatMap(({ findings }) => findings);
  const count = (wanted) => all.filter(({ severity }) => severity === wanted).length;
  if (values.json) console.log(JSON.stringify(reports, null, 2));
  else {
    print(reports);
    console.log(`\n${count("fatal")} fatal, ${count("warning")} warnings`);
  }
  return count("fatal") > 0 || (values.strict && count("warning") > 0) ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main().catch((error) => {
    console.error(error instanceof Hint || error.code ? error.message : error);
    return 2;
  });
}
