// npm run bench: what registration costs, here and elsewhere, on this machine: docs/performance.md.
//
//   --quick               about a minute, for a look
//   --only register,read  only these operations, and the contestants that have one of them
//   --json FILE           all figures, round by round, into FILE
//
// The whole run alone writes to docs/performance.md, docs/images/benchmark.svg and bench/results/latest.json.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Hint } from "../scripts/lib/process.mjs";
import { build } from "../scripts/build.mjs";
import { root, setup } from "../scripts/setup.mjs";
import { buildFloor } from "./lib/floor.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean" },
    smoke: { type: "boolean" }, // for the test of the harness: figures that mean nothing
    only: { type: "string" },
    json: { type: "string" },
  },
});
if (process.platform !== "linux") throw new Hint("The benchmark reads CPU times from /proc: it needs Linux.");

const tools = await setup();
if (!process.env.ROLLCALL_SKIP_BUILD) await build(tools);
await buildFloor(tools);

// These need the packages that the set-up installs.
const { CONTESTANTS, versions } = await import("./lib/contestants.mjs");
const { measure } = await import("./lib/measure.mjs");
const { PLANS } = await import("./lib/plans.mjs");
const { REQUESTS } = await import("./lib/requests.mjs");
const { isPinned, pinOurselves } = await import("./lib/server.mjs");
const { report } = await import("./lib/report.mjs");
const { chart } = await import("./lib/chart.mjs");

const only = options.only?.split(",");
const unknown = only?.find((name) => !(name in REQUESTS));
if (unknown) throw new Hint(`--only knows ${Object.keys(REQUESTS).join(", ")}, and not ${unknown}.`);
const kind = options.smoke ? "smoke" : options.quick ? "quick" : "full";
const scratch = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

pinOurselves();
const started = Date.now();
const figures = await measure(PLANS[kind], { scratch, only, say: (what) => console.error(`  ${what}`) });
const machine = { cores: cpus().length, cpu: cpus()[0].model.trim(), pinned: isPinned };
const about = { date: new Date().toISOString().slice(0, 10), kind, machine, versions: versions() };
const results = { ...about, seconds: Math.round((Date.now() - started) / 1000), ...figures };
const labels = Object.fromEntries(CONTESTANTS.map(({ name, label }) => [name, label]));
const text = report(results, labels);
console.log(text);

const json = `${JSON.stringify(results, (_, value) => rounded(value), 1)}\n`;
if (options.json) writeFileSync(options.json, json);
if (kind === "full" && !only) {
  writeFileSync(join(root, "bench", "results", "latest.json"), json);
  writeFileSync(join(root, "docs", "images", "benchmark.svg"), chart(results, labels));
  writePart(join(root, "docs", "performance.md"), text);
}

function rounded(value) {
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}

/** Puts `text` between the two markers of a page. */
function writePart(page, text) {
  const [begin, end] = ["<!-- figures -->", "<!-- /figures -->"];
  const [before, rest] = readFileSync(page, "utf8").split(begin);
  const after = rest.split(end)[1];
  writeFileSync(page, `${before}${begin}\n\n${text}\n${end}${after}`);
}
