// The example of an authorization server that is itself a Worker, and Rollcall behind it, in one process of
// workerd: the service binding's property is all that lets it in.

import { certificate } from "./support/trusted.mjs";

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as openid from "openid-client";

import { DocumentServer } from "./support/document-server.mjs";
import { Browser } from "./support/browser.mjs";
import { runClient } from "./support/example.mjs";
import { startServer } from "./support/server.mjs";
import { configure } from "./support/worker-as.mjs";

const URI = "https://app.example/cb";

let [server, documents] = [];
before(async () => {
  documents = await new DocumentServer(certificate).listen();
  server = await startServer({ configure });
});
after(async () => {
  documents?.close();
  await server?.stop();
});

async function register(metadata, authentication, { url } = server) {
  const options = { execute: [openid.allowInsecureRequests], algorithm: "oauth2" };
  return openid.dynamicClientRegistration(new URL(url), metadata, authentication, options);
}

async function signIn(config, redirect_uri, answer = "allow", more = {}) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const code_challenge = await openid.calculatePKCECodeChallenge(pkceCodeVerifier);
  const asked = { redirect_uri, scope: "read", state, code_challenge, code_challenge_method: "S256", ...more };
  const url = openid.buildAuthorizationUrl(config, asked);
  const back = await new Browser().visit(url, { target: redirect_uri, fields: { user: "alice", answer } });
  const checks = { pkceCodeVerifier, expectedState: state };
  return { checks, back, tokens: () => openid.authorizationCodeGrant(config, back, checks) };
}

async function whose(token) {
  const answer = await fetch(`${server.url}/me`, { headers: { authorization: `Bearer ${token}` } });
  const { exp, ...grant } = await answer.json();
  if (answer.ok) assert.ok(Math.abs(exp - Date.now() / 1000 - 3600) < 60, `${exp}`);
  return { status: answer.status, ...grant };
}

const grants = { grant_types: ["authorization_code", "client_credentials"] };
const refused = (error, status) => (thrown) => (assert.deepEqual([thrown.error, thrown.status], [error, status]), true);

for (const [method, authentication, registered, used = registered] of [
  ["client_secret_basic", openid.ClientSecretBasic, URI],
  ["client_secret_post", openid.ClientSecretPost, "cursor://anysphere.cursor-mcp/cb"],
  ["none", openid.None, "http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"],
]) {
  test(`a client with ${method} signs a user in at ${used}, and its token ends with it`, async () => {
    const own = method === "none" ? {} : grants;
    const metadata = { redirect_uris: [registered], token_endpoint_auth_method: method, ...own };
    const first = await register(metadata, authentication());
    const [published, known] = [first.serverMetadata(), first.clientMetadata()];
    const config = new openid.Configuration(published, known.client_id, known, authentication(known.client_secret));
    openid.allowInsecureRequests(config);

    const { checks, back, tokens } = await signIn(config, used);
    const { access_token } = await tokens();
    const { client_id } = known;
    assert.deepEqual(await whose(access_token), { status: 200, client_id, sub: "alice", scope: "read" });
    await assert.rejects(openid.authorizationCodeGrant(config, back, checks), refused("invalid_grant", 400));
    if (method !== "none") {
      // It is registered without a scope: it may ask for what the server has, and gets the default if it asks for none.
      for (const [asked, scope] of [
        [{}, "read"],
        [{ scope: "write admin read" }, "write read"],
      ]) {
        const { access_token } = await openid.clientCredentialsGrant(config, asked);
        assert.deepEqual(await whose(access_token), { status: 200, client_id, sub: client_id, scope });
      }
    }
    const headers = { authorization: `Bearer ${known.registration_access_token}` };
    assert.equal((await fetch(known.registration_client_uri, { method: "DELETE", headers })).status, 204);
    assert.equal((await whose(access_token)).status, 401);
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id });
    if (known.client_secret) body.set("client_secret", known.client_secret);
    const answer = await fetch(published.token_endpoint, { method: "POST", body });
    assert.deepEqual([answer.status, (await answer.json()).error], [401, "invalid_client"]);
  });
}

test("the example's own client registers, signs a user in, uses its token and leaves", async () => {
  const { code, output } = await runClient("worker-as/client.mjs", server.url, { user: "alice", answer: "allow" });
  assert.equal(code, 0, output);
  const [, client_id] = /^Registered as (\S+)$/m.exec(output);
  assert.match(output, new RegExp(`The token is \\{[^}]*client_id: '${client_id}'[^}]*sub: 'alice'`));
  assert.match(output, /\nThe registration is deleted\.\n$/);
});

test("a code is worth nothing without its verifier, or to another client", async () => {
  const [one, other] = [await register({ redirect_uris: [URI] }), await register({ redirect_uris: [URI] })];
  const { back, checks } = await signIn(one, URI);
  const wrong = { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };
  await assert.rejects(openid.authorizationCodeGrant(one, back, wrong), refused("invalid_grant", 400));
  const second = await signIn(one, URI);
  await assert.rejects(openid.authorizationCodeGrant(other, second.back, second.checks), refused("invalid_grant", 400));
});

test("a token is for the resource that the user was asked about", async () => {
  const config = await register({ redirect_uris: [URI] });
  const resource = "https://mcp.example/mcp";
  const { back, checks } = await signIn(config, URI, "allow", { resource });
  const other = { resource: "https://other.example/mcp" };
  await assert.rejects(openid.authorizationCodeGrant(config, back, checks, other), refused("invalid_target", 400));
  const again = await signIn(config, URI, "allow", { resource });
  const { access_token } = await openid.authorizationCodeGrant(config, again.back, again.checks, { resource });
  assert.equal((await whose(access_token)).resource, resource);
});

/** The client with the document at `url`, which does not register. */
async function identified(url) {
  const options = { execute: [openid.allowInsecureRequests], algorithm: "oauth2" };
  const config = await openid.discovery(new URL(server.url), url, undefined, openid.None(), options);
  assert.equal(config.serverMetadata().client_id_metadata_document_supported, true);
  return config;
}

test("a client with a metadata document signs a user in without registering", async () => {
  const url = documents.publish("/client.json");
  const { tokens } = await signIn(await identified(url), "http://127.0.0.1:51004/callback");
  const { access_token } = await tokens();
  assert.deepEqual(await whose(access_token), { status: 200, client_id: url, sub: "alice", scope: "read" });
});

test("the page shows the host of a document, and why a document cannot be used", async () => {
  const text = (status) => (_request, response) => response.writeHead(status, { "content-type": "text/html" }).end("<p>");
  for (const [url, status, shown, atToken] of [
    [documents.publish("/shown.json"), 200, /an application of <b>localhost<\/b>/, [400, "invalid_grant"]],
    [documents.serve(`${documents.url}/gone.json`, text(404)), 400, /does not exist, or cannot be used/, [401, "invalid_client"]],
    [documents.serve(`${documents.url}/blocked.json`, text(403)), 503, /Try again later/, [503, "temporarily_unavailable"]],
    ["https://localhost/a/../b", 400, /does not exist, or cannot be used/, [401, "invalid_client"]],
  ]) {
    const query = { client_id: url, redirect_uri: "http://127.0.0.1:5000/callback", response_type: "code" };
    const pkce = { code_challenge: "x".repeat(43), code_challenge_method: "S256" };
    const authorize = `${server.url}/authorize?${new URLSearchParams({ ...query, ...pkce })}`;
    const page = await fetch(authorize, { redirect: "manual" });
    assert.equal(page.status, status, url);
    assert.match(await page.text(), shown);
    const body = new URLSearchParams({ grant_type: "authorization_code", client_id: url, code: "x" });
    const answer = await fetch(`${server.url}/token`, { method: "POST", body });
    assert.deepEqual([answer.status, (await answer.json()).error], atToken, url);
  }
});

test("a client that changes after the user has agreed gets no token", async () => {
  const config = await register({ redirect_uris: [URI], token_endpoint_auth_method: "none" }, openid.None());
  const { client_id, registration_client_uri, registration_access_token } = config.clientMetadata();
  const { tokens } = await signIn(config, URI);
  const headers = { authorization: `Bearer ${registration_access_token}`, "content-type": "application/json" };
  const body = JSON.stringify({ client_id, client_name: "Another name", redirect_uris: [URI] });
  assert.equal((await fetch(registration_client_uri, { method: "PUT", headers, body })).status, 200);
  await assert.rejects(tokens(), refused("invalid_grant", 400));
});

test("a user can say no", async () => {
  const config = await register({ redirect_uris: [URI] });
  const { back } = await signIn(config, URI, "deny");
  assert.equal(back.searchParams.get("error"), "access_denied");
});

test("before the user has agreed nothing is sent to the client", async () => {
  const { client_id } = (await register({ redirect_uris: [URI] })).clientMetadata();
  const pkce = { code_challenge: "x".repeat(43), code_challenge_method: "S256" };
  const good = { client_id, redirect_uri: URI, response_type: "code", ...pkce };
  const allowed = { answer: "allow", user: "mallory" };
  for (const [change, status, method = "GET"] of [
    [{}, 200],
    [allowed, 200],
    [{ user: "mallory" }, 200, "POST"],
    [{ answer: "allow" }, 200, "POST"],
    [{ ...allowed, answer: "perhaps" }, 200, "POST"],
    [{ ...allowed, redirect_uri: "https://evil.example/cb" }, 400, "POST"],
    [{ ...allowed, code_challenge: "x" }, 400, "POST"],
    [{ ...allowed, client_id: "A".repeat(22) }, 400, "POST"],
    [{ code_challenge_method: "plain" }, 400],
    [{ response_type: "token" }, 400],
    [{ redirect_uri: `${URI}/` }, 400],
    [{ resource: "nonsense" }, 400],
    [{ resource: "https://mcp.example/#x" }, 400],
    [{ client_id: "A".repeat(22) }, 400],
  ]) {
    const asked = new URLSearchParams({ ...good, ...change });
    const sent = method === "POST" ? ["", { method, body: asked }] : [`?${asked}`];
    const answer = await fetch(`${server.url}/authorize${sent[0]}`, { redirect: "manual", ...sent[1] });
    await answer.text();
    assert.deepEqual([answer.status, answer.headers.get("location")], [status, null], JSON.stringify(change));
  }
});

test("the authorization page says that a client waits for approval", { timeout: 60_000 }, async () => {
  const approval = (text) => text.replace(/^\[vars\.METADATA\]/m, "[vars.POLICY]\napproval = true\n\n[vars.METADATA]");
  const strict = await startServer({ configure: (url, folder) => configure(url, folder, approval) });
  try {
    const { client_id, client_secret, status } = (await register({ redirect_uris: [URI], ...grants }, undefined, strict)).clientMetadata();
    assert.equal(status, "pending");
    const asked = new URLSearchParams({ client_id, redirect_uri: URI, response_type: "code" });
    const answer = await fetch(`${strict.url}/authorize?${asked}`, { redirect: "manual" });
    assert.deepEqual([answer.status, /waiting for approval/.test(await answer.text())], [403, true]);
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
    assert.equal((await fetch(`${strict.url}/token`, { method: "POST", body })).status, 401);
  } finally {
    await strict.stop();
  }
});

test("a secret may come either way, and a wrong one is invalid_client", async () => {
  const { client_id, client_secret } = (await register({ redirect_uris: [URI], ...grants })).clientMetadata();
  const basic = (secret) => ({ headers: { authorization: `Basic ${btoa(`${client_id}:${secret}`)}` } });
  const grant_type = "client_credentials";
  for (const [init, body, status, error] of [
    [basic(client_secret), { grant_type }, 200, undefined],
    [basic("wrong"), { grant_type }, 401, "invalid_client"],
    [{}, { grant_type, client_id, client_secret }, 200, undefined],
    [{}, { grant_type, client_id, client_secret: "wrong" }, 401, "invalid_client"],
    [{}, { grant_type, client_id }, 401, "invalid_client"],
    [{}, { grant_type }, 401, "invalid_client"],
    [basic(client_secret), { grant_type, client_secret }, 400, "invalid_request"],
    [basic(client_secret), { grant_type: "password" }, 400, "unsupported_grant_type"],
    [basic(client_secret), { grant_type, resource: "mcp" }, 400, "invalid_target"],
  ]) {
    const answer = await fetch(`${server.url}/token`, { method: "POST", body: new URLSearchParams(body), ...init });
    assert.deepEqual([answer.status, (await answer.json()).error], [status, error], JSON.stringify(body));
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    // A secret in the body, which Rollcall has rejected, is answered without one.
    const challenge = status === 401 && !body.client_secret ? 'Basic realm="token"' : null;
    assert.equal(answer.headers.get("www-authenticate"), challenge, JSON.stringify(body));
  }
});

test("from outside there is no API for authorization servers", async () => {
  const { client_id, client_secret } = (await register({ redirect_uris: [URI] })).clientMetadata();
  const headers = { authorization: "Bearer anything", "content-type": "application/json" };
  const body = JSON.stringify({ client_id, client_secret });
  for (const [path, init] of [
    [client_id, { headers }],
    ["authenticate", { method: "POST", headers, body }],
    [`${client_id}/redirect-uri`, { method: "POST", headers, body: JSON.stringify({ redirect_uri: URI }) }],
  ]) {
    const answer = await fetch(`${server.url}/as/clients/${path}`, init);
    assert.deepEqual([answer.status, (await answer.text()).includes(client_id)], [404, false], path);
  }
});

test("without the binding's property the Worker has none either, and disowns no client with a secret", async () => {
  const without = (text) => text.replace(/^props = .*$/m, "");
  const bare = await startServer({ configure: (url, folder) => configure(url, folder, without) });
  try {
    const { client_id, client_secret } = (await register({ redirect_uris: [URI] }, undefined, bare)).clientMetadata();
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
    const answer = await fetch(`${bare.url}/token`, { method: "POST", body });
    assert.deepEqual([answer.status, (await answer.json()).error], [503, "temporarily_unavailable"]);
  } finally {
    await bare.stop();
  }
});

// The last one: it uses up what this address may do in a minute.
test("strangers are counted one by one, as if they came to Rollcall itself", async () => {
  const body = JSON.stringify({ redirect_uris: [URI] });
  const init = { method: "POST", headers: { "content-type": "application/json" }, body };
  let status;
  for (let n = 0; n < 42 && status !== 429; n += 1) {
    const answer = await fetch(`${server.url}/reg`, init);
    await answer.text();
    status = answer.status;
  }
  assert.equal(status, 429);
});
