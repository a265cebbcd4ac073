// The whole life of a client on real workerd, which is restarted between every step; and KV's limit of
// one write a second for each key.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { ADMIN_TOKEN } from "./support/operator.mjs";
import { startServer } from "./support/server.mjs";

const call = (method, client, body, headers = {}) =>
  fetch(client.registration_client_uri, {
    method,
    headers: {
      authorization: `Bearer ${client.registration_access_token}`,
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    body: body && JSON.stringify({ client_id: client.client_id, ...body }),
  });

const register = (server, body) =>
  fetch(`${server.url}/reg`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

async function ok(answering, status = 200) {
  const answer = await answering;
  const body = await answer.text();
  assert.equal(answer.status, status, body);
  return body ? JSON.parse(body) : undefined;
}

const uris = ["https://app.example/cb"];

test("a client lives from registration to deletion across restarts", { timeout: 120_000 }, async () => {
  const registration = { registration_access_token_rotation: "on_update", client_secret_lifetime: 3600 };
  const server = await startServer({ assets: false, vars: { REGISTRATION: registration } });
  try {
    const registrations = [];
    const created = await register(server, { redirect_uris: uris, client_name: "one", contacts: ["x@app.example"] });
    const etag = created.headers.get("etag");
    const first = await ok(created, 201);
    registrations.push(first);
    assert.equal(first.client_secret_expires_at, first.client_id_issued_at + 3600);

    await server.restart();
    const read = await call("GET", first);
    assert.equal(read.headers.get("etag"), etag);
    const { client_secret, ...visible } = first;
    assert.deepEqual(await ok(read), visible);

    await server.restart();
    const refused = await call("PUT", first, { redirect_uris: uris }, { "if-match": '"other"' });
    assert.equal(refused.status, 412);
    const update = { redirect_uris: uris, client_name: "two", client_secret };
    const updated = await call("PUT", first, update, { "if-match": etag });
    assert.notEqual(updated.headers.get("etag"), etag);
    const second = await ok(updated);
    registrations.push(second);
    assert.equal(second.client_name, "two");
    assert.ok(!("contacts" in second) && !("client_secret" in second));
    assert.notEqual(second.registration_access_token, first.registration_access_token);

    await server.restart();
    await ok(call("GET", first));
    assert.equal((await ok(call("GET", second))).client_name, "two");
    assert.equal((await call("GET", first)).status, 401, "its successor was used");

    await server.restart();
    const third = await ok(call("PUT", second, { redirect_uris: uris, token_endpoint_auth_method: "none" }));
    registrations.push(third);
    assert.ok(!("client_secret_expires_at" in third));

    await server.restart();
    const kept = await ok(call("PUT", third, { redirect_uris: uris }));
    registrations.push(kept);
    assert.equal(kept.token_endpoint_auth_method, "none", "it stays public");

    await server.restart();
    const method = { token_endpoint_auth_method: "client_secret_basic" };
    const fourth = await ok(call("PUT", kept, { redirect_uris: uris, ...method }));
    registrations.push(fourth);
    assert.match(fourth.client_secret, /^[\w-]{86}$/);
    const wrong = await call("PUT", fourth, { redirect_uris: uris, client_secret, registration_client_uri: "x" });
    const { errors } = await ok(wrong, 400);
    assert.deepEqual(errors.map(({ rule }) => rule), ["client_secret", "server_assigned"]);

    await server.restart();
    const deleted = await call("DELETE", fourth);
    assert.deepEqual([deleted.status, await deleted.text()], [204, ""]);
    assert.equal(deleted.headers.get("access-control-allow-origin"), "*");
    assert.equal((await call("GET", fourth)).status, 401);

    await server.restart();
    for (const client of registrations) {
      for (const [method, body] of [["GET"], ["PUT", { redirect_uris: uris }], ["DELETE"]]) {
        const answer = await call(method, client, body);
        const challenge = answer.headers.get("www-authenticate");
        assert.deepEqual([answer.status, challenge], [401, 'Bearer realm="registration", error="invalid_token"']);
        assert.equal((await answer.json()).error, "invalid_token");
      }
    }
    for (const client of registrations) {
      for (const credential of [client.client_secret, client.registration_access_token].filter(Boolean)) {
        assert.ok(!server.output.includes(credential), "a credential is in the log");
        assert.ok(!server.stored().some((text) => text.includes(credential)), "a credential is on disk");
      }
    }
  } finally {
    await server.stop();
  }
});

test("a write that comes too soon after another waits for its turn", { timeout: 60_000 }, async () => {
  const server = await startServer({ assets: false, entry: "tests/e2e/support/limited-kv.mjs" });
  try {
    const client = await ok(register(server, { redirect_uris: uris }), 201);
    const started = Date.now();
    const updated = await ok(call("PUT", client, { redirect_uris: uris, client_name: "soon" }));
    assert.equal(updated.client_name, "soon");
    assert.ok(Date.now() - started > 500, "it was not refused");

    // More writers than a second has room for: each is done whole, or answered 503 and not done.
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const answers = await Promise.all(
      names.map((client_name) => call("PUT", client, { redirect_uris: uris, client_name })),
    );
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    const statuses = answers.map((answer) => answer.status);
    assert.ok(statuses.includes(200) && statuses.includes(503), statuses.join());
    answers.forEach((answer, at) => {
      if (answer.status === 200) return assert.equal(bodies[at].client_name, names[at]);
      assert.deepEqual([answer.status, bodies[at].error], [503, "temporarily_unavailable"]);
      assert.equal(answer.headers.get("retry-after"), "2");
    });
    const acknowledged = names.filter((_, at) => statuses[at] === 200);
    assert.ok(acknowledged.includes((await ok(call("GET", client))).client_name));
    assert.equal((await call("DELETE", client)).status, 204);
    assert.equal((await call("GET", client)).status, 401);
  } finally {
    await server.stop();
  }
});

test("an end by the operator in the middle of updates is final", { timeout: 60_000 }, async () => {
  const server = await startServer({ assets: false, vars: { ADMIN_TOKEN } });
  const operator = (client, method, path = "") =>
    fetch(`${server.url}/admin/clients/${client.client_id}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
  try {
    for (const [method, path, refusal] of [["POST", "/disable", 403], ["DELETE", "", 401]]) {
      const client = await ok(register(server, { redirect_uris: uris }), 201);
      let ended = false;
      let updates = 0;
      const late = [];
      const updating = Array.from({ length: 8 }, async (_, n) => {
        for (let round = 0; !ended; round += 1) {
          const { status } = await call("PUT", client, { redirect_uris: uris, client_name: `${n}.${round}` });
          assert.ok([200, 503, refusal].includes(status), `${status}`);
          updates += 1;
        }
        late.push((await call("PUT", client, { redirect_uris: uris })).status);
      });
      for (const deadline = Date.now() + 10_000; updates < 16 && Date.now() < deadline;) await sleep(5);
      assert.equal((await operator(client, method, path)).status, 204);
      ended = true;
      await Promise.all(updating);
      assert.deepEqual(late, Array(8).fill(refusal));
      const { status } = await operator(client, "GET");
      assert.equal(status, refusal === 401 ? 404 : 200);
    }
  } finally {
    await server.stop();
  }
});

test("without the Durable Object binding nothing that exists is changed, and the log names the binding", { timeout: 60_000 }, async () => {
  const server = await startServer({ assets: false, vars: { ADMIN_TOKEN }, entry: "tests/e2e/support/without-book.mjs" });
  try {
    const client = await ok(register(server, { redirect_uris: uris }), 201);
    const operate = (method, below) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      return fetch(`${server.url}/admin/clients/${client.client_id}${below}`, { method, headers });
    };
    for (const change of [
      () => call("PUT", client, { redirect_uris: uris, client_name: "two" }),
      () => call("DELETE", client),
      () => operate("POST", "/disable"),
      () => operate("DELETE", ""),
    ]) {
      const answer = await change();
      assert.deepEqual([answer.status, (await answer.json()).error], [503, "temporarily_unavailable"]);
      assert.ok(answer.headers.get("retry-after"));
    }
    const line = await server.logLine(({ status }) => status === 503);
    assert.match(JSON.stringify(line), /INITIAL_ACCESS_TOKENS is missing in wrangler\.toml/);
    const { client_secret, ...visible } = client;
    assert.deepEqual(await ok(call("GET", client)), visible);
  } finally {
    await server.stop();
  }
});
