// The report for people: progress, each failure with its exchange, and the summary.

import { LEVELS } from "./cases.mjs";

const BODY_SHOWN = 2000;
const indent = (text) => text.split("\n").map((line) => `    ${line}`).join("\n");
const cut = (text) => (text.length > BODY_SHOWN ? `${text.slice(0, BODY_SHOWN)}… (${text.length} characters)` : text);

/** Secrets of the person who runs this must not end up in a shared report. */
const hidden = (name, value, token) => (name === "authorization" && token && value === `Bearer ${token}` ? "Bearer (the initial access token)" : value);

function showRequest({ method, url, headers = {}, body }, token) {
  const lines = [`${method} ${cut(url)}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${hidden(name, value, token)}`)];
  return indent([...lines, ...(body === undefined ? [] : ["", cut(body.toString())])].join("\n"));
}

function showResponse(response) {
  if (!response) return indent("(no response)");
  const lines = [`HTTP ${response.status}`, ...Object.entries(response.headers).map(([name, value]) => `${name}: ${value}`)];
  if (response.note) lines.push(`(${response.note})`);
  return indent([...lines, ...(response.text ? ["", cut(response.text)] : [])].join("\n"));
}

/** A failure: the sentence that is violated, its section, the last exchange, and how the response differs. */
export function showFailure({ id, level, source, sentence, reason, differences = [[reason]], exchanges = [] }, token) {
  const last = exchanges.at(-1);
  const before = exchanges.slice(0, -1).map(({ request, response }) => `${request.method} ${request.url} -> ${response?.status}`);
  const text = [`FAILED ${id} (${level}, ${source})`, `  ${sentence}`];
  if (before.length > 0) text.push("  before:", indent(before.join("\n")));
  if (last) text.push("  request:", showRequest(last.request, token), "  response:", showResponse(last.response));
  text.push(differences.length > 1 ? "  expected one of these, but:" : "  but:");
  text.push(...differences.map((found) => indent(found.join("; "))));
  return text.join("\n");
}

/** Counts of outcomes: `{ passed, failed, skipped }`. */
export function count(results) {
  const counted = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counted[outcome] += 1;
  return counted;
}

/** Lines of a table with aligned columns. */
function table(rows) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => String(row[at]).length)));
  return rows.map((row) => row.map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]) : String(cell).padStart(widths[at]))).join("  "));
}

const rowOf = (name, results) => [name, ...Object.values(count(results)), results.length];

/** The summary: a table of groups, one of levels, and why cases were skipped. */
export function showSummary(results, { seconds, left }) {
  const groups = [...new Set(results.map(({ group }) => group))];
  const head = ["passed", "failed", "skipped", "cases"];
  const byGroup = [["group", ...head], ...groups.map((group) => rowOf(group, results.filter((one) => one.group === group)))];
  const byLevel = [["level", ...head], ...LEVELS.map((level) => rowOf(level, results.filter((one) => one.level === level))), rowOf("all", results)];
  const reasons = new Map();
  for (const { outcome, reason } of results) if (outcome === "skipped") reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const skipped = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, times]) => `${String(times).padStart(4)}  ${reason}`);
  const text = [...table(byGroup), "", ...table(byLevel)];
  if (skipped.length > 0) text.push("", "skipped because:", ...skipped);
  if (left > 0) text.push("", `${left} clients could not be deleted, and are left at the target`);
  return [...text, "", `in ${seconds.toFixed(1)} s`].join("\n");
}

/** Shows how far a run is: on a terminal in one line, elsewhere a line for each group. */
export class Progress {
  #group;

  constructor(stream) {
    this.stream = stream;
  }

  update({ group, id, outcome }, done, total) {
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[K${done}/${total} ${outcome === "failed" ? `failed: ${id}` : group}${outcome === "failed" ? "\n" : ""}`);
    } else if (group !== this.#group) {
      this.#group = group;
      this.stream.write(`${done}/${total} ${group}\n`);
    }
  }

  end() {
    if (this.stream.isTTY) this.stream.write("\r\x1b[K");
  }
}
