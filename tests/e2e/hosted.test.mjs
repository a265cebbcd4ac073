// Clients of Rollcall at servers that resolve metadata documents themselves and know nothing of Rollcall: all over https, with the
// documents that Rollcall hosts.

import { certificate } from "./support/trusted.mjs";

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";

import { Log, LogLevel, Miniflare, convertV4MiniflareOptions } from "miniflare";
import * as openid from "openid-client";

import { createProvider } from "../../examples/cimd-bridge/provider.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { root } from "../../scripts/lib/repository.mjs";
import { Browser } from "./support/browser.mjs";
import { modulesOf, startServer } from "./support/server.mjs";

/** How long a document may be cached, in seconds; and how long a change may take to show, in milliseconds. */
const MAX_AGE = 1;
const SLACK_MS = 5_000;

const FIRST = "http://127.0.0.1/first";
const SECOND = "http://127.0.0.1/second";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

/** Rollcall, whose clients have documents. */
async function startRollcall(vars) {
  const common = { REGISTRATION: { client_id: "url" }, DISCOVERY: { max_age: MAX_AGE } };
  const rollcall = await startServer({ certificate, vars: (url) => ({ ISSUER: url, ...common, ...vars(url) }) });
  stops.push(() => rollcall.stop());
  return rollcall;
}

/** `oidc-provider`, whose own document Rollcall publishes, under the same issuer. */
async function startOidcProvider() {
  let answer;
  const https = createServer(certificate, (request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(https, "listening");
  stops.push(() => (https.closeAllConnections(), https.close()));
  const { url } = await startRollcall((issuer) => {
    answer = createProvider({ issuer, cacheSeconds: MAX_AGE }).callback();
    return { UPSTREAM_METADATA: `https://localhost:${https.address().port}/.well-known/openid-configuration` };
  });
  return { issuer: url, scope: "openid offline_access" };
}

/** `workers-oauth-provider` on workerd, which announces Rollcall's registration endpoint in a document of its own. */
async function startOauthProvider() {
  const METADATA = {
    authorization_endpoint: "/authorize",
    token_endpoint: "/oauth/token",
    grant_types_supported: ["authorization_code", "refresh_token"],
    scopes_supported: ["read", "offline_access"],
    token_endpoint_auth_methods_supported: ["none"],
  };
  const rollcall = await startRollcall(() => ({ METADATA }));
  const port = await freePort();
  const issuer = `https://localhost:${port}`;
  const worker = {
    name: "server",
    ...(await modulesOf("tests/e2e/support/oauth-provider.mjs")),
    rootPath: root,
    compatibilityDate: "2026-11-01",
    compatibilityFlags: ["global_fetch_strictly_public"],
    kvNamespaces: ["OAUTH_KV"],
    bindings: { ISSUER: issuer, REGISTRATION_ENDPOINT: `${rollcall.url}/reg` },
  };
  const https = { https: true, httpsCert: certificate.cert, httpsKey: certificate.key };
  const options = { host: "127.0.0.1", port, ...https, cf: false, log: new Log(LogLevel.NONE), handleStructuredLogs: () => {}, workers: [worker] };
  const miniflare = new Miniflare(convertV4MiniflareOptions(options));
  stops.push(() => miniflare.dispose());
  await miniflare.ready;
  return { issuer, scope: "read offline_access" };
}

/** The authorization request of a client with `redirect_uri`. */
async function authorizationRequest(config, redirect_uri, scope) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri,
    scope,
    prompt: "consent",
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  return { url, pkceCodeVerifier };
}

/** Signs a user in. */
async function signIn(config, redirect_uri, scope) {
  const { url, pkceCodeVerifier } = await authorizationRequest(config, redirect_uri, scope);
  const back = await new Browser().visit(url, { target: redirect_uri, fields: { login: "alice", password: "any" } });
  return openid.authorizationCodeGrant(config, back, { pkceCodeVerifier });
}

/** Whether the server lets a user in for the client with `redirect_uri`, or shows an error. */
async function isLetIn(config, redirect_uri, scope) {
  const { url } = await authorizationRequest(config, redirect_uri, scope);
  const answer = await fetch(url, { redirect: "manual" });
  await answer.text();
  assert.ok([302, 303, 400].includes(answer.status), `${answer.status}`);
  return answer.status !== 400;
}

/** The token endpoint's error for a code that does not exist: `invalid_client` for an unknown client. */
async function tokenError(config) {
  const { client_id } = config.clientMetadata();
  const body = new URLSearchParams({ grant_type: "authorization_code", code: "x:y:z", redirect_uri: SECOND, client_id, code_verifier: "x".repeat(43) });
  return (await (await fetch(config.serverMetadata().token_endpoint, { method: "POST", body })).json()).error;
}

/** Waits until `ask` gives `expected`, once the server's copy of the document has expired. */
async function becomes(ask, expected) {
  const deadline = Date.now() + MAX_AGE * 1_000 + SLACK_MS;
  while ((await ask()) !== expected && Date.now() < deadline) await sleep(100);
  assert.equal(await ask(), expected);
}

/** A client registers at Rollcall and lives at the server at `issuer`, which lets users in with `scope`. */
async function live({ issuer, scope }) {
  const metadata = {
    client_name: "An application",
    redirect_uris: [FIRST],
    grant_types: ["authorization_code", "refresh_token"],
    application_type: "native",
  };
  const config = await openid.dynamicClientRegistration(new URL(issuer), metadata, openid.None(), { algorithm: "oauth2" });
  assert.equal(config.serverMetadata().client_id_metadata_document_supported, true);
  const { client_id, client_secret, registration_client_uri, registration_access_token, ...registered } = config.clientMetadata();
  const manage = (method, body) => {
    const headers = { authorization: `Bearer ${registration_access_token}`, "content-type": "application/json" };
    return fetch(registration_client_uri, { method, headers, body: body && JSON.stringify({ client_id, ...body }) });
  };
  assert.match(client_id, /^https:\/\/localhost:\d+\/clients\/[\w-]{22}$/);
  assert.deepEqual([client_secret, registered.token_endpoint_auth_method], [undefined, "none"]);

  const tokens = await signIn(config, FIRST, scope);
  const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(refreshed.access_token, tokens.access_token);
  assert.equal(await tokenError(config), "invalid_grant");

  const updated = await manage("PUT", { ...metadata, redirect_uris: [SECOND] });
  assert.equal(updated.status, 200, await updated.text());
  await becomes(() => isLetIn(config, SECOND, scope), true);
  assert.equal(await isLetIn(config, FIRST, scope), false);
  await signIn(config, SECOND, scope);

  assert.equal((await manage("DELETE")).status, 204);
  await becomes(() => tokenError(config), "invalid_client");
  assert.equal(await isLetIn(config, SECOND, scope), false);
}

const OPTIONS = { skip: !tls.setDefaultCACertificates && "needs Node 22.19", timeout: 60_000 };

test("registered client lives and ends at oidc-provider by its hosted document", OPTIONS, async () => live(await startOidcProvider()));

test("registered client lives and ends at workers-oauth-provider by its hosted document", OPTIONS, async () => live(await startOauthProvider()));
