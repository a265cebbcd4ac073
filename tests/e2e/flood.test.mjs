// The cost of a flood of strangers on real workerd, with the limits of wrangler.toml: operations of KV, and calls of
// the Durable Object.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { ADMIN_TOKEN } from "./support/operator.mjs";
import { send as sendRequest } from "./support/requests.mjs";
import { startServer } from "./support/server.mjs";

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const metadata = { redirect_uris: ["https://app.example/cb"] };
const madeUp = `${"A".repeat(42)}Q`;

let server;
before(async () => {
  const entry = "tests/e2e/support/metered.mjs";
  const REGISTRATION = { mode: "tiered", registration_access_token_rotation: "on_update" };
  const vars = (url) => ({ ISSUER: url, METADATA, REGISTRATION, ADMIN_TOKEN });
  server = await startServer({ entry, limits: true, assets: false, vars });
});
after(() => server?.stop());

// The simulator counts by the minute of the clock, so no test may begin in one and end in the next. Each has addresses
// of its own.
let minute;
const minuteNow = () => Math.floor(Date.now() / 60_000);
beforeEach(async () => {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 20_000) await sleep(left + 100);
  minute = minuteNow();
  await operations();
});
afterEach(() => assert.equal(minuteNow(), minute, "the rate limits began to count anew during the test"));

async function operations() {
  return (await fetch(`${server.url}/__test/operations`)).json();
}

async function send(method, path, { address, bearer, body } = {}) {
  const headers = { "content-type": "application/json", ...(address && { "test-address": address }) };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  const sent = typeof body === "object" ? JSON.stringify(body) : body;
  const { status, text } = await sendRequest(`${server.url}${path}`, { method, headers, body: sent });
  return { status, body: text ? JSON.parse(text) : undefined };
}

/** How often each status was answered to `count` requests, one after the other. */
async function statuses(count, action) {
  const counts = {};
  for (let n = 0; n < count; n += 1) {
    const { status } = await action(n);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const id = (n) => `${String(n).padStart(21, "0")}A`;

test("dry runs from 31 networks leave registrations and updates to others", { timeout: 120_000 }, async () => {
  const honest = "192.0.2.77";
  const { body: client } = await send("POST", "/reg", { address: honest, body: metadata });
  await operations();
  const flood = (n) => send("POST", "/reg?dry_run=true", { address: `2001:db8:1${n % 31}::1`, body: "x" });
  assert.deepEqual(await statuses(620, flood), { 400: 620 });
  assert.deepEqual(await operations(), { get: 0, put: 0, delete: 0, list: 0, call: 0 });
  assert.equal((await send("POST", "/reg", { address: honest, body: metadata })).status, 201);
  const body = { ...metadata, client_id: client.client_id };
  const path = new URL(client.registration_client_uri).pathname;
  const updated = await send("PUT", path, { address: honest, bearer: client.registration_access_token, body });
  assert.equal(updated.status, 200);
  const read = await send("GET", path, { address: honest, bearer: updated.body.registration_access_token });
  assert.equal(read.status, 200);
});

test("wrong tokens of one address are rejected unseen once they are over the limit", { timeout: 120_000 }, async () => {
  const address = "192.0.2.1";
  const guess = (n) => send("GET", `/reg/${id(n)}`, { address, bearer: madeUp });
  assert.deepEqual(await statuses(100, guess), { 401: 30, 429: 70 });
  assert.deepEqual(await operations(), { get: 31, put: 0, delete: 0, list: 0, call: 0 });
  const initial = () => send("POST", "/reg", { address: "192.0.2.2", bearer: `iat_${madeUp}`, body: metadata });
  assert.deepEqual(await statuses(100, initial), { 401: 30, 429: 70 });
  assert.deepEqual(await operations(), { get: 0, put: 0, delete: 0, list: 0, call: 31 });
  // The operator comes from there, too.
  const list = await send("GET", "/admin/initial-access-tokens", { address, bearer: ADMIN_TOKEN });
  assert.equal(list.status, 200);
});

/** A test that of `sent` registrations, the nth from `address(n)`, the first `limit` are stored. */
const registering = ({ address, sent, limit }) => async () => {
  const register = (n) => send("POST", "/reg", { address: address(n), body: metadata });
  assert.deepEqual(await statuses(sent, register), { 201: limit, 429: sent - limit });
  assert.equal((await operations()).put, limit);
};
const ofAddress = { address: () => "192.0.2.3", sent: 25, limit: 20 };
test("an address may register as often as wrangler.toml says", { timeout: 120_000 }, registering(ofAddress));
const ofNetwork = { address: (n) => `2001:db8:0:${n.toString(16)}::1`, sent: 110, limit: 100 };
test("a network may register as often as wrangler.toml says", { timeout: 120_000 }, registering(ofNetwork));
const ofWorkers = { address: () => "2a06:98c0:3600::103", sent: 310, limit: 300 };
test("all Workers together may register as often as wrangler.toml says", { timeout: 120_000 }, registering(ofWorkers));

test("an update that nobody may make is answered before its body has arrived", { timeout: 120_000 }, async () => {
  const begin = async (path, bearer) => {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json", "test-address": "192.0.2.4" };
    const sent = request(`${server.url}${path}`, { method: "PUT", headers: { ...headers, "transfer-encoding": "chunked" } });
    sent.on("error", () => {});
    sent.write("{");
    const [answer] = await once(sent, "response", { signal: AbortSignal.timeout(20_000) });
    sent.destroy();
    return answer.statusCode;
  };
  for (const [bearer, reads] of [["x", 0], [madeUp, 1]]) {
    assert.equal(await begin(`/reg/${id(1)}`, bearer), 401);
    assert.equal((await operations()).get, reads, bearer);
  }
});
