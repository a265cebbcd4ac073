// The acceptable responses of a step: names of expectations.json, whole descriptions, or a name with additions.

import { differencesOf } from "./match.mjs";
import { fill } from "./template.mjs";

const merge = (base, more) => ({
  ...base,
  ...more,
  headers: { ...base.headers, ...more.headers },
  body: { ...base.body, ...more.body },
});

/** The alternatives that `expect` stands for, each `{ status, headers, body, … }`. */
export function alternatives(expect, named) {
  return [expect].flat().flatMap((one) => {
    if (typeof one === "string") {
      if (!Object.hasOwn(named, one)) throw new Error(`expectations.json has no ${one}`);
      return alternatives(named[one].any ?? [without(named[one], ["reason"])], named);
    }
    const { is, ...more } = one;
    return is === undefined ? [more] : alternatives(is, named).map((base) => merge(base, more));
  });
}

const without = (value, names) => Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

/** Compares a response with all alternatives: undefined if one holds, else the differences from each. */
export function compare(response, expect, named, scope) {
  const all = alternatives(expect, named).map((one) => differencesOf(response, fill(one, scope)));
  return all.some((found) => found.length === 0) ? undefined : all;
}

/** Why a response makes a case inapplicable, or undefined. `unless` has names, or `{ response, reason }`. */
export function inapplicable(response, unless, named, scope) {
  for (const one of [unless ?? []].flat()) {
    const [expect, reason] = typeof one === "string" ? [one, named[one].reason] : [one.response, one.reason];
    if (!compare(response, expect, named, scope)) return reason;
  }
  return undefined;
}
