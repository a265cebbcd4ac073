// npm run doctor: checks a configuration, or running issuers. HELP is its manual.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { loadCheckup, loadDocumentCheck } from "./lib/checkup.mjs";
import { documentText, examineDocument } from "./lib/documents.mjs";
import { examineHosted } from "./lib/hosted.mjs";
import { NO_CONFIGURATION, commandLine, configuration, home, isPackage, version as ownVersion } from "./lib/installation.mjs";
import { examineIssuer, get, describe } from "./lib/issuer.mjs";
import { lineOf } from "./lib/lines.mjs";
import { needsOf, needsText } from "./lib/needs.mjs";
import { prepareBundle } from "./lib/prepare.mjs";
import { Hint } from "./lib/process.mjs";
import { adviceOf, cacheOf, examineSettings } from "./lib/settings.mjs";
import { examineStatementKeys } from "./lib/statement-keys.mjs";
import { changesSince, examineFixed, upgradeText, writtenBy } from "./lib/upgrade.mjs";
import { requireWrangler } from "./lib/wrangler.mjs";

const HELP = `${commandLine("doctor").padEnd(46)}  checks wrangler.toml before it is deployed
${commandLine("doctor", "https://auth.example.com ...").padEnd(46)}  checks running issuers
${commandLine("doctor", "--document URL").padEnd(46)}  checks a client's metadata document

  --file PATH     with --document: check this file, which is to be published at URL
  --env NAME      the environment of wrangler.toml to check
  --config FILE   check this file instead of wrangler.toml
  --strict        exit with 1 for warnings too
  --json          print the findings as JSON

The exit code is 0, or 1 if a finding is fatal, or 2 if the check could not run.`;

/** The limits that the Worker has for an upstream document: its size, and how long the fetch may take. */
const UPSTREAM = { bytes: 256 * 1024, ms: 3_000 };

/** The findings of a configuration, issuer by issuer. `checkup` runs the checks that the Worker runs at its start. */
async function examineConfiguration({ config, env }, checkup) {
  const file = config ? resolve(config) : configuration;
  if (isPackage && !config && !existsSync(file)) throw new Hint(NO_CONFIGURATION);
  const written = readFileSync(file, "utf8"); // Names a missing file, which wrangler does not.
  const settings = await read(file, env);
  const { vars } = settings;
  const reports = checkup({ vars });
  const upstreams = {};
  const unreachable = [];
  for (const { upstream } of reports.filter(({ upstream }) => upstream)) {
    const answer = await get(upstream, { limits: UPSTREAM });
    if (answer.status === 200) upstreams[upstream] = answer.text;
    else unreachable.push({ upstream, wrong: describe(answer) });
  }
  const final = Object.keys(upstreams).length > 0 ? checkup({ vars, upstreams }) : reports;
  for (const { upstream, wrong } of unreachable) {
    final.find((report) => report.upstream === upstream).findings.unshift({
      severity: "fatal",
      member: `UPSTREAM_METADATA (${upstream})`,
      wrong,
      breaks: "discovery and registration fail until Rollcall has a good copy of the document",
      fix: "Make the document reachable, or correct the URL",
    });
  }
  for (const report of final.filter(({ issuer }) => issuer)) {
    report.cache = cacheOf(settings, report.cacheable);
    report.advice = adviceOf(vars, report.issuer, upstreams[report.upstream]);
  }
  const from = writtenBy(written);
  const upgrade = from && changesSince(from);
  const findings = [...examineSettings(settings), ...(await examineStatementKeys(vars))];
  if (from) findings.push(...examineFixed(settings, await read(join(home, "wrangler.toml"))));
  let ofFile = final.find(({ issuer }) => issuer === "");
  if (!ofFile && (upgrade || findings.length > 0)) final.push((ofFile = { issuer: "", upstream: null, findings: [] }));
  ofFile?.findings.push(...findings);
  if (upgrade) ofFile.upgrade = upgrade;
  const ofWrangler = new Set(findings);
  for (const { issuer, findings } of final) {
    for (const found of findings) found.line = findLine(written, found, issuer, { vars, env, top: ofWrangler.has(found) });
  }
  if (final[0]) final[0].needs = needsOf(settings, file, env);
  return final;
}

/** The path of the setting that a finding about an issuer concerns. Members in lower case are those of METADATA. */
function pathOf({ member }, issuer, { ISSUERS = {} }) {
  const [, of = issuer, rest = member] = /^ISSUERS\."([^"]*)": (.*)$/s.exec(member) ?? [];
  const [path] = /^[A-Z_]+(?:\."[^"]*"|\.\w+|\[\d+\])*/.exec(rest) ?? [`METADATA.${/^\w*/.exec(rest)[0]}`];
  const [table] = path.split(/[.[]/);
  return Object.hasOwn(ISSUERS[of] ?? {}, table) ? `ISSUERS."${of}".${path}` : path;
}

/** The line of a finding; that of a setting of wrangler, and of a binding, is outside [vars]. */
function findLine(text, found, issuer, { vars, env, top }) {
  const [table] = found.member.split(/[.[]/);
  if (top && !Object.hasOwn(vars, table)) return lineOf(text, found.member, { env, top });
  return lineOf(text, pathOf(found, issuer, vars), { env });
}

/** The configuration as wrangler reads it. */
async function read(file, env) {
  const { experimental_readRawConfig: readRawConfig, unstable_readConfig: readConfig } = requireWrangler();
  try {
    const { rawConfig } = readRawConfig({ config: file });
    // For an unknown environment, wrangler would use the top level of the file.
    if (env && !rawConfig.env?.[env]) throw new Hint(`There is no [env.${env}] in ${file}`);
    return readConfig({ config: file, env }, { hideWarnings: true });
  } catch (error) {
    if (error instanceof Hint) throw error;
    // wrangler says in words what it does not take, like the period of a rate limit.
    if (!error.location) throw new Hint(`${file}: ${error.message}`);
    const { line, column } = error.location;
    throw new Hint(`${file}:${line}:${column + 1}: ${error.text}`);
  }
}

/** Text from elsewhere, made safe for a terminal. */
const harmless = (text) =>
  text.replace(/\p{C}/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

function print(reports, say) {
  say(`Rollcall ${ownVersion}`);
  const { needs } = reports[0] ?? {};
  if (needs) say(["\nNeeded beside the variables:", ...needsText(needs)].join("\n"));
  for (const report of reports) {
    const { issuer, findings, cache, advice, version, upgrade, trials = [] } = report;
    if (report.document) {
      say(`\n${documentText(report).map(harmless).join("\n")}`);
      continue;
    }
    say(`\n${issuer || "wrangler.toml"}${findings.length === 0 ? ": nothing to fix" : ""}`);
    if (version) say(`  runs: Rollcall ${harmless(version)}`);
    if (cache) say(`  cache: ${harmless(cache)}`);
    if (advice) say(`  advice: ${advice}`);
    for (const line of upgrade ? upgradeText(upgrade) : []) say(`  ${line}`);
    for (const trial of trials) say(trialText(trial));
    for (const { severity, member, wrong, breaks, fix, line } of findings) {
      say(`  ${severity === "fatal" ? "FATAL  " : "warning"}  ${harmless([member, wrong].filter(Boolean).join(" "))}`);
      if (line) say(`           line:   ${line}`);
      say(`           breaks: ${breaks}`);
      say(`           fix:    ${harmless(fix)}`);
    }
  }
}

/** What a model client would get. */
function trialText({ client, is_registered, result }) {
  return harmless(`  ${client} ${is_registered ? "is registered with" : "is rejected:"} ${result.join("; ")}`);
}

/** Runs the command with these arguments; `say` prints a text. Returns the exit code. */
export async function doctor(args, say = console.log) {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const options = { env: text, config: text, document: text, file: text, strict: flag, json: flag, help: flag };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (values.help) {
    say(HELP);
    return 0;
  }
  const reports = [];
  const { document, file } = values;
  if (file !== undefined && document === undefined) throw new Hint("--file needs --document, the URL where the file is to be published");
  if (document !== undefined && positionals.length > 0) throw new Hint("Check issuers and a document with two commands");
  await prepareBundle({ checkup: true });
  const checkup = await loadCheckup();
  const checkDocument = await loadDocumentCheck();
  if (document !== undefined) reports.push(await examineDocument(document, file, checkDocument));
  else if (positionals.length === 0) reports.push(...(await examineConfiguration(values, checkup)));
  for (const issuer of positionals) {
    if (!URL.canParse(issuer)) throw new Hint(`${issuer} is not a URL. Write the issuer as a URL, like https://auth.example.com`);
    const examine = (document) => checkup({ issuer, document })[0].findings;
    reports.push(await examineIssuer(issuer, examine, (endpoint) => examineHosted(endpoint, checkDocument)));
  }
  const all = reports.flatMap(({ findings }) => findings);
  const count = (wanted) => all.filter(({ severity }) => severity === wanted).length;
  if (values.json) say(JSON.stringify(reports, null, 2));
  else {
    print(reports, say);
    say(`\n${count("fatal")} fatal, ${count("warning")} warnings`);
  }
  return count("fatal") > 0 || (values.strict && count("warning") > 0) ? 1 : 0;
}

/** The text of an error: one sentence, unless it is an error of ours. */
export const messageOf = (error) => (error instanceof Hint || error.code ? error.message : error);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await doctor(process.argv.slice(2)).catch((error) => {
    console.error(messageOf(error));
    return 2;
  });
}
