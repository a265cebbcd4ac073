// Prints names that a file uses and does not declare: `node --expose-internals undeclared.mjs FILE...`. Node notices such
// a name only when it runs the line. A name counts as declared if it is declared anywhere in its file.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The parser that Node contains for its own use. It saves a dependency, and a later Node may move it.
const { parse } = createRequire(import.meta.url)("internal/deps/acorn/acorn/dist/acorn");

/** Names that browsers or the runtime of Workers have, and Node 20 does not. */
const OTHER_RUNTIMES = `
  window document location history sessionStorage localStorage isSecureContext innerWidth innerHeight scrollTo scrollBy
  navigator WebSocket matchMedia getComputedStyle addEventListener dispatchEvent caches
  CSS DOMParser Node Element HTMLElement HTMLInputElement MutationObserver Option PageTransitionEvent HTMLRewriter`;
const GLOBALS = [...Object.getOwnPropertyNames(globalThis), ...OTHER_RUNTIMES.trim().split(/\s+/), "arguments"];

/** Children that are names of members, labels or other modules, which need no declaration. */
const isName = (node, key) =>
  ["label", "meta", "imported", "exported", "attributes"].includes(key) ||
  (!node.computed && ["property", "key"].includes(key)) ||
  (node.type === "ExportNamedDeclaration" && node.source && key === "specifiers");

/** Calls `visit` with each node of a tree. */
function walk(node, visit) {
  visit(node);
  for (const key in node) {
    const child = node[key];
    if (typeof child !== "object" || isName(node, key)) continue;
    for (const each of Array.isArray(child) ? child : [child]) if (each?.type) walk(each, visit);
  }
}

/** The names that a parameter, or the left side of a declaration, declares. */
function namesOf(pattern) {
  if (!pattern) return [];
  if (pattern.type === "Identifier") return [pattern.name];
  const { properties = [], elements = [], left, argument, value } = pattern;
  return [...properties, ...elements, left, argument, value].flatMap(namesOf);
}

/** The names that a node declares. */
function declaredBy({ type, params = [], id, param, local }) {
  const isNamed = type === "VariableDeclarator" || /^(Class|Function)/.test(type);
  const patterns = [...params, isNamed && id, type === "CatchClause" && param, type.startsWith("Import") && local];
  return patterns.flatMap(namesOf);
}

for (const file of process.argv.slice(2)) {
  const source = readFileSync(file, "utf8");
  const known = new Set(GLOBALS);
  const used = [];
  walk(parse(source, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true }), (node) => {
    declaredBy(node).forEach((name) => known.add(name));
    if (node.type === "Identifier") used.push(node);
  });
  for (const { name, start } of used) {
    if (!known.has(name)) console.log(`${file}:${source.slice(0, start).split("\n").length}: ${name}`);
  }
}
