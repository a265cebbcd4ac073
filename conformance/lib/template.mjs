// Values of a case with variables in them: "${client.client_id}" stands for a value, and {"$repeat": ["a", 100]} for a text.

const VARIABLE = /\$\{([^}]+)\}/g;

/** The value at a dotted path in `scope`; undefined if any part of the path is absent. */
export function lookUp(scope, path) {
  return path.split(".").reduce((value, name) => (value == null ? undefined : Object.hasOwn(value, name) ? value[name] : undefined), scope);
}

/** A text whose variables are replaced; a text that is one variable becomes its value, of any type. */
function fillText(text, scope) {
  const [whole] = text.match(/^\$\{([^}]+)\}$/) ?? [];
  if (whole) return lookUp(scope, whole.slice(2, -1));
  return text.replace(VARIABLE, (_, path) => String(lookUp(scope, path) ?? ""));
}

/** Functions of a template: each takes its filled argument. */
const FUNCTIONS = {
  /** `[text, count]`: the text so many times; without a count, none. */
  $repeat: ([text, count]) => text.repeat(count ?? 0),
  /** `[part, …]`: one text. */
  $concat: (parts) => parts.join(""),
  /** `[object, …]`: one object; later ones win. */
  $merge: (objects) => Object.assign({}, ...objects),
  /** `[text, …]`: one text with spaces between. */
  $spaced: (words) => words.join(" "),
  /** `[count, name]`: an object with so many members, whose names begin with `name`. */
  $manyMembers: ([count, name]) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, "x"])),
  /** `[count, text]`: a list of so many texts, each ending in its number. */
  $manyTexts: ([count, text]) => Array.from({ length: count }, (_, at) => `${text}${at}`),
  /** `{ of, wanted }`: the first value of the list `of` that is in the list `wanted`. */
  $first: ({ of, wanted }) => (of ?? []).find((value) => wanted.includes(value)),
};

/** `value` with variables replaced and functions called. Members that become undefined are left out. */
export function fill(value, scope) {
  if (typeof value === "string") return fillText(value, scope);
  if (Array.isArray(value)) return value.map((one) => fill(one, scope));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && Object.hasOwn(FUNCTIONS, entries[0][0])) return FUNCTIONS[entries[0][0]](fill(entries[0][1], scope));
  const filled = {};
  for (const [name, one] of entries) {
    const result = fill(one, scope);
    // Not an assignment: "__proto__" has to become a member.
    if (result !== undefined) Object.defineProperty(filled, fillText(name, scope), { value: result, enumerable: true, configurable: true, writable: true });
  }
  return filled;
}
