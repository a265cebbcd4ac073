// node bench/compare.mjs NAME=FOLDER NAME=FOLDER … [--rounds 30] [--only register,read]: what requests and starts cost in
// several builds of Rollcall, each compared with the first one. A folder has index.js and index_bg.wasm, as build/ has.
//
// All builds run in every round, in reverse order in every other round, so that other work on the machine affects all of
// them. "least" divides the least figures of all rounds, "median" is the median of the ratios within the rounds.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { Hint } from "../scripts/lib/process.mjs";
import { buildFloor } from "./lib/floor.mjs";
import { setup } from "../scripts/setup.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "30" }, only: { type: "string" } },
});
const builds = positionals.map((argument) => argument.split("="));
if (builds.length < 2 || builds.some(({ length }) => length !== 2)) {
  throw new Hint("Name at least two builds: node bench/compare.mjs old=/path/to/build new=build");
}
await buildFloor(await setup());

// These need the packages that the set-up installs.
const { CONTESTANTS } = await import("./lib/contestants.mjs");
const { MAIN, costs } = await import("./lib/load.mjs");
const { warmUp } = await import("./lib/measure.mjs");
const { bundle, coldStarts } = await import("./lib/processes.mjs");
const { REQUESTS } = await import("./lib/requests.mjs");
const { Server, pinOurselves } = await import("./lib/server.mjs");
const { median } = await import("./lib/stats.mjs");

const LOAD = { concurrency: MAIN, count: 20_000, seconds: 0.2 };
const scratch = mkdtempSync(join(tmpdir(), "rollcall-compare-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
const operations = options.only?.split(",") ?? ["register", "discover", "read", "look-up", "authenticate", "refuse"];

const ourselves = CONTESTANTS.find(({ name }) => name === "rollcall");
const others = CONTESTANTS.filter(({ name }) => ["floor-wasm", "oauth-provider"].includes(name));
const ours = builds.map(([name, folder]) => ({
  ...ourselves,
  name,
  modules: () => ({ "index.js": resolve(folder, "index.js"), "index_bg.wasm": resolve(folder, "index_bg.wasm") }),
}));

pinOurselves();
const servers = [...ours, ...others].map((contestant) => new Server(contestant, scratch));
const cpu = {};
let starts;
try {
  starts = await coldStarts(servers, { coldStarts: 10 });
  for (const server of servers) {
    await server.start();
    await warmUp(server, operations, { warmUp: 4000 });
  }
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const operation of operations) {
      const able = servers.filter(({ contestant }) => contestant.can.includes(operation));
      for (const server of round % 2 === 0 ? able : able.toReversed()) {
        const { name } = server.contestant;
        const taken = await costs(server, REQUESTS[operation](server.contestant, server.clients), LOAD);
        ((cpu[operation] ??= {})[name] ??= []).push(taken.cpu);
      }
    }
  }
} finally {
  await Promise.all(servers.map((server) => server.stop()));
}

const [first] = ours;
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
const compared = (figures, basis) => {
  const ratios = figures.map((figure, round) => figure / basis[round]);
  return `${Math.min(...figures).toFixed(0)} (${(Math.min(...figures) / Math.min(...basis)).toFixed(2)} / ${median(ratios).toFixed(2)})`;
};
console.log(`CPU microseconds of a request: the least (ratio to ${first.name} by the least / by the median); first response in milliseconds of CPU`);
row(["build", "bytes gzip", ...operations, "first response"]);
row(["---", ...operations.map(() => "---:"), "---:", "---:"]);
for (const { contestant } of servers) {
  const { name } = contestant;
  const cells = operations.map((operation) => (cpu[operation][name] ? compared(cpu[operation][name], cpu[operation][first.name]) : "–"));
  const startsOf = (one) => starts[one].map((start) => start.cpu);
  row([name, bundle(contestant, scratch).gzip, ...cells, compared(startsOf(name), startsOf(first.name))]);
}
