// The rules of metadata documents that a registration does not have, as docs/errors.md names them. The Worker has the same rules in
// src/vocabulary/client_url.rs and src/client/metadata_document/; tests compare both.

const DRAFT = "Client ID Metadata Document draft-02";
const MCP = "Model Context Protocol 2025-11-25, Authorization";
const LONGEST = 512;

/** Domains of local networks and tests, as in src/vocabulary/special_use.rs. */
const RESERVED = ["localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "home.arpa", "lan", "test", "invalid", "onion"];

/** Path segments that parsers change: `.`, `..`, also encoded or with parameters. */
const DOTS = /\/(?:\.|%2e){1,2}(?:;[^/]*)?(?=\/|$)/i;

const SECRETS = ["client_secret", "client_secret_expires_at"];
const METHOD = "token_endpoint_auth_method";

/** Everything that is wrong with the URL of a document. */
export function urlProblems(text) {
  const found = [];
  const add = (rule, message) => found.push({ member: "", rule, message: `The URL ${message}`, spec: rule.startsWith("uri_") ? "RFC 3986" : `${DRAFT} section 3` });
  if (new TextEncoder().encode(text).length > LONGEST) add("client_url_length", `must not be longer than ${LONGEST} bytes`);
  if (!text.startsWith("https://")) add("client_url_scheme", "must start with https:// in lower case");
  if (/[^!-~]|[\\"<>^`{|}]/.test(text)) add("uri_character", "has a character that a URL must not have");
  const [, authority = "", path = "", query, fragment] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/is.exec(text) ?? [];
  if (fragment !== undefined) add("client_url_fragment", "must not contain a fragment (#)");
  if (query !== undefined) add("client_url_query", "must not contain a query (?)");
  if (authority.includes("@")) add("uri_userinfo", "must not contain a user name");
  if (path === "") add("client_url_path", "must have a path");
  if (DOTS.test(path)) add("uri_dot_segment", "must not contain the path segments . and ..");
  if (/%2f|%5c/i.test(path)) add("client_url_encoded_separator", "must not contain %2f or %5c in its path");
  if (/%(?![0-9a-f]{2})|%00/i.test(text)) add("uri_percent_encoding", "has a % that does not begin an encoded byte");
  if (!authority.includes("@") && !isPublic(authority)) add("client_url_host", "must be on a public host, in lower case");
  return found;
}

/** Whether `authority` is a public name that parsers leave as it is, with or without a port. */
function isPublic(authority) {
  const url = `https://${authority}/`;
  if (!URL.canParse(url) || new URL(url).host !== authority.replace(/:443$/, "")) return false;
  const { hostname, port: other } = new URL(url);
  if (other === "0" || !hostname.includes(".") || hostname.endsWith(".") || /^\[|^[\d.]+$/.test(hostname)) return false;
  return !RESERVED.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

/** Everything that is wrong with `document`, at `url`, and that a registration would accept. */
export function documentProblems(document, url) {
  const found = [];
  const add = (member, rule, message, spec) => found.push({ member: `/${member}`, rule, message: `${member} ${message}`, spec });
  if (document.client_id !== url) add("client_id", "document_client_id", `must be the URL of this document, byte for byte: ${url}`, `${DRAFT} section 4`);
  for (const name of SECRETS.filter((secret) => Object.hasOwn(document, secret))) {
    add(name, "document_secret", "must not be in a metadata document: everyone can read it", `${DRAFT} section 4.1`);
  }
  if (isSymmetric(document[METHOD])) {
    add(METHOD, "document_auth_method", "must not be a method with a shared secret, because everyone can read a metadata document; use none or private_key_jwt", `${DRAFT} section 4.1`);
  }
  if (/^https:\/\/[^/?#]*\/$/.test(url)) add("client_id", "mcp_path", "must have a path other than / in the profile mcp", MCP);
  for (const name of ["client_name", "redirect_uris"].filter((name) => isAbsent(document[name]))) {
    add(name, "mcp_required", "is required in a metadata document by the profile mcp", MCP);
  }
  return found;
}

const isSymmetric = (method) => typeof method === "string" && method.startsWith("client_secret");

const isAbsent = (value) => value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** The metadata of a registration that is checked by the same rules as the rest of `document`. */
export function asRegistration(document) {
  const { client_id: _, ...metadata } = document;
  for (const name of SECRETS) delete metadata[name];
  const { token_endpoint_auth_methods_supported: choices } = metadata;
  const isOutvoted = Array.isArray(choices) && !choices.includes(metadata[METHOD]);
  if (isSymmetric(metadata[METHOD]) || isOutvoted) delete metadata[METHOD];
  return isAbsent(metadata[METHOD]) && isAbsent(choices) ? { ...metadata, [METHOD]: "none" } : metadata;
}
