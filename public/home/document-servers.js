// Which well-known servers reject a metadata document, and why: facts of September 2026, from the sources or the documentation of
// each server. The page at / and `npm run doctor` show them.
//
// A check gets the facts about a document: its `url`; the parsed `document`; the `bytes` of its text; and from its response the
// `status`, the media `type`, and the `ms` that it took. Facts that are not known are undefined. It returns why the server rejects it.

const texts = (value) => (Array.isArray(value) ? value : [value]).filter((text) => typeof text === "string");

const parsed = (url) => (URL.canParse(url) ? new URL(url) : undefined);

/** The path of a URL as it is written: parsers change it. */
const pathOf = (url) => /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? "";

const larger = (limit) => ({ bytes }) => bytes > limit && `it has ${bytes} bytes, more than ${limit}`;
const slower = (limit) => ({ ms }) => ms > limit && `it took ${ms} ms, more than ${limit}`;
const query = ({ url }) => url.includes("?") && "the URL has a query";
const only200 = ({ status }) => status !== undefined && status !== 200 && `the status is ${status}, not 200`;
const noRedirect = ({ status }) => status >= 300 && status < 400 && `the status is ${status}, and it follows no redirect`;
const withKeys = ({ document }) => document?.token_endpoint_auth_method === "private_key_jwt" && "token_endpoint_auth_method is private_key_jwt, which it does not support for documents";
const missingMethod = ({ document }) => document && !document.token_endpoint_auth_method;

/** Members whose URLs must be on the origin of the document. */
const onOrigin = (...names) => ({ url, document }) => {
  const origin = parsed(url)?.origin;
  const others = names.filter((name) => texts(document?.[name]).some((text) => parsed(text)?.origin !== origin));
  return others.length > 0 && `${others.join(" and ")} must be on the origin of the document`;
};

const SERVER_MEMBERS = ["client_secret", "client_secret_expires_at", "client_id_issued_at", "disabled", "skip_consent", "enable_end_session", "require_pkce", "reference_id", "user_id", "resources"];

/** Members that better-auth stores for itself, so a document must not have them. */
function serverMembers({ document }) {
  const found = Object.keys(document ?? {}).filter((name) => SERVER_MEMBERS.includes(name) || name.startsWith("backchannel_logout_"));
  return found.length > 0 && `it has ${found.join(", ")}`;
}

/** Keycloak applies its trusted domains to each URI of the document, not only to the URL of the document. */
function otherHosts({ url, document }) {
  const own = parsed(url)?.hostname;
  const members = Object.entries(document ?? {}).filter(([name]) => /_ur[il]s?$/.test(name));
  const hosts = members.flatMap(([, value]) => texts(value)).map((text) => parsed(text)?.hostname);
  const others = [...new Set(hosts)].filter((host) => host && host !== own);
  return others.length > 0 && `its operator has to trust each host in it, also ${others.join(", ")}`;
}

/** The rules of atproto's profile for documents. */
const ATPROTO = [
  only200,
  ({ type }) => type !== undefined && type !== "application/json" && `the media type is ${type || "missing"}, not application/json`,
  (facts) => missingMethod(facts) && "token_endpoint_auth_method is missing",
  ({ document }) => document && !texts(document.scope).join(" ").split(" ").includes("atproto") && "scope lacks atproto",
  ({ url, document }) => texts(document?.client_uri).some((uri) => !isParent(uri, url)) && "client_uri must be on the origin of the document, at a parent path",
  ({ document }) => texts(document?.redirect_uris).some((uri) => parsed(uri)?.hostname === "localhost") && "redirect_uris has localhost; write 127.0.0.1 or [::1]",
  ({ url, document }) => texts(document?.redirect_uris).some((uri) => !isSchemeOf(uri, url)) && "a private-use scheme in redirect_uris must be the reversed host of the URL",
  ({ document }) => document?.application_type === "native" && document.token_endpoint_auth_method !== "none" && "token_endpoint_auth_method of a native application must be none",
  ({ document }) => document?.token_endpoint_auth_method === "private_key_jwt" && !document.token_endpoint_auth_signing_alg && "token_endpoint_auth_signing_alg is missing",
];

function isParent(uri, url) {
  const [parent, child] = [parsed(uri), parsed(url)];
  return parent?.origin === child?.origin && child?.pathname.startsWith(parent?.pathname.replace(/\/?$/, "/"));
}

function isSchemeOf(uri, url) {
  const { protocol } = parsed(uri) ?? {};
  const reversed = parsed(url)?.hostname.split(".").reverse().join(".");
  return !protocol || protocol === "https:" || protocol === "http:" || protocol === `${reversed}:`;
}

/** Signatures of clients that workers-oauth-provider verifies. */
const SIGNED = ["RS256", "ES256"];

function otherSignature({ document }) {
  const { token_endpoint_auth_method: method, token_endpoint_auth_methods_supported: methods, token_endpoint_auth_signing_alg: alg } = document ?? {};
  if (method !== "private_key_jwt" || texts(methods).includes("none") || !alg || SIGNED.includes(alg)) return false;
  return `token_endpoint_auth_signing_alg is ${alg}, not ${SIGNED.join(" or ")}`;
}

/** The servers, each with its checks. */
const SERVERS = [
  ["better-auth 1.7", [
    only200,
    larger(5120),
    ({ type }) => type !== undefined && !/^application\/([^;]+\+)?json/.test(type) && `the media type is ${type || "missing"}, not JSON`,
    serverMembers,
    onOrigin("client_uri", "post_logout_redirect_uris"),
  ]],
  ["workers-oauth-provider 1.2.3", [
    larger(5120),
    ({ url }) => ["", "/"].includes(pathOf(url)) && "the URL has no path, or only /",
    otherSignature,
  ]],
  ["oidc-provider 9.13.3", [
    only200,
    slower(2500),
    (facts) => missingMethod(facts) && "token_endpoint_auth_method is missing: its default is client_secret_basic, unless its operator has set another one",
  ]],
  ["Keycloak 26.6 to 26.8", [
    larger(5000),
    query,
    ({ url }) => /%2f|%5c/i.test(pathOf(url)) && "the path of the URL has %2f or %5c",
    otherHosts,
  ]],
  ["atproto oauth-provider", ATPROTO],
  ["FastMCP 3 and 4", [noRedirect, larger(5120)]],
  ["Rauthy 0.3", [
    only200,
    ({ url }) => url.length > 256 && `the URL has ${url.length} characters, more than 256`,
    withKeys,
  ]],
  ["Microsoft Entra (preview)", [
    query,
    ({ document }) => texts(document?.grant_types).includes("client_credentials") && "grant_types has client_credentials",
  ]],
  ["Amazon Cognito", [withKeys]],
];

/** For each server its name, and the reasons why it rejects a document with these facts; none if it is not known to. */
export function examineServers(facts) {
  return SERVERS.map(([server, checks]) => ({ server, reasons: checks.map((check) => check(facts)).filter(Boolean) }));
}
