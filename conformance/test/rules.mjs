// The rules of the small server: what it registers, and why it rejects the rest.

const STRING = (value) => typeof value === "string";
const STRINGS = (value) => Array.isArray(value) && value.every(STRING);
const BOOLEAN = (value) => typeof value === "boolean";
const OBJECT = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
/** The members that this server understands, with their types. */
const MEMBERS = {
  redirect_uris: STRINGS, token_endpoint_auth_method: STRING, grant_types: STRINGS, response_types: STRINGS, client_name: STRING, client_uri: STRING, logo_uri: STRING, scope: STRING,
  contacts: STRINGS, tos_uri: STRING, policy_uri: STRING, jwks_uri: STRING, jwks: OBJECT, software_id: STRING, software_version: STRING, application_type: STRING, subject_type: STRING,
  id_token_signed_response_alg: STRING, token_endpoint_auth_signing_alg: STRING, default_max_age: Number.isInteger, require_auth_time: BOOLEAN, software_statement: STRING,
};
const LINKS = ["client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri"];
const SCHEMES = /^(javascript|data|vbscript|file|blob|filesystem|mailto|tel|sms|about|intent|content|ms-word|search-ms|itms-services|telprompt|smb|chrome-extension|microsoft-edge|urn|tag|did):/i;

/** The members of `sent` that are understood, with defaults, narrowed to what the server supports. */
export function settle(sent, supported) {
  const metadata = {};
  for (const [name, value] of Object.entries(sent)) {
    const [plain, tag] = name.split("#");
    if (value === null || value === "" || !Object.hasOwn(MEMBERS, plain) || (tag && !plain.startsWith("client_"))) continue;
    metadata[name] = value;
  }
  const narrow = (name, list, fallback) => {
    if (metadata[name] === undefined) metadata[name] = fallback;
    else if (STRINGS(metadata[name]) && metadata[name].length > 0) metadata[name] = metadata[name].filter((value) => supported[list].includes(value));
  };
  const wanted = metadata.grant_types?.includes?.("implicit");
  narrow("grant_types", "grant_types_supported", ["authorization_code"]);
  narrow("response_types", "response_types_supported", metadata.grant_types.includes?.("authorization_code") ? ["code"] : []);
  if (wanted && !metadata.grant_types.includes("authorization_code")) metadata.response_types = [];
  metadata.token_endpoint_auth_method ??= "client_secret_basic";
  if (STRING(metadata.scope)) {
    metadata.scope = metadata.scope.split(" ").filter((scope) => supported.scopes_supported.includes(scope)).join(" ");
    if (!metadata.scope) delete metadata.scope;
  }
  return metadata;
}

/** The first rule that the metadata break, as `[code, description]`, or undefined. */
export function problemOf(metadata, supported) {
  const invalid = (text) => ["invalid_client_metadata", text];
  for (const [name, value] of Object.entries(metadata)) if (!MEMBERS[name.split("#")[0]](value)) return name === "redirect_uris" ? ["invalid_redirect_uri", "redirect_uris must be a list of strings"] : invalid(`${name.split("#")[0]} has a wrong type`);
  for (const uri of metadata.redirect_uris ?? []) if (!isRedirectUri(uri)) return ["invalid_redirect_uri", "One of redirect_uris is not a redirect URI"];
  for (const name of LINKS) if (metadata[name] && !/^https?:\/\/[^/]/.test(metadata[name])) return invalid(`${name} must be http or https`);
  const { grant_types: grants, response_types: responses, token_endpoint_auth_method: method, jwks, jwks_uri } = metadata;
  if (grants.length === 0) return invalid("No grant type is supported");
  const redirects = grants.includes("authorization_code");
  if (redirects && !metadata.redirect_uris?.length) return ["invalid_redirect_uri", "redirect_uris are required"];
  if (redirects !== responses.includes("code")) return invalid("grant_types and response_types contradict");
  if (!supported.token_endpoint_auth_methods_supported.includes(method)) return invalid("token_endpoint_auth_method is not supported");
  if (jwks && jwks_uri) return invalid("jwks and jwks_uri exclude each other");
  if (method === "private_key_jwt" && !jwks && !jwks_uri) return invalid("private_key_jwt needs keys");
  if (method === "none" && grants.includes("client_credentials")) return invalid("client_credentials needs client authentication");
  if (metadata.software_statement) return ["unapproved_software_statement", "No software statement is trusted"];
  if (metadata.application_type && !["web", "native"].includes(metadata.application_type)) return invalid("application_type must be web or native");
  if (metadata.subject_type && metadata.subject_type !== "public") return invalid("subject_type must be public");
  if (metadata.token_endpoint_auth_signing_alg && !supported.token_endpoint_auth_signing_alg_values_supported.includes(metadata.token_endpoint_auth_signing_alg)) return invalid("The algorithm is not supported");
  if (metadata.id_token_signed_response_alg && !supported.id_token_signing_alg_values_supported.includes(metadata.id_token_signed_response_alg)) return invalid("The algorithm is not supported");
  return undefined;
}

/** An absolute URI: https, http on loopback, or a private-use scheme. */
function isRedirectUri(text) {
  if (!/^[a-z][a-z\d+.-]*:[\x21-\x7e]+$/i.test(text) || /[\\#*<>"{}|^`@]/.test(text) || /%(?![\da-f]{2})|%00/i.test(text) || !URL.canParse(text)) return false;
  if (SCHEMES.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (/^https?:/i.test(text) && !/^https?:\/\/[^/]/i.test(text)) return false;
  if (!/^(https?|[^:]*\.[^:]*|cursor|myapp|[\w+-]+):/i.test(text) || /^localhost:/i.test(text)) return false;
  return protocol !== "http:" || hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}
