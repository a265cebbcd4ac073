// Where a setting stands in wrangler.toml. The parsers of TOML keep no lines, so the text is read for its keys.

const SEGMENT = /"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g;

/** The names of a dotted key, like `vars.ISSUERS."https://a.example"`. */
const namesOf = (key) => [...key.matchAll(SEGMENT)].map(([, double, single, bare]) => double ?? single ?? bare);

/** The names in the path of a finding, like `ISSUERS."https://a.example".POLICY.scopes[1]`, without indexes. */
const pathOf = (path) => namesOf(path.replace(/\[\d+\]/g, ""));

const begins = (long, short) => short.every((name, at) => long[at] === name);

/**
 * The line, from 1, on which the setting of `path` stands, or else the innermost table that it would be in; undefined if
 * the text has neither. `env` is the environment, if the configuration is that of one. `top` is for a setting of wrangler
 * itself, which is outside [vars].
 */
export function lineOf(text, path, { env, top = false } = {}) {
  const wanted = [...(env ? ["env", env] : []), ...(top ? [] : ["vars"]), ...pathOf(path)];
  let table = [];
  let best = { depth: env ? 2 : 0 };
  for (const [at, line] of text.split("\n").entries()) {
    const [, header] = /^\s*\[\[?(.+?)\]\]?\s*(?:#.*)?$/.exec(line) ?? [];
    const [, key] = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(line) ?? [];
    let found;
    if (header) found = table = namesOf(header);
    else if (key) found = [...table, ...namesOf(key)];
    if (found && begins(wanted, found) && found.length > best.depth) best = { depth: found.length, line: at + 1 };
  }
  return best.line;
}
