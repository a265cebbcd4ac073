// The report on the settings that an operator gets after an upgrade.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PUBLIC_FETCH, changesSince, examineFixed, writtenBy } from "../../scripts/lib/upgrade.mjs";

const change = (added = [], renamed = {}, gone = []) => ({ new: added, renamed, gone });

test("the version that wrote a file is in its first line only", () => {
  assert.equal(writtenBy("# Written by Rollcall 0.10.2\nname = 'x'\n"), "0.10.2");
  assert.equal(writtenBy("name = 'x'\n# Written by Rollcall 0.10.2\n"), undefined);
});

test("only changes of later versions are told, in the names that the file knows", () => {
  const changes = {
    "0.2.0": change(["A", "B", "C"]),
    "0.9.0": change(["D"], { A: "A1" }),
    "0.10.0": change(["E"], { A1: "A2", D: "D1" }, ["B"]),
    unreleased: change([], {}, ["E", "A2"]),
  };
  const told = (from) => {
    const { added, renamed, gone } = changesSince(from, changes) ?? {};
    return [added, renamed, gone];
  };
  assert.deepEqual(told("0.2.0"), [["D1"], {}, ["B", "A"]]);
  assert.deepEqual(told("0.9.0"), [[], { D: "D1" }, ["B", "A1"]]);
  assert.deepEqual(told("0.10.0"), [[], {}, ["E", "A2"]]);
  const { unreleased, ...released } = changes;
  assert.deepEqual(changesSince("0.10.0", released), undefined);
});

test("operators may set the compatibility flag for public fetches, and no other", () => {
  const shipped = { main: "index.js", compatibility_date: "2026-11-01", compatibility_flags: [], assets: {} };
  const members = (flags) => examineFixed({ ...shipped, compatibility_flags: flags }, shipped).map(({ member }) => member);
  assert.deepEqual(members([PUBLIC_FETCH]), []);
  assert.deepEqual(members([PUBLIC_FETCH, "nodejs_compat"]), ["compatibility_flags"]);
});
