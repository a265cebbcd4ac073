// Repeated registrations on workerd: KV, the Durable Object, and requests that overlap.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { startServer } from "./support/server.mjs";

const ID_KEY = `1:${randomBytes(32).toString("base64url")}`;
const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"] });

let server;
before(async () => (server = await startServer({ vars: (url) => ({ ISSUER: url, METADATA, ID_KEY }) })));
after(() => server?.stop());

async function register(key, sent = body) {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  const answer = await fetch(`${server.url}/reg`, { method: "POST", headers, body: sent });
  return { status: answer.status, json: await answer.json() };
}

test("fifty parallel registrations under one key get one client, and so do later repeats", { timeout: 60_000 }, async () => {
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 50 }, () => register(key)));
  answers.push(await register(key));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
  assert.equal(new Set(answers.map(({ json }) => JSON.stringify(json))).size, 1);
  const { client_id, client_secret, registration_access_token, registration_client_uri } = answers[0].json;
  assert.equal(client_id.length, 30);
  assert.equal(server.stored().filter((text) => text.startsWith("{\"v\":") && text.includes(`"client_id":"${client_id}"`)).length, 1);
  for (const secret of [key, client_secret, registration_access_token]) {
    assert.ok(!server.output.includes(secret) && !server.stored().some((text) => text.includes(secret)), "a secret is stored or logged");
  }
  assert.deepEqual([(await register(key, `${body} `)).status, (await register("short")).status], [422, 400]);
  const headers = { authorization: `Bearer ${registration_access_token}` };
  assert.equal((await fetch(registration_client_uri, { method: "DELETE", headers })).status, 204);
  assert.equal((await register(key)).status, 409);
});
