// The requests that a browser allows an app on another origin: those for clients, and no others.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startServer } from "../e2e/support/server.mjs";
import { inApp, startApp } from "./support/elsewhere.mjs";
import { ADMIN_TOKEN, AS_TOKEN, ask as operate, record, seed } from "./support/operator.mjs";
import { limitedServer } from "./support/page.mjs";

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const REDIRECT = { redirect_uris: ["https://app.example/cb"] };
const BLOCKED = { failure: "TypeError" };

let app;
let server;
before(async () => {
  app = await startApp();
  const listing = (origin) => ({ REGISTRATION: { allowed_origins: [origin] } });
  const issuers = (url) => ({ [url]: {}, [`${url}/ours`]: listing(new URL(app.url).origin), [`${url}/others`]: listing("https://app.example") });
  server = await startServer({ vars: (url) => ({ ISSUERS: issuers(url), METADATA, REGISTRATION: { record_uses: true }, ADMIN_TOKEN, AS_TOKEN }) });
});
after(() => Promise.all([app?.stop(), server?.stop()]));

const bearer = (token) => ({ authorization: `Bearer ${token}` });

for (const [name, extra] of [
  ["", {}],
  [", with the header of MCP", { "mcp-protocol-version": "2025-06-18" }],
  [
    ", with the headers of tracing",
    {
      "sentry-trace": "0123456789abcdef0123456789abcdef-0123456789abcdef-1",
      baggage: "sentry-environment=production",
      traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
      tracestate: "a=b",
      "x-requested-with": "XMLHttpRequest",
    },
  ],
]) {
  test(`an app on another origin discovers, registers, reads, updates and deletes itself${name}`, () =>
    inApp(app, async (ask) => {
      const before = server.logLines().length;
      for (const document of ["oauth-authorization-server", "oauth-authorization-server/", "openid-configuration"]) {
        const { status, body } = await ask("GET", `${server.url}/.well-known/${document}`, { headers: extra });
        // Not complete for OpenID Connect: a 404 that a script can read.
        if (document === "openid-configuration") assert.deepEqual([status, body.error], [404, "invalid_request"]);
        else assert.deepEqual([status, body.registration_endpoint], [200, `${server.url}/reg`]);
      }
      const registered = await ask("POST", `${server.url}/reg`, { headers: extra, body: REDIRECT });
      const { client_id, registration_client_uri: uri, registration_access_token: token } = registered.body;
      assert.deepEqual([registered.status, registered.headers.location], [201, uri]);
      const headers = { ...extra, ...bearer(token) };
      const read = await ask("GET", uri, { headers });
      assert.deepEqual([read.status, read.headers.etag], [200, registered.headers.etag]);
      assert.match(read.headers.etag, /^"[\w-]+"$/);
      const body = { ...REDIRECT, client_id, client_name: "By an app" };
      const updated = await ask("PUT", uri, { headers: { ...headers, "if-match": read.headers.etag }, body });
      assert.deepEqual([updated.status, updated.body.client_name], [200, "By an app"]);
      const late = await ask("PUT", uri, { headers: { ...headers, "if-match": read.headers.etag }, body });
      assert.deepEqual([late.status, late.body.error], [412, "invalid_request"]);
      const known = { ...headers, "if-none-match": updated.headers.etag };
      const current = await ask("GET", uri, { headers: known, cache: "no-store" });
      assert.equal(current.status, 304);
      assert.equal((await ask("DELETE", uri, { headers })).status, 204);
      const gone = await ask("GET", uri, { headers });
      assert.deepEqual([gone.status, gone.body.error], [401, "invalid_token"]);
      // The browser has asked first, where it has to.
      await server.logLine(({ client_id: of, status }) => of === client_id && status === 401);
      const asked = server.logLines().slice(before).filter(({ method }) => method === "OPTIONS");
      const routes = new Set(asked.map(({ route }) => route));
      assert.ok(routes.has("/reg") && routes.has("/reg/{client_id}"), [...routes].join());
      assert.equal(routes.has("/.well-known/oauth-authorization-server"), Object.keys(extra).length > 0);
    }));
}

test("a script sees why it was refused: the status, the error, and the headers that say what to do", () =>
  inApp(app, async (ask) => {
    const reg = `${server.url}/reg`;
    const refused = async (expected, method, url, options, error = "invalid_request") => {
      const { status, body, headers } = await ask(method, url, options);
      assert.deepEqual([status, body?.error], [expected, error], `${method} ${url}`);
      assert.ok(body.error_description.length > 10);
      return { body, headers };
    };
    const insecure = { body: { redirect_uris: ["http://app.example/cb"] } };
    const { body } = await refused(400, "POST", reg, insecure, "invalid_redirect_uri");
    assert.equal(body.errors[0].rule, "redirect_uri_remote_http");
    await refused(400, "POST", reg, { body: "no JSON" }, "invalid_client_metadata");
    const nobody = `${reg}/AAAAAAAAAAAAAAAAAAAAAA`;
    const without = await refused(401, "GET", nobody, {}, "invalid_token");
    assert.equal(without.headers["www-authenticate"], 'Bearer realm="registration"');
    const wrong = await refused(401, "DELETE", nobody, { headers: bearer("x") }, "invalid_token");
    assert.equal(wrong.headers["www-authenticate"], 'Bearer realm="registration", error="invalid_token"');
    await refused(404, "GET", `${server.url}/nothing-here`);
    await refused(405, "GET", reg);
    await refused(413, "POST", reg, { body: { ...REDIRECT, client_name: "x".repeat(70_000) } });
    await refused(415, "POST", reg, { body: JSON.stringify(REDIRECT), type: "text/plain" });
  }));

test("where origins are listed, an app on a listed one registers and manages itself, and no other app", () =>
  inApp(app, async (ask) => {
    const [ours, others] = ["/ours", "/others"].map((path) => server.url + path);
    const { status, body } = await ask("POST", `${ours}/reg`, { body: REDIRECT });
    assert.equal(status, 201);
    const { registration_client_uri: uri, registration_access_token: token } = body;
    assert.equal((await ask("GET", uri, { headers: bearer(token) })).status, 200);
    assert.equal((await ask("POST", `${ours}/reg`, { body: "{}" })).status, 400);
    assert.equal((await ask("DELETE", uri, { headers: bearer(token) })).status, 204);

    assert.deepEqual(await ask("POST", `${others}/reg`, { body: REDIRECT }), BLOCKED);
    assert.deepEqual(await ask("GET", `${others}/reg/AAAAAAAAAAAAAAAAAAAAAA`, { headers: bearer("x") }), BLOCKED);
    assert.equal((await ask("GET", `${others}/.well-known/oauth-authorization-server`)).status, 200);
    const line = await server.logLine(({ method, status }) => method === "OPTIONS" && status === 403);
    assert.deepEqual([line.action, line.outcome, line.issuer], ["preflight", "access_denied", others]);
  }));

test("over the limit a script sees 429 and when to come back", async () => {
  const limited = await limitedServer();
  await inApp(app, async (ask) => {
    let last;
    for (let n = 0; n < 100 && last?.status !== 429; n += 1) {
      last = await ask("POST", `${limited.url}/reg`, { body: REDIRECT });
    }
    const { status, headers, body } = last;
    assert.deepEqual([status, body.error, headers["retry-after"]], [429, "temporarily_unavailable", "60"]);
  });
});

test("the APIs of the authorization server and the operator are out of reach for it, with the right tokens too", async () => {
  const client = record("Out of reach");
  await seed(server, [client]);
  const own = `${server.url}/admin/clients/${client.client_id}`;
  await inApp(app, async (ask) => {
    for (const [method, url, token, body] of [
      ["GET", `${server.url}/admin/clients`, ADMIN_TOKEN],
      ["GET", own, ADMIN_TOKEN],
      ["DELETE", own, ADMIN_TOKEN],
      ["POST", `${own}/disable`, ADMIN_TOKEN],
      ["POST", `${own}/rotate`, ADMIN_TOKEN, { credential: "client_secret" }],
      ["POST", `${server.url}/admin/clients/delete`, ADMIN_TOKEN, { filter: { name: "Out of reach" }, dry_run: false }],
      ["GET", `${server.url}/admin/initial-access-tokens`, ADMIN_TOKEN],
      ["POST", `${server.url}/admin/initial-access-tokens`, ADMIN_TOKEN, {}],
      ["GET", `${server.url}/as/clients/${client.client_id}`, AS_TOKEN],
      ["POST", `${server.url}/as/clients/authenticate`, AS_TOKEN, { client_id: client.client_id, client_secret: "x" }],
    ]) {
      assert.deepEqual(await ask(method, url, { headers: bearer(token), body }), BLOCKED, `${method} ${url}`);
      // Without a preflight there is no token in it, and nothing to be read.
      if (method === "DELETE") continue;
      const simple = { type: "text/plain", body };
      assert.deepEqual(await ask(method, url, simple), BLOCKED, url);
      const { status, type } = await ask(method, url, { ...simple, mode: "no-cors", headers: bearer(token) });
      assert.deepEqual([status, type], [0, "opaque"]);
    }
  });
  const { body } = await operate(server, "GET", `/admin/clients/${client.client_id}`);
  assert.deepEqual([body.status, body.last_used], ["active", undefined], "nothing has happened");
  assert.deepEqual((await operate(server, "GET", "/admin/initial-access-tokens")).body.initial_access_tokens, []);
  await server.logLine(({ action, status }) => action === "admin.list_tokens" && status === 200);
  const preflights = server.logLines().filter(({ method, route }) => method === "OPTIONS" && /^\/(admin|as)\//.test(route));
  assert.deepEqual(preflights.map(({ status }) => status), Array(10).fill(405), "each was asked about first, and refused");
});

test("cookies and other credentials of the browser are never let in", () =>
  inApp(app, async (ask) => {
    const [credentials, document] = ["include", `${server.url}/.well-known/oauth-authorization-server`];
    const body = { ...REDIRECT, client_name: "Kept out" };
    assert.equal((await ask("GET", document)).status, 200);
    assert.deepEqual(await ask("GET", document, { credentials }), BLOCKED);
    assert.deepEqual(await ask("POST", `${server.url}/reg`, { credentials, body }), BLOCKED);
    assert.deepEqual((await operate(server, "GET", "/admin/clients?name=Kept")).body.clients, []);
  }));

test("oauth4webapi in an app on another origin registers and manages a client", () =>
  inApp(app, async (ask, page) => {
    const seen = await page.evaluate(async (issuer) => {
      const { oauth } = window.libraries;
      const insecure = { [oauth.allowInsecureRequests]: true };
      const url = new URL(issuer);
      const discovered = await oauth.discoveryRequest(url, { algorithm: "oauth2", ...insecure });
      const as = await oauth.processDiscoveryResponse(url, discovered);
      const metadata = { redirect_uris: [`${location.origin}/cb`], token_endpoint_auth_method: "none" };
      const answer = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure);
      const client = await oauth.processDynamicClientRegistrationResponse(answer);
      const manage = async (method, body) => {
        const headers = new Headers(body && { "content-type": "application/json" });
        const { registration_access_token: token, registration_client_uri: uri } = client;
        const text = body && JSON.stringify(body);
        const { status } = await oauth.protectedResourceRequest(token, method, new URL(uri), headers, text, insecure);
        return status;
      };
      const body = { ...metadata, client_id: client.client_id, client_name: "Renamed" };
      const done = [await manage("GET"), await manage("PUT", body), await manage("DELETE")];
      const challenged = await manage("GET").catch((error) => [error.constructor.name, error.cause[0].scheme]);
      return { redirects: client.redirect_uris, done, challenged };
    }, server.url);
    assert.deepEqual(seen.redirects, [`${new URL(app.url).origin}/cb`]);
    assert.deepEqual(seen.done, [200, 200, 204]);
    assert.equal(seen.challenged[1], "bearer", "it could read WWW-Authenticate");
  }));

test("the MCP SDK in an app on another origin discovers the server and registers a client", () =>
  inApp(app, async (ask, page) => {
    const client = await page.evaluate(async (issuer) => {
      const metadata = await window.libraries.discoverAuthorizationServerMetadata(issuer);
      const clientMetadata = { redirect_uris: [`${location.origin}/cb`], token_endpoint_auth_method: "none" };
      return window.libraries.registerClient(issuer, { metadata, clientMetadata });
    }, server.url);
    assert.match(client.client_id, /^[\w-]{22}$/);
  }));
