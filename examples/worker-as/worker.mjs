// A small authorization server: authorization code with PKCE, and client credentials (RFC 6749, RFC 7636). It
// asks Rollcall about its clients, through a service binding. It accepts every user name: replace that with a login.

import { DurableObject } from "cloudflare:workers";

// Registration narrows scopes to the same list: METADATA.scopes_supported in rollcall.toml.
const SCOPES = ["read", "write"];
// The scope of a client that is registered without a scope and requests none (RFC 6749 §3.3).
const DEFAULT_SCOPE = "read";
const CODE_LIFETIME = 60;
const TOKEN_LIFETIME = 3600;

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/authorize") return authorize(request, env);
    if (pathname === "/token") return readable(request, token, env);
    if (pathname === "/me") return readable(request, me, env);
    // Discovery and registration. Requests of strangers never go through ROLLCALL, whose requests are trusted.
    return env.REGISTRAR.fetch(request);
  },
};

/** A code or an access token with its grant. Each is an object of its own, under its digest. */
export class Store extends DurableObject {
  async put(value, seconds) {
    await this.ctx.storage.put("value", { value, until: Date.now() + seconds * 1000 });
    await this.ctx.storage.setAlarm(Date.now() + seconds * 1000);
  }

  async get() {
    const kept = await this.ctx.storage.get("value");
    return kept && Date.now() < kept.until ? kept.value : undefined;
  }

  /** Reads and deletes the value, so that it works only once: an object handles one request at a time. */
  async take() {
    const value = await this.get();
    if (value) await this.ctx.storage.deleteAll();
    return value;
  }

  alarm() {
    return this.ctx.storage.deleteAll();
  }
}

/** `GET` asks the user. `POST` has the user's decision and the whole request, which is checked again. */
async function authorize(request, env) {
  const sent = request.method === "POST" ? await request.text() : new URL(request.url).search;
  const { user, answer, version, ...asked } = Object.fromEntries(new URLSearchParams(sent));
  const { client_id = "", redirect_uri = "", state } = asked;
  const { client, problem } = await lookUp({ client_id, redirect_uri }, env);
  // Nobody has vouched for the client, so it gets nothing before the user has agreed to something (RFC 9700 §4.11).
  if (problem) return page(problem.status, `<p>${problem.text}</p>`);
  if (!client) return page(503, "<p>The application cannot be checked at the moment. Try again later.</p>");
  if (!client.redirect_uri_matches) return page(400, "<p>This is not a redirect URI of the client.</p>");
  const { code_challenge = "", code_challenge_method, response_type, resource } = asked;
  if (response_type !== "code" || code_challenge_method !== "S256" || !/^[\w-]{43}$/.test(code_challenge)) {
    return page(400, "<p>The client has to ask for a code, with PKCE (S256).</p>");
  }
  if (resource !== undefined && !isResource(resource)) return page(400, "<p>resource has to be a URL.</p>");
  const scope = granted(asked.scope, client);
  const isDecided = request.method === "POST" && user && ["allow", "deny"].includes(answer);
  // If the client has changed since the user saw it, ask again.
  if (!isDecided || version !== client.version) return consent(client, asked, scope);

  let result = { error: "access_denied" };
  if (answer === "allow") {
    result = { code: random() };
    await kept(env, "code", await digest(result.code)).put(
      { client_id, version, redirect_uri, code_challenge, scope, resource, sub: user },
      CODE_LIFETIME,
    );
  }
  const query = new URLSearchParams({ ...result, ...(state && { state }), iss: env.ISSUER });
  const location = `${redirect_uri}${redirect_uri.includes("?") ? "&" : "?"}${query}`;
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}

function consent({ metadata, version, self_asserted, document_host }, asked, scope) {
  const fields = Object.entries({ ...asked, version }).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  return page(
    200,
    `<p><b>${escape(metadata.client_name ?? metadata.client_id)}</b> asks for: ${escape(scope || "nothing")}.
     You will be sent to ${escape(asked.redirect_uri)}.${asked.resource ? ` It is for ${escape(asked.resource)}.` : ""}</p>
     ${document_host ? `<p>It is an application of <b>${escape(document_host)}</b>.</p>` : ""}
     ${self_asserted ? "<p>Nobody has checked that it is what it says.</p>" : ""}
     <form method="post" action="/authorize">${fields.join("")}
     <label>Who are you? <input name="user" required></label>
     <button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button></form>`,
  );
}

async function token(request, env) {
  const form = Object.fromEntries(new URLSearchParams(await request.text()));
  const { client, refusal } = await authenticate(request.headers.get("authorization"), form, env);
  if (refusal) return refusal;
  const { client_id, metadata } = client;
  const { grant_type, code = "", redirect_uri, code_verifier = "", resource } = form;
  const supported = ["authorization_code", "client_credentials"].includes(grant_type);
  if (!supported) return error(400, "unsupported_grant_type");
  if (!metadata.grant_types.includes(grant_type)) return error(400, "unauthorized_client");
  if (grant_type === "client_credentials") {
    if (metadata.token_endpoint_auth_method === "none") return error(400, "unauthorized_client");
    if (resource !== undefined && !isResource(resource)) return error(400, "invalid_target");
    return issue({ client_id, sub: client_id, scope: granted(form.scope, client), resource }, env);
  }
  const grant = await kept(env, "code", await digest(code)).take();
  // The client must be as the user saw it.
  const same = grant?.client_id === client_id && grant.version === client.version && grant.redirect_uri === redirect_uri;
  if (!same || grant.code_challenge !== (await digest(code_verifier))) return error(400, "invalid_grant");
  // The token is for what the user was asked about, and for nothing else (RFC 8707 §2.2).
  if (resource !== undefined && resource !== grant.resource) return error(400, "invalid_target");
  return issue({ client_id, sub: grant.sub, scope: grant.scope, resource: grant.resource }, env);
}

/** The client of a request to the token endpoint. Its secret may be in the header or in the body: libraries use either. */
async function authenticate(authorization, { client_id = "", client_secret }, env) {
  if (authorization && client_secret) return { refusal: error(400, "invalid_request") };
  if (authorization || client_secret) {
    const answer = await ask(env, "authenticate", authorization ? { authorization } : { client_id, client_secret });
    if (answer.ok) return { client: await answer.json() };
    if ([400, 401, 429].includes(answer.status)) return { refusal: new Response(answer.body, answer) };
    return { refusal: unavailable() };
  }
  const { client, problem } = await lookUp({ client_id }, env);
  if (!client && !problem) return { refusal: unavailable() };
  const open = client?.metadata.token_endpoint_auth_method === "none";
  return open ? { client } : { refusal: error(401, "invalid_client") };
}

/** A token for the `resource` of the grant, if it names one. */
async function issue(grant, env) {
  const access_token = random();
  const exp = Math.floor(Date.now() / 1000) + TOKEN_LIFETIME;
  await kept(env, "token", await digest(access_token)).put({ ...grant, exp }, TOKEN_LIFETIME);
  return json(200, { access_token, token_type: "Bearer", expires_in: TOKEN_LIFETIME, scope: grant.scope });
}

/** What a token stands for, for a caller that has it. A token stops working when its client is deleted. */
async function me(request, env) {
  const access_token = /^Bearer ([\w-]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const grant = access_token && (await kept(env, "token", await digest(access_token)).get());
  const { client, problem } = grant ? await lookUp({ client_id: grant.client_id }, env) : { problem: PROBLEMS.not_found };
  if (problem) return error(401, "invalid_token", 'Bearer error="invalid_token"');
  return client ? json(200, grant) : unavailable();
}

/** Why a client may not be served, by the `error` of Rollcall's response or the `status` of the client. */
const PROBLEMS = {
  not_found: { status: 400, text: "There is no such client." },
  invalid_client: { status: 400, text: "The document at the URL of the application does not exist, or cannot be used." },
  unapproved_client: { status: 403, text: "The operator of this server has not approved the application." },
  pending: { status: 403, text: "This client is waiting for approval. Try again when the operator has approved it." },
};

/**
 * Asks for a client: one that is registered, or one whose identifier is the URL of its metadata document. Returns the `client`,
 * or the `problem` with it, or neither if Rollcall cannot say at the moment.
 */
async function lookUp(asked, env) {
  const answer = await ask(env, "look-up", asked);
  const client = await answer.json();
  // A 404 with another error means that the binding lacks the property.
  if (!answer.ok) return { problem: PROBLEMS[client.error] };
  return client.status === "active" ? { client } : { problem: PROBLEMS[client.status] ?? PROBLEMS.not_found };
}

function ask(env, action, body) {
  const headers = { "content-type": "application/json" };
  return env.ROLLCALL.fetch(`${env.ISSUER}/as/clients/${action}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/**
 * The scope of a request: the requested scopes that the client has registered. A client without a registered scope may request each
 * of SCOPES. A request without a scope gets the registered scope, or DEFAULT_SCOPE.
 */
function granted(scope, { metadata }) {
  const allowed = metadata.scope?.split(" ") ?? SCOPES;
  const wanted = scope || metadata.scope || DEFAULT_SCOPE;
  return wanted.split(" ").filter((value) => allowed.includes(value)).join(" ");
}

/** Whether it can name the server that a token is for: an absolute URL without a fragment (RFC 8707 §2). */
const isResource = (text) => /^https?:[/][/][^#]+$/.test(text) && URL.canParse(text);

/** Browser apps on any origin may call these endpoints, because they use no cookies. */
async function readable(request, handle, env) {
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization, content-type" };
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers });
  if ((request.method === "POST") !== (handle === token)) return error(405, "invalid_request");
  const answer = await handle(request, env);
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
}

const kept = (env, kind, key) => env.STORE.getByName(`${kind}:${key}`);
const base64url = (bytes) => new Uint8Array(bytes).toBase64({ alphabet: "base64url", omitPadding: true });
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const digest = async (text) => base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function json(status, value) {
  return Response.json(value, { status, headers: { "cache-control": "no-store" } });
}

function error(status, code, challenge = 'Basic realm="token"') {
  const answer = json(status, { error: code });
  if (status === 401) answer.headers.set("www-authenticate", challenge);
  return answer;
}

const unavailable = () => error(503, "temporarily_unavailable");

function page(status, body) {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
  };
  return new Response(`<!doctype html><title>Sign in</title>${body}`, { status, headers });
}
