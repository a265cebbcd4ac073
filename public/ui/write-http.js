// Requests and answers as text: as HTTP messages, and as a command for a shell.

import { MASK, cut, secretsIn } from "./secret.js";

/** The secrets of a request, each once. */
export const secretsOfRequest = ({ token, body }) => once([...(token ? [token] : []), ...secretsIn(body)]);

export const secretsOfAnswer = ({ json }) => once(secretsIn(json));

const once = (secrets) => secrets.filter(({ value }, at) => secrets.findIndex((other) => other.value === value) === at);

/** The text with its secrets masked, save the revealed ones. `revealed` holds their names. */
export function masked(text, secrets, revealed) {
  const parts = cut(text, secrets);
  return parts.map((part) => (typeof part === "string" ? part : revealed.has(part.name) ? part.value : MASK)).join("");
}

export function writeRequest({ method, url, headers, text }) {
  const { host, pathname, search } = new URL(url);
  const lines = [`${method} ${pathname}${search} HTTP/1.1`, `Host: ${host}`];
  lines.push(...headers.map(([name, value]) => `${name}: ${value}`));
  return [...lines, ...(text ? ["", text] : [])].join("\n");
}

export function writeAnswer({ status, reason, headers, text, json }) {
  const lines = [`HTTP/1.1 ${status} ${reason}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const body = json === undefined ? text : JSON.stringify(json, null, 2);
  return [...lines, ...(body ? ["", body] : [])].join("\n");
}

/**
 * The request as a curl command for a POSIX shell. A secret that is not revealed is a variable of the
 * shell, so that the command can be passed on and still works where the variable is set.
 */
export function writeCurl({ method, url, headers, text }, secrets, revealed) {
  const word = (value) => quote(cut(value, secrets), revealed);
  const words = [`curl -i -X ${method} ${word(url)}`, ...headers.map(([name, value]) => `-H ${word(`${name}: ${value}`)}`)];
  if (text) words.push(`--data-raw ${word(text)}`);
  return words.join(" \\\n  ");
}

/** One word of a shell: everything is literal between single quotes, but the quote itself. */
function quote(parts, revealed) {
  const literal = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const variable = ({ name }) => `"$${name.toUpperCase()}"`;
  return parts
    .map((part) => {
      if (typeof part === "string") return part === "" ? "" : literal(part);
      return revealed.has(part.name) ? literal(part.value) : variable(part);
    })
    .join("");
}
