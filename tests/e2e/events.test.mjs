// Work after an answer: events to a webhook, a recorded use, the end of unused clients.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startServer } from "./support/server.mjs";

const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret that nobody has guessed").toString("base64")}`;
const AS_TOKEN = "the authorization server's secret of 32 bytes";
const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const metadata = { redirect_uris: ["https://app.example/cb"] };

const register = (server, body = metadata) =>
  fetch(`${server.url}/reg`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** A receiver whose answers to the first messages are these. */
async function receiver(...answers) {
  const received = [];
  const http = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    received.push({ headers: request.headers, body });
    const { status = 204, delay = 0 } = answers.shift() ?? {};
    await sleep(delay);
    response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  // Also where a test fails before it comes to stopping it: the file would never end.
  after(() => http.close());
  const arrived = async (count) => {
    for (const deadline = Date.now() + 20_000; received.length < count && Date.now() < deadline;) await sleep(20);
    assert.ok(received.length >= count, `${received.length} of ${count} messages arrived`);
    return received;
  };
  return { url: `http://127.0.0.1:${http.address().port}/hook`, arrived, received, stop: () => http.close() };
}

const signature = ({ headers, body }) => {
  const key = Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
};

test("events arrive signed, however often it takes, and nobody waits for them", { timeout: 90_000 }, async () => {
  const hook = await receiver({ status: 500, delay: 1_000 }, { status: 503 });
  const vars = (url) => ({ ISSUER: url, METADATA, WEBHOOK: { url: hook.url }, WEBHOOK_SECRET });
  const server = await startServer({ assets: false, vars });
  try {
    const begun = Date.now();
    const answer = await register(server);
    assert.ok(Date.now() - begun < 900, "the answer waited for the webhook");
    const client = await answer.json();
    const tries = (await hook.arrived(3)).slice(0, 3);
    for (const one of tries) {
      assert.equal(one.headers["webhook-signature"], signature(one));
      assert.equal(one.headers["content-type"], "application/json");
      assert.equal(one.body, tries[0].body);
    }
    assert.equal(new Set(tries.map(({ headers }) => headers["webhook-id"])).size, 1);
    const event = JSON.parse(tries[0].body);
    assert.deepEqual(
      [event.action, event.outcome, event.status, event.client_id, event.issuer],
      ["register", "ok", 201, client.client_id, server.url],
    );
    assert.deepEqual(await server.logLine(({ request_id }) => request_id === event.request_id), event);
    const authorization = `Bearer ${client.registration_access_token}`;
    await (await fetch(client.registration_client_uri, { method: "DELETE", headers: { authorization } })).text();
    await (await register(server, { redirect_uris: ["/relative"] })).text();
    const all = await hook.arrived(5);
    const actions = all.slice(3).map(({ body }) => JSON.parse(body)).map(({ action, outcome }) => `${action} ${outcome}`);
    assert.deepEqual(actions.sort(), ["delete ok", "register invalid_redirect_uri"]);
    const answered = all.map(({ body }) => body).join();
    for (const secret of [client.client_secret, client.registration_access_token, "/relative"]) {
      assert.ok(!answered.includes(secret));
    }
  } finally {
    await server.stop();
    hook.stop();
  }
});

test("a webhook that stays away is a line in the log", { timeout: 90_000 }, async () => {
  const hook = await receiver();
  hook.stop();
  const vars = (url) => ({ ISSUER: url, METADATA, WEBHOOK: { url: hook.url }, WEBHOOK_SECRET });
  const server = await startServer({ assets: false, vars });
  try {
    assert.equal((await register(server)).status, 201);
    for (const deadline = Date.now() + 40_000; Date.now() < deadline; await sleep(500)) {
      if (server.logLines().some(({ action }) => action === "deliver")) break;
    }
    const line = await server.logLine(({ action }) => action === "deliver");
    assert.deepEqual([line.outcome, line.detail.split(":")[0]], ["failed", "WEBHOOK.url cannot be reached"]);
    const registered = await server.logLine(({ action }) => action === "register");
    assert.deepEqual([line.at, line.request_id], [registered.at, registered.request_id]);
    assert.match(line.event_id, /^msg_[\w-]{16}$/);
  } finally {
    await server.stop();
  }
});

test("a use is written down once and moves the end of its client; who is not used ends", { timeout: 150_000 }, async () => {
  const vars = (url) => ({
    ISSUER: url,
    METADATA,
    AS_TOKEN,
    REGISTRATION: { unused_client_ttl: 60, idle_client_ttl: 3_600 },
  });
  const server = await startServer({ assets: false, vars, entry: "tests/e2e/support/counting-kv.mjs" });
  try {
    const [used, unused] = await Promise.all([register(server), register(server)].map(async (a) => (await a).json()));
    assert.equal(used.client_id_expires_at, used.client_id_issued_at + 60);
    const lookUp = (client) =>
      fetch(`${server.url}/as/clients/${client.client_id}`, { headers: { authorization: `Bearer ${AS_TOKEN}` } });
    const answered = await Promise.all(Array.from({ length: 20 }, () => lookUp(used)));
    assert.deepEqual([...new Set(answered.map(({ status }) => status))], [200]);
    let expires_at = 0;
    for (const deadline = Date.now() + 10_000; expires_at < used.client_id_issued_at + 86_400; await sleep(200)) {
      assert.ok(Date.now() < deadline, `the end is still ${expires_at}`);
      ({ expires_at } = await (await lookUp(used)).json());
    }
    // A minute later, by the clock of the store and by the Worker's.
    await server.age(62);
    await server.later(62_000);
    assert.equal((await lookUp(unused)).status, 404);
    assert.equal((await lookUp(used)).status, 200);
    const { clients } = await (await fetch(`${server.url}/__test/clients`)).json();
    assert.equal(clients, 1, "the store has forgotten the other");
  } finally {
    await server.stop();
  }
});
