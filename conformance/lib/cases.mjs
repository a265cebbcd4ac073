// Reads the case files, and makes one case of each row of a table.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { fill } from "./template.mjs";

export const CASES = fileURLToPath(new URL("../cases", import.meta.url));
export const LEVELS = ["MUST", "SHOULD", "compatibility", "hardening"];
/** Files of the folder that have no cases: responses that cases name, and values that they share. */
const NO_CASES = ["expectations.json", "values.json"];
/** Members that a case inherits from its file, and a row from its case. */
const INHERITED = ["level", "source", "sentence"];

/** The case files of a folder, parsed, by their names. */
export function readFiles(folder = CASES) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json") && !NO_CASES.includes(name)).sort();
  return names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8"))]);
}

/** The responses that cases name instead of writing them out. */
export const readExpectations = (folder = CASES) => JSON.parse(readFileSync(join(folder, "expectations.json"), "utf8")).expectations;

/** Values that cases share, like keys: `values` in a template. */
export const readValues = (folder = CASES) => JSON.parse(readFileSync(join(folder, "values.json"), "utf8")).values;

/** The cases of a file. Variables of rows are replaced here, all others when the case runs. */
export function casesOf(file) {
  return file.cases.flatMap(({ each, ...one }) => {
    const rows = each ?? [{}];
    return rows.map((row) => {
      const inherited = Object.fromEntries(INHERITED.map((name) => [name, row[name] ?? one[name] ?? file[name]]));
      const filled = fillRow({ ...one, ...inherited }, row);
      const needs = [...new Map([...(file.needs ?? []), ...(one.needs ?? []), ...(row.needs ?? [])].map((need) => [JSON.stringify(need), need])).values()];
      return { ...filled, needs, group: file.group, serial: file.serial === true, id: `${file.group}/${filled.id}` };
    });
  });
}

/** Replaces "${row.NAME}" alone: everything else is known only when the case runs. */
function fillRow(value, row) {
  if (typeof value === "string") return value.includes("${row.") ? fillRowText(value, row) : value;
  if (Array.isArray(value)) return value.map((one) => fillRow(one, row));
  if (value === null || typeof value !== "object") return value;
  const filled = {};
  for (const [name, one] of Object.entries(value)) {
    const key = fillRowText(name, row);
    Object.defineProperty(filled, key, { value: fillRow(one, row), enumerable: true, configurable: true, writable: true });
  }
  return filled;
}

function fillRowText(text, row) {
  const whole = text.match(/^\$\{row\.([^}]+)\}$/);
  if (whole) return fill(text, { row });
  return text.replace(/\$\{row\.([^}]+)\}/g, (variable) => fill(variable, { row }));
}

/** All cases, in the order of their files, or those of some groups; `only` selects identifiers that contain a text. */
export function loadCases({ folder = CASES, groups, only } = {}) {
  const cases = readFiles(folder).flatMap(([, file]) => casesOf(file));
  const chosen = cases.filter(({ group, id }) => (!groups || groups.includes(group)) && (!only || id.includes(only)));
  return chosen;
}
