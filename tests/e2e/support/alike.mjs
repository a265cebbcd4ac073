// Whether JSON of a page is what is really answered: the same members in the same order, of the same types, and the
// same values where chance and time have no part in them.

/** Members with another value each time. */
const CHANCE = /^(client_id|client_secret|registration_access_token|initial_access_token|id|version|policy|request_id)$/;
const TIME = /(^at|_at|_until|_since|^last_used|^duration_ms)$/;

/**
 * The differences, as sentences. `origins` are pairs of the origin of a page and the real one. With `shortened`, objects
 * below the first level may really have more members than the page shows.
 */
export function differences(shown, real, { origins = [], shortened = false } = {}) {
  const pairs = origins.map(([page, here]) => [here, page]);
  collect(shown, real, pairs);
  return [...compare(shown, real, "", { pairs, shortened })];
}

function collect(shown, real, pairs) {
  if (typeof shown !== "object" || typeof real !== "object" || !shown || !real) return;
  for (const [name, value] of Object.entries(shown)) {
    if (CHANCE.test(name) && typeof real[name] === "string") pairs.push([real[name], value]);
    else collect(value, real[name], pairs);
  }
}

const kind = (value) => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);

function* compare(shown, real, path, how) {
  const at = path || "it all";
  if (kind(shown) !== kind(real)) {
    yield `${at} is ${kind(shown)} on the page, and really ${kind(real)}: ${JSON.stringify(real)}`;
  } else if (Array.isArray(shown)) {
    if (shown.length !== real.length) yield `${at} has ${shown.length} elements on the page, and really ${real.length}`;
    for (const [n, value] of shown.entries()) if (n < real.length) yield* compare(value, real[n], `${path}/${n}`, how);
  } else if (kind(shown) === "object") {
    const names = Object.keys(shown);
    const all = Object.keys(real).filter((name) => !(how.shortened && path) || names.includes(name));
    if (names.join() !== all.join()) yield `${at} has on the page\n  ${names.join(", ")}\nand really\n  ${all.join(", ")}`;
    for (const name of names.filter((name) => all.includes(name))) {
      yield* member(name, shown[name], real[name], `${path}/${name}`, how);
    }
  } else {
    const actual = how.pairs.reduce((text, [here, page]) => (kind(text) === "string" ? text.replaceAll(here, page) : text), real);
    if (actual !== shown) yield `${at} is ${JSON.stringify(shown)} on the page, and really ${JSON.stringify(actual)}`;
  }
}

function* member(name, shown, real, path, how) {
  if (CHANCE.test(name) && typeof shown === "string" && typeof real === "string") {
    const fits = shown.length === real.length && /^[\w-]+$/.test(shown);
    if (!fits) yield `${path} has the form of ${shown} on the page, and really of ${real}`;
  } else if (!(TIME.test(name) && typeof shown === "number" && typeof real === "number" && shown && real)) {
    yield* compare(shown, real, path, how);
  }
}
