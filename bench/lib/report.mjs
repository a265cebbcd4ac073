// The figures as Markdown.

import { clientBusy, cpuOf, dollars, median, noise, ratioOf, speedOf } from "./stats.mjs";

const NONE = "–";
const integer = (value) => (Math.round(value) + 0).toLocaleString("en-US");
const ratio = (value) => value.toFixed(2);
const percent = (value) => `${value >= 1 ? "+" : "−"}${Math.abs((value - 1) * 100).toFixed(0)} %`;
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0);
const medianOf = (list, member) => median(list.map((one) => one[member]));

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** All tables, or without those of processes, bodies and records if only some operations were measured. */
export function report(results, labels) {
  const names = Object.keys(labels).filter((name) => name in results.operations);
  const processes = results.coldStarts && ["### Bundle, start and memory", processTable(results, names, labels)];
  const parts = [
    machine(results),
    `### CPU time of a request\n\nMicroseconds; in brackets the ratio to the JavaScript floor in the same round.`,
    cpuTable(results, names, labels),
    trust(results),
    "### CPU time in pairs\n\nRatios within a round: the median, and in brackets the middle half.",
    pairs(results),
    "### CPU time above an empty Worker\n\nMicroseconds that are the program's own.",
    aboveEmpty(results, names, labels),
    "### Speed\n\nRequests a second · median · 99th percentile in milliseconds, by requests under way at once.",
    speedTable(results, names, labels),
    ...(processes ?? []),
    "### KV operations and their price",
    operationsTable(results, names, labels),
    ...(results.bodies ? scaleParts(results, labels) : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

const scaleParts = ({ bodies, expensive, records }, labels) => [
  "### By the size of the body\n\nCPU microseconds of a registration.",
  scaleTable(bodies, "bytes", labels, ({ contestant }) => contestant),
  "### The most expensive bodies\n\nCPU microseconds of a registration of 64 KB.",
  scaleTable(expensive, "body", labels, ({ contestant }) => contestant),
  "### By the number of records\n\nCPU microseconds.",
  scaleTable(records, "records", labels, ({ contestant, operation }) => `${contestant} ${operation}`),
];

function machine({ date, kind, seconds, machine: { cpu, cores, pinned }, versions }) {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const cut = kind === "full" ? "" : ` A ${kind} run: for a look, not for keeping.`;
  const pins = pinned ? ", the server on one of its own" : "";
  return `${date}, ${cpu}, ${cores} cores${pins}; ${list.join(", ")}; ${seconds} seconds.${cut}`;
}

function cpuTable({ costs }, names, labels) {
  const operations = Object.keys(costs);
  const cell = (operation, name) => {
    const found = cpuOf(costs, operation, name);
    if (!found) return NONE;
    return `${integer(found.micros)}${found.ratio ? ` (${ratio(found.ratio)})` : ""}`;
  };
  return table(
    ["", ...operations],
    names.map((name) => [labels[name], ...operations.map((operation) => cell(operation, name))]),
  );
}

const OURS = "rollcall";
/** Pairs of operations whose ratio is shown, with the goal of the ratio, if there is one. */
const PAIRS = [
  ["a registration", ["register", OURS], "a registration of workers-oauth-provider", ["register", "oauth-provider"], 0.85],
  ["a read", ["read", OURS], "a read of the Rust floor", ["read", "floor-wasm"], 1.15],
  ["a look-up", ["look-up", OURS], "a read of the Rust floor", ["read", "floor-wasm"], 1.25],
  ["a rejection", ["refuse", OURS], "a registration", ["register", OURS], 0.7],
  ["a look-up of a cached metadata document", ["document", OURS], "a look-up", ["look-up", OURS], 1.25],
  ["a registration under a policy with long lists", ["register", "rollcall-policy"], "a registration", ["register", OURS]],
  ["a repeat of a registration", ["repeat", "rollcall-keys"], "a registration", ["register", "rollcall-keys"]],
  ["a look-up that asks for a sealed secret", ["look-up-secret", "rollcall-sealed"], "a look-up", ["look-up", "rollcall-sealed"]],
  ["a registration with a software statement", ["statement", "rollcall-statements"], "a registration", ["register", "rollcall-statements"]],
];

function pairs({ costs, coldStarts }) {
  const rows = PAIRS.map(([what, one, than, other, goal]) => [what, than, ratioOf(costs, one, other), goal]);
  const cpu = (name) => medianOf(coldStarts[name], "cpu");
  const start = coldStarts && { ratio: cpu(OURS) / cpu("floor-wasm") };
  const all = [...rows, ["the first response", "the first response of the Rust floor", start, 1.3]];
  const cell = ({ ratio: value, spread }) =>
    spread ? `${ratio(value)} (${ratio(spread.low)}–${ratio(spread.high)})` : ratio(value);
  return table(
    ["", "ratio", "goal: at most"],
    all.filter(([, , found]) => found).map(([what, than, found, goal]) => [`${what} ÷ ${than}`, cell(found), goal ? ratio(goal) : NONE]),
  );
}

function trust({ costs }) {
  const found = noise(costs);
  if (!found) return "The floor was not measured twice.";
  const range = ({ low, high }) => `${ratio(low)}–${ratio(high)}`;
  const rollcall = Object.keys(costs).map((operation) => [operation, cpuOf(costs, operation, "rollcall")?.spread]);
  const ranges = rollcall.filter(([, spread]) => spread).map(([operation, spread]) => `${operation} ${range(spread)}`);
  return `How far to trust this: in a single round the floor measured twice differed by ${percent(found.least)} to \
${percent(found.most)}, half of the time by ${percent(found.low)} to ${percent(found.high)}; the medians by what its \
two rows show. The middle half of Rollcall's ratios: ${ranges.join(", ")}. The client that sent the requests was busy \
for at most ${(clientBusy(costs) * 100).toFixed(0)} % of the time.`;
}

function aboveEmpty({ costs }, names, labels) {
  const operations = Object.keys(costs);
  const cell = (operation, name) => {
    const above = cpuOf(costs, operation, name)?.aboveEmpty;
    return above === undefined ? NONE : integer(above);
  };
  const rows = names.filter((name) => name !== "empty");
  return table(
    ["", ...operations],
    rows.map((name) => [labels[name], ...operations.map((operation) => cell(operation, name))]),
  );
}

function speedTable({ costs }, names, labels) {
  const cell = ({ perSecond, p50, p99 }) => `${integer(perSecond)} · ${p50.toFixed(2)} · ${p99.toFixed(2)}`;
  const rows = Object.keys(costs).flatMap((operation) =>
    names
      .filter((name) => costs[operation][name])
      .map((name) => [
        `${operation}: ${labels[name]}`,
        ...[1, 16, 64].map((concurrency) => cell(speedOf(costs, operation, name, concurrency))),
      ]),
  );
  return table(["", "1", "16", "64"], rows);
}

function processTable({ bundles, coldStarts, memory }, names, labels) {
  const { registrations } = memory.rollcall;
  const head = ["", "bundle, bytes", "gzip -9", "first answer, ms", "CPU, ms", "CPU above empty, ms"];
  head.push("memory, MB", `after ${integer(registrations)} more`, `and ${integer(2 * registrations)} more`);
  const empty = medianOf(coldStarts.empty, "cpu");
  const rows = names.map((name) => {
    const [size, starts, taken] = [bundles[name], coldStarts[name], memory[name]];
    const cpu = medianOf(starts, "cpu");
    const bytes = size ? [integer(size.raw), integer(size.gzip)] : [NONE, NONE];
    const times = [integer(medianOf(starts, "wall")), integer(cpu), name === "empty" ? NONE : integer(cpu - empty)];
    return [labels[name], ...bytes, ...times, ...[taken.first, taken.then, taken.finally].map(megabytes)];
  });
  return table(head, rows);
}

function operationsTable({ operations }, names, labels) {
  const shown = (counted) => {
    const list = Object.entries(counted).filter(([, count]) => count > 0);
    return list.map(([name, count]) => `${count} ${name}`).join(", ") || "none";
  };
  const rows = names
    .filter((name) => !["empty", "again", "rollcall-limits", "rollcall-sealed", "rollcall-policy"].includes(name))
    .flatMap((name) => Object.entries(operations[name]).map(([operation, counted]) => [name, operation, counted]))
    .map(([name, operation, counted]) => [
      `${operation}: ${labels[name]}`,
      shown(counted),
      name === "oidc-provider" ? NONE : dollars(counted).toFixed(2),
    ]);
  return table(["", "KV operations, and requests to the object", "$ per million"], rows);
}

function scaleTable(list, member, labels, group) {
  const columns = [...new Set(list.map((one) => one[member]))];
  const rows = [...new Set(list.map(group))].map((name) => {
    const [contestant, operation] = name.split(" ");
    const at = (column) => list.filter((one) => group(one) === name && one[member] === column);
    const label = operation ? `${operation}: ${labels[contestant]}` : labels[contestant];
    return [label, ...columns.map((column) => integer(medianOf(at(column), "cpu")))];
  });
  return table(["", ...columns.map((column) => (member === "body" ? column : `${integer(column)} ${member}`))], rows);
}
