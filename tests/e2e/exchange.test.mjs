// The exchange everything starts from, on real workerd with Workers KV simulated on disk.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { startServer } from "./support/server.mjs";

const SEED = `{"client_name": "Oauth client",
"redirect_uris":
  ["http://localhost:9000/callback"],
"client_uri": "http://localhost:9000",
"grant_types": ["authorization_code"],
"scope": "openid"}`;

let server;
before(async () => (server = await startServer()));
after(() => server?.stop());

const register = (body, headers = { "content-type": "application/json" }) =>
  fetch(`${server.url}/reg`, { method: "POST", headers, body });
const read = ({ registration_client_uri, registration_access_token }) =>
  fetch(registration_client_uri, { headers: { authorization: `Bearer ${registration_access_token}` } });

/** The response to this request in README.md. */
function sampleResponse() {
  const page = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  return JSON.parse(/```json\n(.+?)```/s.exec(page)[1]);
}

/** Sends exactly these headers, odd ones included, which fetch would not. */
function raw(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { method, headers, agent: false }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => {
        const { statusCode: status, headers } = response;
        const unpack = { gzip: gunzipSync, br: brotliDecompressSync }[headers["content-encoding"]];
        const body = Buffer.concat(pieces);
        resolve({ status, headers, text: String(unpack ? unpack(body) : body) });
      });
    });
    sent.on("error", reject).end(body);
  });
}

test("the seed request is answered with every member of the sample answer", async () => {
  const headers = {
    accept: "*/*",
    "accept-encoding": "gzip;q=1.0, br, zz-unknown;q=0.1",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(SEED),
    cookie: "session=abc; theme=dark",
    "user-agent": "",
  };
  const answer = await raw("POST", "/reg", headers, SEED);
  assert.equal(answer.status, 201);
  assert.equal(answer.headers["content-type"], "application/json");
  assert.equal(answer.headers["cache-control"], "no-store");
  const client = JSON.parse(answer.text);
  assert.match(client.client_id, /^[\w-]{22,}$/);
  assert.match(client.client_secret, /^[\w-]{86}$/);
  assert.match(client.registration_access_token, /^[\w-]{43}$/);
  assert.ok(Math.abs(client.client_id_issued_at - Date.now() / 1000) < 60);
  const { client_id, client_secret, registration_access_token, client_id_issued_at } = client;
  const random = { client_id, client_secret, registration_access_token, client_id_issued_at };
  const registration_client_uri = `${server.url}/reg/${client_id}`;
  assert.deepEqual(client, { ...sampleResponse(), ...random, registration_client_uri });
});

test("a client finds the endpoint, registers, and reads itself back after a restart", async () => {
  const discovery = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  assert.equal(discovery.status, 200);
  assert.equal(discovery.headers.get("content-type"), "application/json");
  assert.equal(discovery.headers.get("access-control-allow-origin"), "*");
  const { issuer, registration_endpoint } = await discovery.json();
  assert.equal(issuer, server.url);

  const answer = await fetch(registration_endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: SEED,
  });
  const client = await answer.json();
  const { client_secret, ...visible } = client;
  assert.deepEqual(await (await read(client)).json(), visible);

  await server.restart();
  const again = await read(client);
  assert.equal(again.status, 200);
  assert.deepEqual(await again.json(), visible);

  for (const text of server.stored()) {
    assert.ok(!text.includes(client_secret), "the client secret is on disk");
    assert.ok(!text.includes(client.registration_access_token), "the token is on disk");
  }
  assert.ok(server.stored().some((text) => text.includes(client.client_id)));
});

test("a repeated request for a document is answered and logged like the first one", async () => {
  const own = await startServer();
  try {
    const seen = async (headers = {}, method = "GET") => {
      const answer = await fetch(`${own.url}/.well-known/oauth-authorization-server`, { method, headers });
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    };
    const first = await seen();
    assert.equal(JSON.parse(first.body).registration_endpoint, `${own.url}/reg`);
    for (const again of [await seen(), await seen({ origin: "https://app.example" })]) assert.deepEqual(again, first);
    const head = await seen({}, "HEAD");
    assert.deepEqual([head.status, head.headers.etag, head.body], [200, first.headers.etag, ""]);
    assert.equal((await seen({ "if-none-match": first.headers.etag })).status, 304);
    assert.equal((await seen({ "if-match": '"another"' })).status, 412);
    assert.equal((await seen({}, "DELETE")).status, 405);
    await own.logLine(({ method }) => method === "DELETE");
    const lines = own.logLines().filter(({ action, method, status }) => action === "discover" && `${method} ${status}` === "GET 200");
    assert.equal(lines.length, 3);
    const fixed = ({ at, duration_ms, request_id, ...rest }) => (assert.ok(Math.abs(at - Date.now() / 1000) < 60), rest);
    for (const line of lines) {
      assert.deepEqual(fixed(line), fixed(lines[0]));
      assert.deepEqual(Object.keys(line), Object.keys(lines[0]));
    }
    assert.equal(new Set(lines.map(({ request_id }) => request_id)).size, 3);
  } finally {
    await own.stop();
  }
});

test("Cloudflare's id of a request is in its log line, but nothing else that the header could say", async () => {
  const url = `${server.url}/.well-known/oauth-authorization-server`;
  for (const n of [1, 2]) {
    await (await fetch(url, { headers: { "cf-ray": `9a4e3b2c1d0f8e7${n}-FRA` } })).text();
    await server.logLine(({ request_id }) => request_id === `9a4e3b2c1d0f8e7${n}-FRA`);
    await (await fetch(url, { headers: { "cf-ray": `a "quoted${n}` } })).text();
    await (await fetch(url, { headers: { "cf-ray": "x".repeat(65) } })).text();
  }
  assert.ok(!server.output.includes("quoted") && !server.output.includes("x".repeat(65)));
});

test("no secret and nothing a caller wrote reaches the log", async () => {
  const client = await (await register(SEED)).json();
  await (await read(client)).text();
  await (await register('{"client_name":"\\u001b[31mforged\\n{"}')).text();
  await raw("POST", "/reg", { "x-evil": "forged" }, "forged");
  // The last of them: what the others have left in the log is there by then.
  await server.logLine(({ status }) => status === 415);
  const mine = server.logLines().filter((line) => line.client_id === client.client_id);
  assert.deepEqual(mine.map(({ method, route, status, outcome }) => ({ method, route, status, outcome })), [
    { method: "POST", route: "/reg", status: 201, outcome: "ok" },
    { method: "GET", route: "/reg/{client_id}", status: 200, outcome: "ok" },
  ]);
  for (const line of mine) {
    assert.match(line.request_id, /^[0-9a-f-]{16,}$/);
    assert.ok(Number.isInteger(line.duration_ms));
  }
  for (const secret of [client.client_secret, client.registration_access_token, "forged"]) {
    assert.ok(!server.output.includes(secret));
  }
});

test("bad requests get the right JSON error from the real runtime", async () => {
  const json = { "content-type": "application/json" };
  const big = JSON.stringify({ redirect_uris: ["https://a.example/cb"], x: "y".repeat(70_000) });
  const chunked = new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode("[" + " ".repeat(9_999)));
      if ((this.sent = (this.sent ?? 0) + 1) > 10) controller.close();
    },
  });
  const cases = [
    [await register("{"), 400, "invalid_client_metadata"],
    [await register("", json), 400, "invalid_client_metadata"],
    [await register("[]"), 400, "invalid_client_metadata"],
    [await register(Buffer.from([0x7b, 0xff, 0x7d])), 400, "invalid_client_metadata"],
    [await register(SEED, { "content-type": "text/plain" }), 415, "invalid_request"],
    [await register(SEED, {}), 415, "invalid_request"],
    [await register("{}"), 400, "invalid_redirect_uri"],
    [await register('{"redirect_uris":["/cb"]}'), 400, "invalid_redirect_uri"],
    [await register('{"redirect_uris":["https://a.example/#x"]}'), 400, "invalid_redirect_uri"],
    [await register('{"redirect_uris":["http://a.example/"]}'), 400, "invalid_redirect_uri"],
    [await register(big), 413, "invalid_request"],
    [
      await fetch(`${server.url}/reg`, { method: "POST", headers: json, body: chunked, duplex: "half" }),
      413,
      "invalid_request",
    ],
    [await fetch(`${server.url}/reg/unknown`), 401, "invalid_token"],
    [await fetch(`${server.url}/reg`), 405, "invalid_request"],
    [await fetch(`${server.url}/reg`, { method: "PROPFIND" }), 405, "invalid_request"],
    [await fetch(`${server.url}/nowhere`), 404, "invalid_request"],
  ];
  for (const [answer, status, code] of cases) {
    const body = await answer.json();
    assert.deepEqual([answer.status, body.error], [status, code], body.error_description);
    assert.ok(body.error_description.length > 0);
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    if (status === 405) assert.equal(answer.headers.get("allow"), "POST, OPTIONS");
    if (status === 401) assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="registration"');
  }
});

test("any token but the client's own is refused alike", async () => {
  const [client, other] = await Promise.all([0, 1].map(async () => (await register(SEED)).json()));
  const attempts = [
    read({ ...client, registration_access_token: other.registration_access_token }),
    read({ ...client, registration_access_token: "wrong" }),
    read({ ...client, registration_client_uri: `${server.url}/reg/AAAAAAAAAAAAAAAAAAAAAA` }),
  ];
  const answers = await Promise.all(attempts);
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  assert.deepEqual(answers.map((answer) => answer.status), [401, 401, 401]);
  assert.equal(new Set(bodies).size, 1);
  const query = `${client.registration_client_uri}?access_token=${client.registration_access_token}`;
  assert.equal((await fetch(query)).status, 401);
});

test("preflight and HEAD", async () => {
  for (const path of ["/reg", "/reg/x", "/.well-known/openid-configuration"]) {
    const preflight = await fetch(`${server.url}${path}`, { method: "OPTIONS" });
    assert.equal(preflight.status, 204);
    assert.equal(await preflight.text(), "");
    assert.match(preflight.headers.get("access-control-allow-headers"), /Authorization.*MCP-Protocol-Version/);
  }
  const head = await fetch(`${server.url}/.well-known/oauth-authorization-server`, { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("50 parallel registrations are 50 clients", async () => {
  const clients = await Promise.all(Array.from({ length: 50 }, async () => (await register(SEED)).json()));
  for (const member of ["client_id", "client_secret", "registration_access_token"]) {
    assert.equal(new Set(clients.map((client) => client[member])).size, 50, member);
  }
  const answers = await Promise.all(clients.map(read));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
});
