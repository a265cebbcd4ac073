// Shared clients on workerd: KV, the counts in the Durable Object, requests that overlap, and the command line.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { ADMIN_TOKEN, AS_TOKEN, ask, lookUp, output } from "./support/operator.mjs";
import { startServer } from "./support/server.mjs";

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const REGISTRATION = { shared_public_clients: true };
const SHARED_ID_KEY = randomBytes(32).toString("base64url");
const ID_KEY = `1:${randomBytes(32).toString("base64url")}`;

let server;
before(async () => {
  const vars = (url) => ({ ISSUER: url, METADATA, REGISTRATION, SHARED_ID_KEY, ID_KEY, ID_KEY_REQUIRED: true, ADMIN_TOKEN, AS_TOKEN });
  server = await startServer({ vars, entry: "tests/e2e/support/counting-kv.mjs" });
});
after(() => server?.stop());

const metadata = (client_name) => ({ client_name, redirect_uris: ["https://app.example/cb"], token_endpoint_auth_method: "none" });
const register = (client_name) => ask(server, "POST", "/reg", { body: JSON.stringify(metadata(client_name)) });
const operator = (method, path, body) =>
  ask(server, method, `/admin/clients${path}`, { bearer: ADMIN_TOKEN, body: body && JSON.stringify(body) });

/** The number of records of this client on the disk. */
const records = (id) => server.stored().filter((text) => text.startsWith('{"v":') && text.includes(`"client_id":"${id}"`)).length;

/** The count that the list shows, once it is at least `least`: counts are sent after a response. */
async function requests(id, least) {
  let shown;
  for (const deadline = Date.now() + 5_000; Date.now() < deadline && !(shown >= least);) {
    const { body } = await operator("GET", "");
    shown = body.clients.find(({ client_id }) => client_id === id).requests;
  }
  return shown;
}

test("fifty parallel registrations make one client, which the operator sees with its requests and can end", { timeout: 60_000 }, async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => register("Connector")));
  answers.push(await register("Connector"));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
  assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1);
  const { client_id: id, ...client } = answers[0].body;
  assert.match(id, /^s[\w-]{29}$/);
  assert.deepEqual([client.registration_access_token, client.registration_client_uri, client.client_secret], [undefined, undefined, undefined]);
  assert.equal(records(id), 1);
  assert.deepEqual(await (await fetch(`${server.url}/__test/clients`)).json(), { clients: 1 });
  const known = await lookUp(server, { client_id: id });
  assert.deepEqual([known.status, known.body.shared, known.body.metadata.client_name], [200, true, "Connector"]);
  for (const method of ["GET", "PUT", "DELETE"]) {
    const body = method === "PUT" ? JSON.stringify({ ...metadata("Mine"), client_id: id }) : undefined;
    assert.equal((await ask(server, method, `/reg/${id}`, { bearer: "A".repeat(43), body })).status, 401, method);
  }
  const line = await server.logLine(({ event }) => event === "client.repeated");
  assert.deepEqual([line.action, line.client_id, line.outcome], ["register", id, "ok"]);

  // The isolate has sent its first count; those of the following minute are sent with the next response.
  await server.later(61_000);
  assert.equal((await register("Other")).status, 201);
  const shown = await requests(id, 51);
  assert.equal(shown, 51);
  assert.match(await output(server, ["list", "--name", "Connector"]), /active, shared: about 51 requests\n$/);

  assert.equal((await operator("POST", `/${id}/disable`)).status, 204);
  assert.equal((await register("Connector")).status, 403);
  assert.equal((await operator("POST", `/${id}/enable`)).status, 204);
  assert.equal((await register("Connector")).body.client_id, id);
  assert.equal((await operator("DELETE", `/${id}`)).status, 204);
  const { status, body } = await register("Connector");
  assert.deepEqual([status, body.error], [403, "access_denied"]);
  await server.restart();
  assert.equal((await register("Connector")).status, 403);
  assert.equal((await lookUp(server, { client_id: id })).status, 404);
});
