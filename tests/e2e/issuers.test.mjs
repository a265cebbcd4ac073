// Two issuers by path and one by host in one deployment, found by real client libraries; and a
// developer's machine, which has everything they ask for.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { discoverAuthorizationServerMetadata, registerClient } from "@modelcontextprotocol/sdk/client/auth.js";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";

import { startServer } from "./support/server.mjs";

const METADATA = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  jwks_uri: "/jwks",
  scopes_supported: ["openid"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
};

let server;
let issuers;
let local;
before(async () => {
  server = await startServer({
    vars: (url) => {
      issuers = [`${url}/t1`, `${url}/t2`, url.replace("127.0.0.1", "localhost")];
      const [one, two, host] = issuers;
      return {
        METADATA,
        ISSUERS: { [one]: { METADATA: { ui_locales_supported: ["de"] } }, [two]: { DISCOVERY: { max_age: 60 } }, [host]: {} },
      };
    },
  });
  local = await startServer();
});
after(() => Promise.all([server?.stop(), local?.stop()]));

const places = (issuer) => {
  const { origin, pathname } = new URL(issuer);
  const path = pathname === "/" ? "" : pathname;
  const names = ["oauth-authorization-server", "openid-configuration"];
  return names.flatMap((name) => [
    `${origin}/.well-known/${name}${path}`,
    `${origin}/.well-known/${name}${path}/`,
    `${origin}${path}/.well-known/${name}`,
    `${origin}${path}/.well-known/${name}/`,
  ]);
};

const client = { redirect_uris: ["http://127.0.0.1:9000/cb"], client_name: "e2e" };

/** How each library finds an issuer and registers there. */
const libraries = {
  async oauth4webapi(issuer) {
    const insecure = { [oauth.allowInsecureRequests]: true };
    for (const algorithm of ["oauth2", "oidc"]) {
      const url = new URL(issuer);
      const found = await oauth.discoveryRequest(url, { algorithm, ...insecure });
      const server = await oauth.processDiscoveryResponse(url, found);
      const answer = await oauth.dynamicClientRegistrationRequest(server, client, insecure);
      const registered = await oauth.processDynamicClientRegistrationResponse(answer);
      assert.ok(registered.registration_client_uri.startsWith(`${issuer}/reg/`));
    }
  },
  async "openid-client"(issuer) {
    for (const algorithm of ["oauth2", "oidc"]) {
      const options = { algorithm, execute: [openid.allowInsecureRequests] };
      const config = await openid.dynamicClientRegistration(new URL(issuer), client, undefined, options);
      assert.equal(config.serverMetadata().issuer, issuer);
      assert.equal(config.clientMetadata().client_name, "e2e");
    }
  },
  async "@modelcontextprotocol/sdk"(issuer) {
    const metadata = await discoverAuthorizationServerMetadata(issuer);
    assert.equal(metadata.issuer, issuer);
    const clientMetadata = { ...client, token_endpoint_auth_method: "none" };
    const registered = await registerClient(issuer, { metadata, clientMetadata });
    assert.equal(registered.client_secret, undefined);
  },
};

for (const [name, run] of Object.entries(libraries)) {
  test(`${name} finds every issuer and registers`, async () => {
    for (const issuer of [...issuers, local.url]) await run(issuer);
  });
}

/** R47. */
test("the MCP SDK registers at /register where it has found no metadata", async () => {
  const registered = await registerClient(local.url, { metadata: undefined, clientMetadata: client });
  assert.match(registered.client_id, /^[\w-]{22}$/);
});

test("every place of an issuer has the same document, and HTTP as it should be", async () => {
  for (const issuer of issuers) {
    const answers = await Promise.all(places(issuer).map((url) => fetch(url)));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]), issuer);
    assert.equal(new Set(texts).size, 1, issuer);
    const document = JSON.parse(texts[0]);
    assert.equal(document.issuer, issuer);
    assert.equal(document.registration_endpoint, `${issuer}/reg`);
    assert.ok(!Object.values(document).some((value) => value === null || value === ""));
    const [{ headers }] = answers;
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("cache-control"), issuer.endsWith("t2") ? "public, max-age=60" : "public, max-age=300");
    assert.equal(headers.get("cloudflare-cdn-cache-control"), "no-store", "the issuers are on two hosts");
    const etag = headers.get("etag");
    const again = await fetch(places(issuer)[0], { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, again.headers.get("etag"), await again.text()], [304, etag, ""]);
    assert.equal(again.headers.get("cache-control"), headers.get("cache-control"));
    const head = await fetch(places(issuer)[0], { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("etag"), await head.text()], [200, etag, ""]);
    const post = await fetch(places(issuer)[0], { method: "POST" });
    assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
    await post.text();
  }
});

test("a client of one issuer is unknown to the others", async () => {
  for (const issuer of issuers) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${issuer}/reg`, { method: "POST", headers, body: JSON.stringify(client) });
    const { client_id, registration_access_token } = await answer.json();
    const authorization = `Bearer ${registration_access_token}`;
    for (const other of issuers) {
      const read = await fetch(`${other}/reg/${client_id}`, { headers: { authorization } });
      assert.equal(read.status, other === issuer ? 200 : 401, `${client_id} of ${issuer} at ${other}`);
      await read.text();
    }
  }
  const line = await server.logLine(({ route, status }) => route === "/reg" && status === 201);
  assert.ok(issuers.includes(line.issuer));
});

test("a path outside every issuer is a 404 in JSON that pages can read", async () => {
  const { origin } = new URL(issuers[0]);
  for (const path of ["/reg", "/t3/reg", "/.well-known/oauth-authorization-server", "/.well-known/x", "/t1/jwks", "/t1/token"]) {
    const answer = await fetch(`${origin}${path}`);
    const { error, error_description } = await answer.json();
    assert.deepEqual([answer.status, error], [404, "invalid_request"], path);
    assert.ok(error_description);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }
});

test("findings about the documents are logged at the start", async () => {
  const line = await server.logLine(({ member }) => member);
  assert.equal(line.member, "authorization_response_iss_parameter_supported");
  assert.deepEqual([line.severity, issuers.includes(line.issuer)], ["warning", true]);
});

test("a developer's machine has a key set, and endpoints that say what is missing", async () => {
  const { keys } = await (await fetch(`${local.url}/jwks`)).json();
  assert.deepEqual(keys.map(({ kty, use, d }) => [kty, use, d]), [["RSA", "sig", undefined]], "one public key");
  for (const [path, init] of [["/authorize?client_id=x", {}], ["/token", { method: "POST", body: "grant_type=x" }]]) {
    const answer = await fetch(`${local.url}${path}`, init);
    assert.equal(answer.status, 501);
    assert.match((await answer.json()).error_description, /No authorization server is configured yet/);
  }
});
