// Reports for programs: JSON, JUnit, and the comparison of two JSON reports.

import { LEVELS } from "./cases.mjs";
import { count, showFailure } from "./report.mjs";

/** The report as a value. Tokens and secrets of responses are left out. */
export function toJson(results, { issuer, date, seconds }) {
  const levels = Object.fromEntries(LEVELS.map((level) => [level, count(results.filter((one) => one.level === level))]));
  const cases = results.map(({ id, level, source, sentence, outcome, reason }) => ({ id, level, source, sentence, outcome, ...(reason && { reason }) }));
  return { issuer, date, seconds, all: count(results), levels, cases };
}

const escapeXml = (text) => String(text).replace(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, "?");

function junitCase(result, token) {
  const { id, group, milliseconds, outcome, reason } = result;
  const open = `    <testcase classname="${escapeXml(group)}" name="${escapeXml(id)}" time="${(milliseconds / 1000).toFixed(3)}"`;
  if (outcome === "passed") return `${open}/>`;
  const inner = outcome === "skipped" ? `<skipped message="${escapeXml(reason)}"/>` : `<failure message="${escapeXml(reason)}">${escapeXml(showFailure(result, token))}</failure>`;
  return `${open}>${inner}</testcase>`;
}

/** The report as JUnit XML: a test suite for each level. */
export function toJunit(results, { token, seconds }) {
  const suites = LEVELS.map((level) => {
    const of = results.filter((one) => one.level === level);
    const { failed, skipped } = count(of);
    const head = `  <testsuite name="${level}" tests="${of.length}" failures="${failed}" skipped="${skipped}">`;
    return [head, ...of.map((one) => junitCase(one, token)), "  </testsuite>"].join("\n");
  });
  const { failed, skipped } = count(results);
  const head = `<testsuites tests="${results.length}" failures="${failed}" skipped="${skipped}" time="${seconds.toFixed(3)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, "</testsuites>", ""].join("\n");
}

/** The cases whose outcome differs between two JSON reports, as lines; cases that one report does not have are "absent". */
export function compareReports(before, after) {
  const outcomes = ({ cases }) => new Map(cases.map((one) => [one.id, one]));
  const [first, second] = [outcomes(before), outcomes(after)];
  const ids = [...new Set([...first.keys(), ...second.keys()])];
  const changed = ids.map((id) => [first.get(id), second.get(id), id]).filter(([a, b]) => a?.outcome !== b?.outcome);
  const lines = changed.map(([a, b, id]) => {
    const { level, source } = b ?? a;
    return `${(a?.outcome ?? "absent").padEnd(7)} -> ${(b?.outcome ?? "absent").padEnd(7)}  ${id} (${level}, ${source})`;
  });
  const worse = changed.filter(([a, b]) => b?.outcome === "failed" && a !== undefined).length;
  return { lines, worse };
}
