// A foreign authorization server, `oidc-provider`, behind the same issuer: healthy, slow,
// down, redirecting, too talkative, and lying about its issuer.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, test } from "node:test";

import Provider from "oidc-provider";
import * as openid from "openid-client";

import { startServer } from "./support/server.mjs";

const PATH = "/.well-known/openid-configuration";

/** The provider behind a front that answers as `mode` says; `hits` counts. */
class Upstream {
  mode = "healthy";
  hits = 0;

  async listen() {
    this.http = createServer((request, response) => this.#answer(request, response));
    this.http.listen(0, "127.0.0.1");
    await once(this.http, "listening");
    this.url = `http://127.0.0.1:${this.http.address().port}${PATH}`;
    return this;
  }

  serve(issuer) {
    this.provider = new Provider(issuer, { scopes: ["openid", "offline_access", "api"] });
    this.answer = this.provider.callback();
  }

  #answer(request, response) {
    this.hits += 1;
    if (this.mode === "healthy") return this.answer(request, response);
    if (this.mode === "hesitant") return setTimeout(() => this.answer(request, response), 700).unref();
    if (this.mode === "slow") return setTimeout(() => this.answer(request, response), 8_000).unref();
    if (this.mode === "down") return request.socket.destroy();
    if (this.mode === "redirecting") return response.writeHead(302, { location: this.url }).end();
    if (this.mode === "large") return response.end(`{"x":"${"y".repeat(300_000)}"}`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ issuer: "https://evil.example", token_endpoint: "https://evil.example/token" }));
  }

  close() {
    this.http.closeAllConnections();
    this.http.close();
  }
}

const upstream = await new Upstream().listen();
const vars = (url) => {
  upstream.serve(url);
  return { ISSUER: url, UPSTREAM_METADATA: upstream.url };
};
after(() => upstream.close());

test("the provider's document is served with our registration endpoint, whatever becomes of it", { timeout: 120_000 }, async () => {
  const server = await startServer({ assets: false, vars });
  try {
    const theirs = await (await fetch(upstream.url)).json();
    upstream.hits = 0;
    const answer = await fetch(`${server.url}${PATH}`);
    const ours = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(ours));
    assert.deepEqual(ours, { ...theirs, registration_endpoint: `${server.url}/reg` });
    await (await fetch(`${server.url}/.well-known/oauth-authorization-server`)).text();
    assert.equal(upstream.hits, 1, "asked once");

    // A real client of the provider registers with us, with what the provider supports.
    const options = { execute: [openid.allowInsecureRequests] };
    const metadata = { redirect_uris: ["https://app.example/cb"] };
    const config = await openid.dynamicClientRegistration(new URL(server.url), metadata, undefined, options);
    assert.equal(config.clientMetadata().scope, undefined, "the authorization server decides");
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...metadata, token_endpoint_auth_method: "tls_client_auth" });
    const refused = await fetch(`${server.url}/reg`, { method: "POST", headers, body });
    assert.equal((await refused.json()).errors[0].rule, "unsupported");

    // Down: this isolate's copy is fresh; after a restart the store's is the only one.
    for (const [mode, why] of [
      ["down", /cannot be fetched/],
      ["slow", /cannot be fetched/],
      ["redirecting", /is a redirect \(302\)/],
      ["large", /is too large/],
      ["lying", /another issuer, https:\/\/evil\.example/],
    ]) {
      upstream.mode = mode;
      await server.restart();
      server.output = "";
      const started = Date.now();
      const stale = await fetch(`${server.url}${PATH}`);
      assert.deepEqual([stale.status, await stale.json()], [200, ours], mode);
      assert.ok(Date.now() - started < 6_000, mode);
      const line = await server.logLine(({ detail }) => detail);
      assert.match(line.detail, why);
      assert.match(line.detail, /the last good copy is served/);
      const registered = await fetch(`${server.url}/reg`, { method: "POST", headers, body: JSON.stringify(metadata) });
      assert.equal(registered.status, 201, mode);
      await registered.text();
    }
  } finally {
    upstream.mode = "healthy";
    await server.stop();
  }
});

test("without any copy nothing is served and nobody is registered", async () => {
  upstream.mode = "lying";
  const server = await startServer({ assets: false, vars, entry: "tests/e2e/support/counting-kv.mjs" });
  try {
    for (const init of [undefined, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }]) {
      const answer = await fetch(`${server.url}${init ? "/reg" : PATH}`, init);
      assert.deepEqual([answer.status, (await answer.json()).error], [503, "temporarily_unavailable"]);
      assert.ok(Number(answer.headers.get("retry-after")) > 0);
    }
    upstream.mode = "healthy";
    // It is asked again ten seconds after it failed.
    await server.later(10_000);
    assert.equal((await fetch(`${server.url}${PATH}`)).status, 200);
  } finally {
    upstream.mode = "healthy";
    await server.stop();
  }
});

test("150 requests while the first document is fetched get it too, and it is fetched once", async () => {
  upstream.mode = "hesitant";
  const server = await startServer({ assets: false, vars });
  try {
    upstream.hits = 0;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"] });
    const discover = async () => (await fetch(`${server.url}${PATH}`)).status;
    const register = async () => (await fetch(`${server.url}/reg`, { method: "POST", headers, body })).status;
    const statuses = await Promise.all(Array.from({ length: 150 }, (_, n) => (n % 10 === 0 ? register() : discover())));
    assert.deepEqual([...new Set(statuses)].sort(), [200, 201]);
    assert.equal(upstream.hits, 1);
  } finally {
    upstream.mode = "healthy";
    await server.stop();
  }
});

test("150 requests while an authorization server says nothing are 503 in time, and it is asked once", async () => {
  upstream.mode = "slow";
  const server = await startServer({ assets: false, vars });
  try {
    upstream.hits = 0;
    const started = Date.now();
    const answers = await Promise.all(Array.from({ length: 150 }, () => fetch(`${server.url}${PATH}`)));
    for (const { status, headers } of answers) {
      assert.deepEqual([status, Number(headers.get("retry-after")) > 0], [503, true]);
    }
    assert.equal(upstream.hits, 1);
    assert.ok(Date.now() - started < 8_000);
  } finally {
    upstream.mode = "healthy";
    await server.stop();
  }
});

test("a document that is our own is not asked for without end", async () => {
  const server = await startServer({ assets: false, vars: (url) => ({ ISSUER: url, UPSTREAM_METADATA: `${url}${PATH}` }) });
  try {
    const answer = await fetch(`${server.url}${PATH}`);
    assert.equal(answer.status, 503);
    await answer.text();
    const line = await server.logLine(({ detail }) => detail?.includes("leads back"));
    assert.match(line.detail, /UPSTREAM_METADATA leads back to this Worker/);
  } finally {
    await server.stop();
  }
});
