// A foreign authorization server, `oidc-provider`, and a foreign client library,
// `openid-client`, which know each other only through Rollcall. The adapter is the example's.

import { certificate } from "./support/trusted.mjs";

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import * as openid from "openid-client";

import { createProvider } from "../../examples/oidc-provider/provider.mjs";
import { DocumentServer } from "./support/document-server.mjs";
import { Browser } from "./support/browser.mjs";
import { runClient } from "./support/example.mjs";
import { startServer } from "./support/server.mjs";

const AS_TOKEN = "an authorization server's secret of 32 bytes at least";
const ADMIN_TOKEN = "an operator's secret of 32 bytes at least";
// How long the adapter keeps an answer, in seconds; and what a loaded machine adds.
const MAX_AGE = 1;
const SLACK = 4;

/** Rollcall and the provider behind it: `url` is the issuer, `at` where the provider is. */
async function startBoth({ token = AS_TOKEN, readsSecrets = false, more = {}, ...options } = {}) {
  let answer;
  const http = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(http, "listening");
  const at = `http://127.0.0.1:${http.address().port}`;
  let provider;
  const vars = (url) => {
    provider = createProvider({ issuer: url, token, readsSecrets, maxAge: MAX_AGE });
    answer = provider.callback();
    const UPSTREAM_METADATA = `${at}/.well-known/openid-configuration`;
    return { ISSUER: url, UPSTREAM_METADATA, DOCUMENTS: { mode: "open", allow_loopback: true }, AS_TOKEN, ADMIN_TOKEN, ...more };
  };
  const close = () => (http.closeAllConnections(), http.close());
  const rollcall = await startServer({ ...options, vars }).catch((error) => (close(), Promise.reject(error)));
  return { rollcall, provider, at, url: rollcall.url, stop: () => (close(), rollcall.stop()) };
}

let [both, documents] = [];
before(async () => {
  documents = await new DocumentServer(certificate).listen();
  // Its clock can be put forward, past the time for which documents are fresh.
  both = await startBoth({ entry: "tests/e2e/support/counting-kv.mjs" });
});
after(async () => {
  documents?.close();
  await both?.stop();
});

const URI = "https://app.example/cb";
const insecure = { execute: [openid.allowInsecureRequests] };
const ALL = ["authorization_code", "refresh_token", "client_credentials"];
const registrations = [];

async function register(metadata, authentication, { url } = both) {
  const config = await openid.dynamicClientRegistration(new URL(url), metadata, authentication, insecure);
  registrations.push(config.clientMetadata());
  return config;
}

async function signIn(config, redirect_uri, scope = "openid offline_access") {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri,
    ...(scope && { scope }),
    prompt: "consent",
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const back = await new Browser().visit(url, { target: redirect_uri, fields: { login: "alice", password: "any" } });
  return openid.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState: state });
}

/** The token endpoint, asked for something that a live client is rejected with another error. */
async function probe({ client_id, client_secret }, { at } = both) {
  const body = new URLSearchParams({ grant_type: "authorization_code", code: "x", redirect_uri: URI });
  const headers = {};
  if (client_secret) headers.authorization = `Basic ${btoa(`${client_id}:${client_secret}`)}`;
  else body.set("client_id", client_id);
  const answer = await fetch(`${at}/token`, { method: "POST", headers, body });
  return { status: answer.status, error: (await answer.json()).error };
}

const LIVE = { status: 400, error: "invalid_grant" };
const UNKNOWN = { status: 401, error: "invalid_client" };

/** The authorization endpoint, asked on behalf of the client. */
async function knock({ client_id }, { at } = both) {
  const query = { client_id, redirect_uri: URI, response_type: "code", code_challenge: "x".repeat(43) };
  const url = `${at}/auth?${new URLSearchParams({ ...query, code_challenge_method: "S256", scope: "openid" })}`;
  const answer = await fetch(url, { redirect: "manual" });
  await answer.text();
  return { status: answer.status, to: answer.headers.get("location")?.slice(0, 13) };
}

const WELCOME = { status: 303, to: "/interaction/" };
const NOBODY = { status: 400, to: undefined };

/** Waits until a condition holds, within the time that an answer may be old. */
async function becomes(ask, expected) {
  const deadline = Date.now() + (MAX_AGE + SLACK) * 1000;
  while (!isDeepStrictEqual(await ask(), expected) && Date.now() < deadline) await sleep(50);
  assert.deepEqual(await ask(), expected);
}

async function operate(client, action, body, { url: issuer } = both) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
  const url = `${issuer}/admin/clients/${client.client_id}/${action}`;
  const answer = await fetch(url, { method: "POST", headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text ? JSON.parse(text) : undefined;
}

const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const jwk = { ...(await crypto.subtle.exportKey("jwk", keys.publicKey)), kid: "1", alg: "ES256", use: "sig" };

const withKey = () => openid.PrivateKeyJwt({ key: keys.privateKey, kid: "1" });

for (const [method, authentication, registered, { used = registered, grant_types = ALL, ...more } = {}] of [
  ["client_secret_basic", openid.ClientSecretBasic, URI],
  ["client_secret_post", openid.ClientSecretPost, "cursor://anysphere.cursor-mcp/cb"],
  ["none", openid.None, "http://127.0.0.1/cb", { used: "http://127.0.0.1:51004/cb", grant_types: ALL.slice(0, 2) }],
  ["private_key_jwt", withKey, "com.example.app:/cb", { jwks: { keys: [jwk] } }],
]) {
  test(`a client with ${method} registers, and signs a user in at ${used}`, async () => {
    const metadata = { redirect_uris: [registered], grant_types, token_endpoint_auth_method: method, ...more };
    const first = await register(metadata, authentication());
    // The authentication may need the secret, which is known only now.
    const [server, known] = [first.serverMetadata(), first.clientMetadata()];
    const config = new openid.Configuration(server, known.client_id, known, authentication(known.client_secret));
    openid.allowInsecureRequests(config);
    assert.equal(server.issuer, both.url);
    assert.ok(server.token_endpoint.startsWith(both.at));

    const tokens = await signIn(config, used);
    assert.equal(tokens.claims().iss, both.url);
    assert.deepEqual([tokens.claims().sub, tokens.claims().aud], ["alice", known.client_id]);
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(refreshed.access_token, tokens.access_token);
    const userinfo = await openid.fetchUserInfo(config, refreshed.access_token, "alice");
    assert.equal(userinfo.sub, "alice");
    if (grant_types.includes("client_credentials")) {
      const own = await openid.clientCredentialsGrant(config);
      assert.equal(own.token_type, "bearer");
    }
  });
}

test("a client with client_secret_jwt signs a user in, if the provider may ask for its secret", { timeout: 60_000 }, async () => {
  const SEALING_KEY = `1:${randomBytes(32).toString("base64url")}`;
  const more = { SEALING_KEY, AS_TOKEN: "", AS_SECRETS_TOKEN: AS_TOKEN };
  const sealed = await startBoth({ readsSecrets: true, more });
  try {
    const method = "client_secret_jwt";
    const metadata = { redirect_uris: [URI], grant_types: ALL, token_endpoint_auth_method: method };
    const first = await register(metadata, openid.ClientSecretJwt(), sealed);
    const [server, known] = [first.serverMetadata(), first.clientMetadata()];
    const withSecret = (secret) => {
      const config = new openid.Configuration(server, known.client_id, known, openid.ClientSecretJwt(secret));
      openid.allowInsecureRequests(config);
      return config;
    };
    assert.ok(server.token_endpoint_auth_methods_supported.includes(method));
    const config = withSecret(known.client_secret);
    const tokens = await signIn(config, URI);
    assert.deepEqual([tokens.claims().sub, tokens.claims().aud], ["alice", known.client_id]);
    assert.equal((await openid.clientCredentialsGrant(config)).token_type, "bearer");
    const wrong = { error: "invalid_client" };
    await assert.rejects(openid.clientCredentialsGrant(withSecret("x".repeat(86))), wrong);
    // Another secret, which the client reads from its registration.
    await operate(known, "rotate", { credential: "client_secret" }, sealed);
    const headers = { authorization: `Bearer ${known.registration_access_token}` };
    const read = await (await fetch(known.registration_client_uri, { headers })).json();
    assert.notEqual(read.client_secret, known.client_secret);
    await assert.rejects(openid.clientCredentialsGrant(config), wrong);
    await openid.clientCredentialsGrant(withSecret(read.client_secret));
    const lines = sealed.rollcall.logLines();
    assert.ok(lines.some(({ event, client_id }) => event === "client.secret_read" && client_id === known.client_id));
    for (const { client_secret } of [known, read]) {
      assert.ok(!sealed.rollcall.output.includes(client_secret) && !sealed.rollcall.stored().some((text) => text.includes(client_secret)));
    }
  } finally {
    await sealed.stop();
  }
});

for (const [method, authentication, more] of [
  ["none", openid.None, {}],
  ["private_key_jwt", withKey, { jwks: { keys: [jwk] } }],
]) {
  test(`a client with a metadata document and ${method} signs a user in without registering`, async () => {
    const url = documents.publish(`/${method}.json`, { token_endpoint_auth_method: method, ...more });
    const config = await openid.discovery(new URL(both.url), url, undefined, authentication(), insecure);
    assert.equal(config.serverMetadata().client_id_metadata_document_supported, true);
    const tokens = await signIn(config, "http://127.0.0.1:51004/callback", "openid");
    assert.deepEqual([tokens.claims().sub, tokens.claims().aud], ["alice", url]);
    assert.equal(documents.requestsFor(url).length, 1);
  });
}

test("a document that changes after the user has agreed voids the code", async () => {
  const url = documents.publish("/changing.json");
  const config = await openid.discovery(new URL(both.url), url, undefined, openid.None(), insecure);
  const redirect_uri = "http://127.0.0.1:51004/callback";
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const code_challenge = await openid.calculatePKCECodeChallenge(pkceCodeVerifier);
  const asked = { redirect_uri, scope: "openid", code_challenge, code_challenge_method: "S256" };
  const authorize = openid.buildAuthorizationUrl(config, asked);
  const back = await new Browser().visit(authorize, { target: redirect_uri, fields: { login: "alice", password: "any" } });
  documents.publish("/changing.json", { client_name: "Another name" });
  await both.rollcall.later(3_600_000);
  await sleep(MAX_AGE * 1000);
  await assert.rejects(openid.authorizationCodeGrant(config, back, { pkceCodeVerifier }), { error: "invalid_grant" });
});

test("the provider's page shows the host of a document, and why a document cannot be used", async () => {
  const answer = (status) => (_request, response) => response.writeHead(status, { "content-type": "text/html" }).end("<p>");
  for (const [url, status, shown] of [
    [documents.publish("/shown.json"), 200, /An application, an application of localhost</],
    [documents.serve(`${documents.url}/gone.json`, answer(404)), 400, /status 404/],
    [documents.serve(`${documents.url}/blocked.json`, answer(403)), 503, /server_error/],
  ]) {
    const query = { client_id: url, redirect_uri: "http://127.0.0.1:51004/callback", response_type: "code", scope: "openid" };
    const pkce = { code_challenge: "x".repeat(43), code_challenge_method: "S256" };
    const first = await fetch(`${both.at}/auth?${new URLSearchParams({ ...query, ...pkce })}`, { redirect: "manual" });
    const cookie = first.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    const next = status === 200 && new URL(first.headers.get("location"), both.at);
    const page = next ? await fetch(next, { headers: { cookie } }) : first;
    assert.equal(page.status, status, url);
    assert.match(await page.text(), shown);
  }
});

test("a client that is registered without scope gets the scope that it asks for and the user allows", async () => {
  const metadata = { redirect_uris: [URI], grant_types: ALL, token_endpoint_auth_method: "client_secret_post" };
  const config = await register(metadata, openid.ClientSecretPost());
  assert.ok(!("scope" in config.clientMetadata()), "no scope was registered");
  const asked = await signIn(config, URI);
  assert.deepEqual([asked.scope, asked.claims().sub], ["openid offline_access", "alice"]);
  // Nothing is filled in: a user who is asked for nothing has allowed nothing.
  await assert.rejects(signIn(config, URI, ""), { error: "access_denied" });
  const itself = await openid.clientCredentialsGrant(config);
  assert.deepEqual([itself.scope, itself.id_token], [undefined, undefined]);
});

test("the example's own client registers, signs a user in, refreshes and leaves", async () => {
  const fields = { login: "alice", password: "any" };
  const { code, output } = await runClient("oidc-provider/client.mjs", both.url, fields);
  assert.equal(code, 0, output);
  assert.match(output, /^Registered as \S+\n[^]*\nSigned in: \{.*"sub":"alice".*\}\nRefreshed: .*refresh_token.*\nThe registration is deleted: 204\n$/);
});

const secret = () => register({ redirect_uris: [URI], grant_types: ALL });
const open = () => register({ redirect_uris: [URI], token_endpoint_auth_method: "none" });

for (const [what, make] of [["a secret", secret], ["none", open]]) {
  test(`a client with ${what} is unknown once deleted, and while disabled`, async () => {
    const client = (await make()).clientMetadata();
    const alike = async (answer, welcome) => {
      await becomes(() => probe(client), answer);
      await becomes(() => knock(client), welcome);
    };
    await alike(LIVE, WELCOME);
    await operate(client, "disable");
    await alike(UNKNOWN, NOBODY);
    await operate(client, "enable");
    await alike(LIVE, WELCOME);
    const headers = { authorization: `Bearer ${client.registration_access_token}` };
    const deleted = await fetch(client.registration_client_uri, { method: "DELETE", headers });
    assert.equal(deleted.status, 204);
    await alike(UNKNOWN, NOBODY);
  });
}

test("while a secret is rotated both work, and after a rotation at once only the new one", async () => {
  const former = (await secret()).clientMetadata();
  const { client_secret } = await operate(former, "rotate", { credential: "client_secret", keep_former: true });
  const renewed = { ...former, client_secret };
  registrations.push(renewed);
  assert.notEqual(client_secret, former.client_secret);
  assert.deepEqual([await probe(former), await probe(renewed)], [LIVE, LIVE]);
  const again = await operate(former, "rotate", { credential: "client_secret" });
  registrations.push({ ...former, ...again });
  for (const ended of [former, renewed]) assert.deepEqual(await probe(ended), UNKNOWN);
  assert.deepEqual(await probe({ ...former, ...again }), LIVE);
});

test("a secret of another client, and none where there is one, are wrong", async () => {
  const [one, other] = [(await secret()).clientMetadata(), (await secret()).clientMetadata()];
  assert.deepEqual(await probe({ ...one, client_secret: other.client_secret }), UNKNOWN);
  assert.deepEqual(await probe({ client_id: one.client_id }), UNKNOWN);
  assert.deepEqual(await probe({ client_id: "A".repeat(22) }), UNKNOWN);
  assert.deepEqual(await probe({ client_id: "../x" }), UNKNOWN);
});

test("many wrong secrets are refused unseen, and the right one still works", { timeout: 60_000 }, async () => {
  const limited = await startBoth({ limits: true });
  try {
    const config = await register({ redirect_uris: [URI] }, undefined, limited);
    const client = config.clientMetadata();
    const wrong = { ...client, client_secret: "wrong" };
    const seen = [];
    // As shipped 30 a minute, and a minute may end in between.
    for (let n = 0; n < 62 && seen.at(-1)?.status !== 429; n += 1) seen.push(await probe(wrong, limited));
    assert.deepEqual(seen[0], UNKNOWN);
    assert.deepEqual(seen.at(-1), { status: 429, error: "temporarily_unavailable" });
    assert.deepEqual(await probe(client, limited), LIVE);
  } finally {
    await limited.stop();
  }
});

test("the provider says that a client waits for approval, and serves it afterwards", { timeout: 60_000 }, async () => {
  const strict = await startBoth({ more: { POLICY: { approval: true } } });
  try {
    const client = (await register({ redirect_uris: [URI] }, undefined, strict)).clientMetadata();
    assert.equal(client.status, "pending");
    const asked = new URLSearchParams({ client_id: client.client_id, redirect_uri: URI, response_type: "code" });
    const answer = await fetch(`${strict.at}/auth?${asked}`, { redirect: "manual" });
    assert.deepEqual([answer.status, /waiting for approval/.test(await answer.text())], [403, true]);
    assert.deepEqual(await probe(client, strict), { status: 403, error: "unauthorized_client" });
    const known = await fetch(`${strict.url}/admin/clients/${client.client_id}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    const { version } = await known.json();
    await operate(client, "approve", { version }, strict);
    await becomes(() => knock(client, strict), WELCOME);
    assert.deepEqual(await probe(client, strict), LIVE);
  } finally {
    await strict.stop();
  }
});

test("a provider that gets no answer says so, instead of disowning the client", { timeout: 60_000 }, async () => {
  const unavailable = { status: 503, error: "server_error" };
  const stranger = await startBoth({ token: "not the secret that Rollcall has, but as long" });
  try {
    const [{ client_id, client_secret }] = registrations;
    assert.deepEqual(await probe({ client_id }, stranger), unavailable);
    await stranger.rollcall.halt();
    assert.deepEqual(await probe({ client_id, client_secret }, stranger), unavailable);
  } finally {
    await stranger.stop();
  }
});

test("the provider compares redirect URIs as the vectors say", async () => {
  const { vectors } = JSON.parse(readFileSync(new URL("../vectors/redirect-uri-matching.json", import.meta.url)));
  const clients = new Map();
  for (const { registered, presented, matches, because } of vectors) {
    const { client_id } = clients.get(registered) ?? (await register({ redirect_uris: [registered] })).clientMetadata();
    clients.set(registered, { client_id });
    const client = await both.provider.Client.find(client_id);
    assert.equal(client.redirectUriAllowed(presented), matches, `${registered} ${presented}: ${because}`);
  }
});

test("the provider takes what Rollcall has registered, where it is stricter itself", async () => {
  for (const more of [
    { application_type: "web", redirect_uris: ["cursor://host/cb", "http://localhost/cb", URI] },
    { contacts: ["https://app.example/contact"] },
    { default_acr_values: ["urn:example:high"] },
    { token_endpoint_auth_signing_alg: "ES256" },
    { redirect_uris: ["http://localhost/cb"], initiate_login_uri: "http://localhost/login" },
    { redirect_uris: undefined, grant_types: ["client_credentials"] },
  ]) {
    const { client_id } = (await register({ redirect_uris: [URI], ...more })).clientMetadata();
    assert.equal((await both.provider.Client.find(client_id)).clientId, client_id, JSON.stringify(more));
  }
});

// The last one, for all that the others have registered.
test("no secret is in Rollcall's log or on its disk", () => {
  const credentials = registrations.flatMap((one) => [one.client_secret, one.registration_access_token]).filter(Boolean);
  assert.ok(credentials.length > 20);
  const stored = both.rollcall.stored();
  assert.ok(stored.some((text) => text.includes(registrations[0].client_id)), "it is not what is on disk");
  for (const credential of [...credentials, AS_TOKEN, ADMIN_TOKEN]) {
    assert.ok(!both.rollcall.output.includes(credential), "a secret is in the log");
    assert.ok(!stored.some((text) => text.includes(credential)), "a secret is on disk");
  }
});
