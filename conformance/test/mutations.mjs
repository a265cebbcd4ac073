// Ways to be wrong, each as a change of the right server's responses, and the cases that must notice it.

/** Whether an exchange is a registration that was accepted. */
const isRegistration = ({ request, response }) => request.path === "/register" && response.status === 201;
const isRejection = ({ request, response }) => request.path === "/register" && response.status === 400;
const isManagement = ({ request }) => request.path.startsWith("/register/");
const isRead = (one) => isManagement(one) && one.request.method === "GET" && one.response.status === 200;
const isUpdate = (one) => isManagement(one) && one.request.method === "PUT" && one.response.status === 200;
const isDeletion = (one) => isManagement(one) && one.response.status === 204 && one.request.method === "DELETE";
const isUnauthorized = (one) => isManagement(one) && one.response.status === 401;
const isDocument = ({ request, response }) => request.path.startsWith("/.well-known/") && response.status === 200;
const isPreflight = ({ request }) => request.method === "OPTIONS";

/** A fault that changes responses of a kind. */
const when = (isKind, change) => (one) => isKind(one) && change(one.response, one);
const member = (isKind, name, value) => when(isKind, ({ body }) => (value === undefined ? delete body[name] : (body[name] = value)));
const status = (isKind, value) => when(isKind, (response) => (response.status = value));
const header = (isKind, name, value) => when(isKind, ({ headers }) => (headers[name] = value));

/** Puts a client back as it was registered: the server did nothing before its response. */
const restore = (isKind) => {
  const kept = new Map();
  return ({ request, response, server }) => {
    if (isRegistration({ request, response })) kept.set(response.body.client_id, { ...response.body });
    const id = request.path.slice("/register/".length);
    if (isKind({ request, response }) && kept.has(id)) server.clients.set(id, kept.get(id));
  };
};

/** Registers what the server would reject: `replace` makes a right body of a wrong one, `mend` its wrong response of the right one. */
const accepts = (matches, mend) => ({ request, response, server }) => {
  if (request.path !== "/register" || response.status !== 400) return;
  const sent = JSON.parse(request.body.toString() || "{}");
  if (!matches(sent)) return;
  const client_id = `c${server.clients.size}-${Math.random()}`;
  const client = { client_id, client_id_issued_at: 1790000000, redirect_uris: [], grant_types: ["authorization_code"], response_types: ["code"], token_endpoint_auth_method: "none", ...sent, ...mend, registration_access_token: `t-${client_id}-0123456789abcdef`, registration_client_uri: `${server.url}/register/${client_id}` };
  server.clients.set(client_id, client);
  Object.assign(response, { status: 201, body: client });
};
const redirects = (pattern) => accepts(({ redirect_uris }) => Array.isArray(redirect_uris) && redirect_uris.some((uri) => pattern.test(uri)));

/** Name, fault, and the cases that must fail; `announced` marks a fault in the metadata without which the cases do not apply. */
export const MUTATIONS = [
  ["registration is 200", status(isRegistration, 200), ["rfc7591/created"]],
  ["registration is text", header(isRegistration, "content-type", "text/plain"), ["rfc7591/created-json"]],
  ["client_id is a number", member(isRegistration, "client_id", 7), ["rfc7591/client-id"]],
  ["secret never says when it expires", member(isRegistration, "client_secret_expires_at"), ["rfc7591/secret-expiry"]],
  ["secret expires in milliseconds", member(isRegistration, "client_secret_expires_at", 1790000000000), ["rfc7591/secret-expiry"]],
  ["secrets are all the same", member(isRegistration, "client_secret", "0123456789abcdefghijklmnop"), ["rfc7591/secret-unique", "rfc7591/public-without-secret"]],
  ["issued at a text", member(isRegistration, "client_id_issued_at", "1790000000"), ["rfc7591/issued-at-number"]],
  ["issued at a fraction", member(isRegistration, "client_id_issued_at", 1790000000.5), ["rfc7591/issued-at-integer"]],
  ["redirect URIs are not returned", member(isRegistration, "redirect_uris"), ["rfc7591/redirect-uris-returned"]],
  ["redirect URIs get a slash", when(isRegistration, ({ body }) => (body.redirect_uris = body.redirect_uris?.map((uri) => `${uri}/`))), ["rfc7591/redirect-uris-unchanged", "redirect-uris/kept-https-1"]],
  ["grants are not returned", member(isRegistration, "grant_types"), ["rfc7591/states-grants"]],
  ["a grant that was not asked for", member(isRegistration, "grant_types", ["authorization_code", "implicit"]), ["rfc7591/announced-grants", "rfc7591/not-wider-grants"]],
  ["null members", member(isRegistration, "logo_uri", null), ["rfc7591/no-null-least", "rfc7591/null-logo_uri"]],
  ["empty members", member(isRegistration, "client_uri", ""), ["rfc7591/no-empty-least", "rfc7591/empty-client_uri"]],
  ["a member error beside success", member(isRegistration, "error", ""), ["rfc7591/no-error-in-success"]],
  ["responses may be stored", header(isRegistration, "cache-control", "public"), ["rfc7591/not-cacheable"]],
  ["contacts become a text", when(isRegistration, ({ body }) => (body.contacts = String(body.contacts))), ["rfc7591/type-contacts"]],
  ["names are forgotten", member(isRegistration, "client_name"), ["rfc7591/kept-client_name"]],
  ["unknown members are rejected", when((one) => isRegistration(one) && one.request.body.includes("example_extension"), (response) => Object.assign(response, { status: 400, body: { error: "invalid_client_metadata" } })), ["rfc7591/unknown-text", "rfc7591/unknown-many"]],
  ["claims of a statement are believed", accepts(({ software_statement }) => software_statement, { client_name: "From a statement" }), ["rfc7591/statement-unsigned"]],
  ["clients choose their secret", when((one) => isRegistration(one) && one.request.body.includes("a-secret-of-the-clients-choice"), ({ body }, { request }) => (body.client_secret = JSON.parse(request.body).client_secret)), ["abuse/assigned-client_secret"]],
  ["errors are 422", status(isRejection, 422), ["rfc7591/error-status"]],
  ["errors are 500", status(isRejection, 500), ["rfc7591/error-status", "abuse/body-deep-objects"]],
  ["errors are text", header(isRejection, "content-type", "text/html"), ["rfc7591/error-json", "abuse/error-not-html"]],
  ["errors have no code", member(isRejection, "error"), ["rfc7591/error-member"]],
  ["errors have another code", member(isRejection, "error", "invalid_request"), ["rfc7591/error-code-of-registration"]],
  ["errors are not in ASCII", member(isRejection, "error_description", "ungültig"), ["rfc7591/error-ascii-redirect"]],
  ["remote http is accepted", redirects(/^http:\/\/client/), ["rfc9700/remote-http-host"]],
  ["fragments are accepted", redirects(/#/), ["rfc9700/fragment", "redirect-uris/rejected-redirect_uri_fragment-1"]],
  ["relative redirect URIs are accepted", redirects(/^\//), ["rfc9700/relative"]],
  ["scripts are accepted as redirect URIs", redirects(/^javascript:/), ["redirect-uris/rejected-redirect_uri_scheme-1"]],
  ["no redirect URI is needed", accepts(({ redirect_uris }) => !redirect_uris?.length), ["rfc7591/redirect-required-absent"]],
  ["both kinds of keys", accepts(({ jwks, jwks_uri }) => jwks && jwks_uri), ["rfc7591/keys-once"]],
  ["the password grant", when(isRegistration, ({ body }) => body.grant_types.push("password")), ["rfc9700/password-not-registered"]],
  ["other media types are JSON", when((one) => one.request.path === "/register" && one.response.status === 415, (response) => Object.assign(response, { status: 201, body: { client_id: "x" } })), ["rfc7591/other-type-text", "rfc7591/form-body"]],
  ["registration redirects", when(({ request, response }) => isRegistration({ request, response }), (response) => Object.assign(response, { status: 307 })), ["rfc7591/post-no-redirect"]],
  ["a relative registration_client_uri", when(isRegistration, ({ body }) => (body.registration_client_uri = new URL(body.registration_client_uri).pathname)), ["rfc7592/uri-absolute"]],
  ["one token without its URI", member(isRegistration, "registration_client_uri"), ["oidc-registration/both-or-neither"]],
  ["short tokens", member(isRegistration, "registration_access_token", "abc"), ["rfc7592/token-length", "rfc7592/token-distinct"]],
  ["a read is 201", status(isRead, 201), ["rfc7592/read"]],
  ["a read is of nobody", member(isRead, "client_id", "somebody"), ["rfc7592/read-same-client"]],
  ["a read has no token", member(isRead, "registration_access_token"), ["rfc7592/read-token"]],
  ["a read has no URI", member(isRead, "registration_client_uri"), ["rfc7592/read-uri"]],
  ["a read forgets the name", member(isRead, "client_name"), ["rfc7592/read-returned-client_name"]],
  ["any token reads", when((one) => isUnauthorized(one) && one.request.method === "GET", (response, { request, server }) => { const client = server.clients.get(request.path.slice(10)); if (client) Object.assign(response, { status: 200, headers: {}, body: { ...client } }); }), ["rfc7592/read-without-token", "rfc7592/read-other-token", "rfc6750/token-in-query"]],
  ["a wrong token is 403", status(isUnauthorized, 403), ["rfc7592/read-wrong-token"]],
  ["a deleted client is 404", when((one) => isUnauthorized(one) && !one.server.clients.has(one.request.path.slice(10)), (response) => (response.status = 404)), ["rfc7592/delete-then-read", "oidc-registration/unknown-client"]],
  ["no challenge", when(isUnauthorized, ({ headers }) => delete headers["www-authenticate"]), ["rfc6750/challenge-read", "rfc6750/challenge-wrong-read"]],
  ["a challenge with a code for nothing", header(isUnauthorized, "www-authenticate", 'Bearer error="invalid_token"'), ["rfc6750/no-code-without-token"]],
  ["a challenge without a code", header(isUnauthorized, "www-authenticate", "Bearer"), ["rfc6750/invalid-token-code"]],
  ["an update changes nothing", restore(isUpdate), ["rfc7592/update-persists"]],
  ["an update augments", when(isUpdate, ({ body }, { server }) => body.redirect_uris.push(`${server.url}/former`)), ["rfc7592/update-replaces-list"]],
  ["an update shows no token", member(isUpdate, "registration_access_token"), ["rfc7592/update-returns-registration_access_token"]],
  ["an update is 204", when(isUpdate, (response) => Object.assign(response, { status: 204, body: undefined })), ["rfc7592/update", "rfc7592/update-json"]],
  ["clients update their secret", when((one) => isManagement(one) && one.request.method === "PUT" && one.request.body.includes("a-secret-of-the-clients-choice"), (response, { request }) => Object.assign(response, { status: 200, body: JSON.parse(request.body) })), ["rfc7592/update-own-secret"]],
  ["a deletion is 200", status(isDeletion, 200), ["rfc7592/delete"]],
  ["a deletion deletes nothing", restore(isDeletion), ["rfc7592/delete-then-read", "rfc7592/delete-revokes-authorization"]],
  ["a deletion deletes all", when(isDeletion, (_, { server }) => server.clients.clear()), ["rfc7592/delete-only-one"]],
  ["the document is text", header(isDocument, "content-type", "text/html"), ["rfc8414/json", "oidc-discovery/json"]],
  ["the issuer has a slash", when(isDocument, ({ body }) => (body.issuer += "/")), ["rfc8414/issuer", "oidc-discovery/issuer"]],
  ["the issuer is what a header says", when(isDocument, ({ body }, { request }) => { if (request.headers["x-forwarded-host"]) body.issuer = "https://attacker.example"; }), ["rfc8414/forwarded-host"]],
  ["empty lists in the document", member(isDocument, "ui_locales_supported", []), ["rfc8414/no-empty-lists", "oidc-discovery/no-empty-lists"]],
  ["null in the document", member(isDocument, "service_documentation", null), ["rfc8414/no-null"]],
  ["no response types", member(isDocument, "response_types_supported"), ["rfc8414/response-types", "oidc-discovery/required-response_types_supported"]],
  ["no token endpoint", member(isDocument, "token_endpoint"), ["rfc8414/token-endpoint"]],
  ["scopes as a text", member(isDocument, "scopes_supported", "openid profile"), ["rfc8414/list-scopes_supported"]],
  ["none signs assertions", member(isDocument, "token_endpoint_auth_signing_alg_values_supported", ["none"]), ["rfc8414/no-none-token_endpoint_auth_signing_alg_values_supported"]],
  ["no algorithms for private_key_jwt", member(isDocument, "token_endpoint_auth_signing_alg_values_supported"), ["rfc8414/algorithms-for-private_key_jwt"]],
  ["it announces a grant that cannot be registered", member(isDocument, "grant_types_supported", ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]), ["rfc8414/registrable-grant-device_code"], { announced: true }],
  ["no RS256", member(isDocument, "id_token_signing_alg_values_supported", ["ES256"]), ["oidc-discovery/rs256"]],
  ["no PKCE", member(isDocument, "code_challenge_methods_supported"), ["rfc9700/pkce-announced"]],
  ["the password grant is announced", member(isDocument, "grant_types_supported", ["authorization_code", "password"]), ["rfc9700/no-password-grant"]],
  ["missing documents are pages", when(({ request, response }) => request.path.startsWith("/.well-known/") && response.status === 404, (response) => Object.assign(response, { status: 200, text: "<p>Welcome</p>" })), ["rfc8414/unknown-well-known"]],
  ["preflights need a token", status(isPreflight, 401), ["cors/preflight-registration"]],
  ["preflights allow nothing", header(isPreflight, "access-control-allow-headers", "accept"), ["cors/allow-content-type"]],
  ["a star for Authorization", header(isPreflight, "access-control-allow-headers", "*"), ["cors/allow-authorization"]],
  ["errors cannot be read", header(isRejection, "access-control-allow-origin", "https://other.example"), ["cors/error-readable"]],
  ["credentials for everybody", header(isPreflight, "access-control-allow-credentials", "true"), ["cors/no-credentials-registration"]],
  ["prefixes of redirect URIs are accepted", when(({ request, response }) => request.path === "/authorize" && response.status === 400, (response, { request, server }) => { const uris = server.clients.get(request.query.get("client_id"))?.redirect_uris ?? []; if (uris.some((uri) => request.query.get("redirect_uri").startsWith(uri))) Object.assign(response, { status: 200, text: "<p>Log in</p>" }); }), ["redirect-uris/match-6"]],
  ["ports of loopback are compared", when(({ request, response }) => request.path === "/authorize" && response.status === 200, (response, { request, server }) => { if (!server.clients.get(request.query.get("client_id")).redirect_uris.includes(request.query.get("redirect_uri"))) Object.assign(response, { status: 400 }); }), ["redirect-uris/match-10"]],
  ["choices are returned", when(isRegistration, ({ body }, { request }) => Object.assign(body, pick(request, "id_token_signing_alg_values_supported"))), ["rp-metadata-choices/not-returned-id_token_signing_alg_values_supported"]],
  ["privileges are granted", when(isRegistration, ({ body }, { request }) => Object.assign(body, pick(request, "skip_consent"))), ["abuse/privilege-skip_consent"]],
  ["prototypes are polluted", when(isRegistration, ({ body }, { request }) => (body.note = String(request.body))), ["abuse/prototype-__proto__"]],
];

function pick(request, name) {
  const { [name]: value } = JSON.parse(request.body);
  return value === undefined ? {} : { [name]: value };
}
