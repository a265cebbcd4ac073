// The meaning of an upgrade for the operator's wrangler.toml, which no upgrade changes. `rollcall init` writes its version
// into the first line. `scripts/settings.json` lists the settings that each version has added, renamed and removed.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { home, isPackage, pathFrom, version } from "./installation.mjs";

const CHANGES = JSON.parse(readFileSync(join(home, "scripts", "settings.json"), "utf8"));
/** The name of the changes that belong to no version yet. */
const NEXT = "unreleased";

/** The first line of a `wrangler.toml` that this version writes. */
export const firstLine = () => `# Written by Rollcall ${version}`;

/** The version that wrote a `wrangler.toml`; undefined for a file that `rollcall init` did not write. */
export const writtenBy = (text) => /^# Written by Rollcall (\d+\.\d+\.\d+)\b/.exec(text)?.[1];

/** Whether the version `one` is later than `other`. */
function isLater(one, other) {
  // A package that is made between two releases has these settings, and `rollcall init` writes them.
  if (one === NEXT) return !isPackage || other !== version;
  const [a, b] = [one, other].map((text) => text.split(".").map(Number));
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at] > b[at];
}

/**
 * The settings that changed after the version `from`: `{ from, to, added, renamed, gone }`, where `renamed` has the new name
 * of each former one. Undefined if none did. A setting that came and went in between is not mentioned.
 */
export function changesSince(from, changes = CHANGES) {
  const added = new Set();
  const renamed = new Map();
  const gone = new Set();
  for (const change of Object.keys(changes).filter((one) => isLater(one, from)).map((one) => changes[one])) {
    for (const name of change.new) added.add(name);
    for (const [name, next] of Object.entries(change.renamed)) {
      // The name that the file knows, if the setting was renamed before.
      const known = [...renamed].find(([, later]) => later === name)?.[0] ?? name;
      if (added.delete(name)) added.add(next);
      else renamed.set(known, next);
    }
    for (const name of change.gone) {
      const known = [...renamed].find(([, later]) => later === name)?.[0] ?? name;
      renamed.delete(known);
      if (!added.delete(name)) gone.add(known);
    }
  }
  if (added.size + renamed.size + gone.size === 0) return undefined;
  return { from, to: version, added: [...added], renamed: Object.fromEntries(renamed), gone: [...gone] };
}

/** The same as sentences for the operator. */
export function upgradeText({ from, to, added, renamed, gone }) {
  const lines = [`written by Rollcall ${from}; this is ${to}`];
  if (added.length > 0) lines.push(`new: ${added.join(", ")}`);
  for (const [name, next] of Object.entries(renamed)) lines.push(`renamed: ${name} is now ${next}`);
  if (gone.length > 0) lines.push(`gone: ${gone.join(", ")}`);
  lines.push(`${pathFrom(process.cwd(), "wrangler.toml")} shows and explains all settings. When you are done, write ${to} into the first line of yours.`);
  return lines;
}

/** The compatibility flag that sends requests to hosts of the own zone through its front door. */
export const PUBLIC_FETCH = "global_fetch_strictly_public";

/** Settings of the Worker that are not for an operator to change: a new version may need other values. */
const FIXED = {
  main: ({ main }) => (existsSync(main) ? realpathSync(main) : main),
  compatibility_date: ({ compatibility_date: date }) => date,
  // docs/decisions/0015-fetching-metadata-documents.md leaves this flag to the operator.
  compatibility_flags: ({ compatibility_flags: flags }) => flags?.filter((flag) => flag !== PUBLIC_FETCH),
  "exports.InitialAccessTokens": ({ exports }) => exports?.InitialAccessTokens,
  // An operator may leave the pages out.
  "assets.run_worker_first": ({ assets }, shipped) => (assets ? assets : shipped.assets).run_worker_first,
};

/** The findings of those that differ from the `shipped` ones; both as wrangler reads them. */
export function examineFixed(settings, shipped) {
  const differs = ([, value]) => JSON.stringify(value(settings, shipped)) !== JSON.stringify(value(shipped, shipped));
  return Object.entries(FIXED).filter(differs).map(([member, value]) => ({
    severity: "warning",
    member,
    wrong: `is not as Rollcall ${version} ships it`,
    breaks: "the Worker is not tested with that value",
    fix: `Set it to ${JSON.stringify(value(shipped, shipped))}`,
  }));
}
