#!/usr/bin/env node
// Tests dynamic client registration at any server: node run.mjs https://issuer.example. README.md has the details.

import { readFileSync, writeFileSync } from "node:fs";

import { LEVELS, loadCases } from "./lib/cases.mjs";
import { compareReports, toJson, toJunit } from "./lib/formats.mjs";
import { USAGE, UsageError, readOptions } from "./lib/options.mjs";
import { Progress, showFailure, showSummary } from "./lib/report.mjs";
import { runSuite } from "./lib/suite.mjs";

function write(path, text) {
  if (path === "-") process.stdout.write(text);
  else if (path) writeFileSync(path, text);
}

function compare(paths) {
  if (paths.length !== 2) throw new UsageError("--compare needs two reports");
  const [before, after] = paths.map((path) => JSON.parse(readFileSync(path, "utf8")));
  const { lines, worse } = compareReports(before, after);
  console.log(lines.length > 0 ? lines.join("\n") : "no differences");
  return worse > 0 ? 1 : 0;
}

function list(options) {
  for (const { id, level, source, sentence } of loadCases(options)) console.log(`${id}  (${level}, ${source})\n    ${sentence}`);
  return 0;
}

async function test(options) {
  const started = Date.now();
  // A report on the standard output must be alone there.
  const quiet = options.json === "-" || options.junit === "-";
  const print = quiet ? console.error : console.log;
  const progress = new Progress(process.stderr);
  const { target, results } = await runSuite(options, (...news) => progress.update(...news));
  progress.end();
  const seconds = (Date.now() - started) / 1000;
  const left = results.reduce((sum, one) => sum + one.left, target.left);
  for (const result of results) if (result.outcome === "failed") print(`\n${showFailure(result, options.token)}`);
  print(`\n${options.issuer}\n\n${showSummary(results, { seconds, left })}`);
  if (target.firstRefusal && !target.baseline) print(`\nThe first registration was rejected: HTTP ${target.firstRefusal.status} ${target.firstRefusal.text.slice(0, 500)}`);
  const date = new Date().toISOString().slice(0, 10);
  write(options.json, `${JSON.stringify(toJson(results, { issuer: options.issuer, date, seconds }), null, 1)}\n`);
  write(options.junit, toJunit(results, { token: options.token, seconds }));
  if (results.length === 0 || results.every(({ outcome }) => outcome === "skipped")) return 2;
  const counted = LEVELS.slice(0, LEVELS.indexOf(options.failOn) + 1);
  return results.some(({ outcome, level }) => outcome === "failed" && counted.includes(level)) ? 1 : 0;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else process.exitCode = options.compare ? compare(options.positionals) : options.list ? list(options) : await test(options);
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${process.argv[2]} cannot be tested: ${error.message || error.code || error}`);
  process.exitCode = 2;
}
