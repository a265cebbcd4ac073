// The case files: each follows the schema, and each case is one that a reader can follow.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { LEVELS, casesOf, loadCases, readExpectations, readFiles } from "../lib/cases.mjs";
import { alternatives } from "../lib/expect.mjs";
import { NEEDS } from "../lib/needs.mjs";
import { STEP_KINDS } from "../lib/steps.mjs";
import { errorsOf } from "./schema.mjs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const schema = JSON.parse(read("../schema.json"));
const named = readExpectations();
const all = loadCases();

test("every case file follows the schema", () => {
  for (const [name, file] of readFiles()) assert.deepEqual(errorsOf(file, schema), [], name);
});

test("the schema rejects what is wrong with a file", () => {
  const right = { group: "a", about: "b", cases: [{ id: "c", sentence: "d", level: "MUST", source: "e", steps: [{ register: {}, expect: "registered" }] }] };
  assert.deepEqual(errorsOf(right, schema), []);
  for (const change of [
    (file) => delete file.group,
    (file) => (file.cases = []),
    (file) => (file.cases[0].level = "MAY"),
    (file) => (file.cases[0].steps[0].expects = "registered"),
    (file) => (file.cases[0].needs = ["a unicorn"]),
    (file) => (file.cases[0].steps[0].expect = { statuses: 201 }),
  ]) {
    const wrong = structuredClone(right);
    change(wrong);
    assert.notDeepEqual(errorsOf(wrong, schema), [], JSON.stringify(wrong));
  }
});

test("the needs and steps of the schema are those of the program", () => {
  assert.deepEqual([...schema.$defs.need.anyOf[0].enum].sort(), [...NEEDS].sort());
  for (const kind of STEP_KINDS) assert.ok(schema.$defs.step.properties[kind], kind);
});

test("there are at least 400 cases with identifiers of their own", () => {
  const ids = all.map(({ id }) => id);
  assert.ok(ids.length >= 400, `${ids.length}`);
  assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), []);
  for (const id of ids) assert.doesNotMatch(id, /[\s$]/, id);
});

test("every case has a sentence, a level and a source, and no variable of its row is left", () => {
  for (const one of all) {
    assert.ok(LEVELS.includes(one.level), one.id);
    assert.ok(one.source?.length > 3, one.id);
    assert.match(one.sentence, /\.$/, one.id);
    assert.doesNotMatch(JSON.stringify(one), /\$\{row\./, one.id);
  }
});

test("a MUST or a SHOULD names the section of a specification", () => {
  const specification = /^(RFC \d+ §|OpenID Connect .* 1\.0 §|draft-[a-z-]+-\d+ §|Fetch standard)/;
  for (const { id, level, source } of all) if (level === "MUST" || level === "SHOULD") assert.match(source, specification, id);
});

test("every step but a preparation has an expectation that exists", () => {
  for (const { id, steps } of all) {
    assert.ok(steps.at(-1).expect, `${id} expects nothing`);
    for (const { expect, publish } of steps) if (!publish && expect) assert.ok(alternatives(expect, named).length > 0, id);
  }
});

test("the files are small enough to read", () => {
  for (const [name, file] of readFiles()) {
    // The requests of real clients are as long as they are.
    if (name === "clients.json") continue;
    assert.ok(casesOf(file).length <= 110 && read(`../cases/${name}`).length < 16_000, name);
  }
  for (const name of ["run.mjs", ...readdirSync(new URL("../lib", import.meta.url)).map((one) => `lib/${one}`)]) {
    assert.ok(read(`../${name}`).split("\n").length - 1 <= 150, `${name} is too long`);
  }
});

test("the package depends on nothing, and its files import nothing from elsewhere", () => {
  const manifest = JSON.parse(read("../package.json"));
  for (const name of ["dependencies", "devDependencies", "peerDependencies", "publishConfig"]) assert.equal(manifest[name], undefined);
  assert.deepEqual(Object.values(manifest.bin), ["run.mjs"]);
  for (const name of ["run.mjs", ...readdirSync(new URL("../lib", import.meta.url)).map((one) => `lib/${one}`)]) {
    for (const [, from] of read(`../${name}`).matchAll(/ from "([^"]+)"/g)) assert.match(from, /^(node:|\.\/(lib\/)?[a-z]+\.mjs$)/, name);
  }
});
