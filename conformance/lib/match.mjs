// Compares a response with an acceptable one. Each difference is a sentence of the report.

import { isDeepStrictEqual } from "node:util";

const show = (value) => (value === undefined ? "absent" : JSON.stringify(value));
const list = (value) => (Array.isArray(value) ? value : []);

const TYPES = {
  string: (value) => typeof value === "string",
  integer: Number.isInteger,
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  array: Array.isArray,
  object: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
  strings: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
  /** An absolute http or https URL, as it was sent. */
  url: (value) => typeof value === "string" && /^https?:\/\/[^/?#]/i.test(value) && URL.canParse(value),
};

/** Names that a comma-separated header lists; "*" covers all but Authorization (Fetch standard). */
function covers(header, wanted) {
  const names = (header ?? "").toLowerCase().split(",").map((name) => name.trim());
  return wanted.every((name) => names.includes(name.toLowerCase()) || (names.includes("*") && name.toLowerCase() !== "authorization"));
}

/** Matchers: `[holds(value, argument), what the argument asks for]`. */
const MATCHERS = {
  $type: [(value, type) => TYPES[type](value), (type) => `of type ${type}`],
  $absent: [(value, absent) => (value === undefined) === absent, (absent) => (absent ? "absent" : "present")],
  $in: [(value, values) => values.some((one) => isDeepStrictEqual(one, value)), (values) => `one of ${show(values)}`],
  $contains: [(value, part) => (typeof value === "string" ? value.includes(part) : list(value).some((one) => isDeepStrictEqual(one, part))), (part) => `with ${show(part)} in it`],
  $excludes: [(value, part) => (typeof value === "string" ? !value.includes(part) : !list(value).some((one) => isDeepStrictEqual(one, part))), (part) => `without ${show(part)} in it`],
  $subset: [(value, all) => Array.isArray(value) && value.every((one) => list(all).includes(one)), (all) => `a list of values out of ${show(all)}`],
  $same: [(value, all) => Array.isArray(value) && value.length === all.length && value.every((one) => all.includes(one)), (all) => `the values ${show(all)} in any order`],
  $words: [(value, all) => typeof value === "string" && value.split(" ").every((word) => all.split(" ").includes(word)), (all) => `words out of ${show(all)}`],
  $pattern: [(value, pattern) => typeof value === "string" && new RegExp(pattern, "u").test(value), (pattern) => `like /${pattern}/`],
  $min: [(value, least) => value >= least, (least) => `at least ${least}`],
  $max: [(value, most) => value <= most, (most) => `at most ${most}`],
  $lists: [covers, (names) => `a list that covers ${names.join(", ")}`],
  $notEmpty: [(value) => value !== undefined && value !== "" && value !== null && value?.length !== 0, () => "not empty"],
  $noValue: [(value, values) => !holdsAnywhere(value, values), (values) => `without any value ${show(values)} at any depth`],
  $optional: [(value, matcher) => value === undefined || differences("", value, matcher).length === 0, (matcher) => `absent or ${describe(matcher)}`],
  $not: [(value, matcher) => differences("", value, matcher).length > 0, (matcher) => `not ${describe(matcher)}`],
  $any: [(value, matchers) => matchers.some((one) => differences("", value, one).length === 0), (matchers) => matchers.map(describe).join(" or ")],
  $every: [(value, matcher) => Array.isArray(value) && value.every((one) => differences("", one, matcher).length === 0), (matcher) => `a list in which each is ${describe(matcher)}`],
  $members: [(value, members) => TYPES.object(value) && Object.entries(members).every(([name, one]) => differences("", value[name], one).length === 0), (members) => `an object with ${Object.entries(members).map(([name, one]) => `${name} ${describe(one)}`).join(", ")}`],
};

function holdsAnywhere(value, values) {
  if (values.some((one) => isDeepStrictEqual(one, value))) return true;
  return value !== null && typeof value === "object" && Object.values(value).some((one) => holdsAnywhere(one, values));
}

const isMatcher = (matcher) => TYPES.object(matcher) && Object.keys(matcher).length > 0 && Object.keys(matcher).every((name) => Object.hasOwn(MATCHERS, name));

/** A matcher in words. */
export function describe(matcher) {
  if (!isMatcher(matcher)) return show(matcher);
  return Object.entries(matcher).map(([name, argument]) => MATCHERS[name][1](argument)).join(" and ");
}

/** How `value`, which the report calls `name`, differs from `matcher`: sentences, none if it does not. */
export function differences(name, value, matcher) {
  if (!isMatcher(matcher)) {
    return isDeepStrictEqual(value, matcher) ? [] : [`${name} is ${show(value)}, expected ${show(matcher)}`];
  }
  return Object.entries(matcher)
    .filter(([matcherName, argument]) => !MATCHERS[matcherName][0](value, argument))
    .map(([matcherName, argument]) => `${name} is ${show(value)}, expected ${MATCHERS[matcherName][1](argument)}`);
}

/** Statuses: 201, [200, 404], "2xx", "<500". */
function statusFits(status, expected) {
  if (Array.isArray(expected)) return expected.some((one) => statusFits(status, one));
  if (typeof expected === "number") return status === expected;
  if (expected.startsWith("<")) return status < Number(expected.slice(1));
  return String(status)[0] === expected[0];
}

/** How a response differs from one acceptable response, which is `{ status, json, headers, body, text, outcome, fetches }`. */
export function differencesOf(response, acceptable) {
  const found = [];
  const { status, json, headers = {}, body = {}, text, outcome, fetches } = acceptable;
  if (status !== undefined && !statusFits(response.status, status)) found.push(`status is ${response.status}, expected ${[status].flat().join(" or ")}`);
  if (outcome !== undefined) found.push(...differences("the authorization endpoint's decision", response.outcome, outcome));
  if (fetches !== undefined) found.push(...differences("number of requests for the document", response.fetches, fetches));
  if (json) {
    const type = response.headers["content-type"] ?? "";
    if (!/^application\/([\w.-]+\+)?json\s*(;|,|$)/i.test(type)) found.push(`content-type is ${show(type)}, expected application/json`);
    if (!TYPES.object(response.json)) found.push("the body is not a JSON object");
  }
  for (const [name, matcher] of Object.entries(headers)) found.push(...differences(name, response.headers[name], matcher));
  for (const [name, matcher] of Object.entries(body)) {
    const value = name === "" ? response.json : TYPES.object(response.json) && Object.hasOwn(response.json, name) ? response.json[name] : undefined;
    found.push(...differences(name || "the body", value, matcher));
  }
  if (text !== undefined) found.push(...differences("the body", response.text, text));
  return found;
}
