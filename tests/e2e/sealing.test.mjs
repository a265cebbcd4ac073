// Sealed client secrets on workerd, with the runtime's own Web Crypto: what is on disk, who may read it, and other keys.

import assert from "node:assert/strict";
import { createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { root } from "../../scripts/lib/repository.mjs";
import { startServer } from "./support/server.mjs";
import { configure } from "./support/worker-as.mjs";

const AS_TOKEN = "an authorization server's secret of 32 bytes at least";
const AS_SECRETS_TOKEN = "a secret with which it may ask for client secrets";
const ADMIN_TOKEN = "an operator's secret of 32 bytes at least";
const METADATA = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_jwt", "none"],
  token_endpoint_auth_signing_alg_values_supported: ["HS256"],
};
const [first, second] = [randomBytes(32), randomBytes(32)];
const ring = (...keys) => keys.map(([number, key]) => `${number}:${key.toString("base64url")}`).join(",");
const vars = (url, SEALING_KEY) => ({ ISSUER: url, METADATA, AS_TOKEN, AS_SECRETS_TOKEN, ADMIN_TOKEN, SEALING_KEY });

let server;
before(async () => (server = await startServer({ vars: (url) => vars(url, ring([1, first])) })));
after(() => server?.stop());

async function ask(path, { token, url = server.url, ...init } = {}) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(init.body && { "content-type": "application/json" }) };
  const answer = await fetch(new URL(path, url), { ...init, headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text && JSON.parse(text) };
}

async function register(members = {}, url = server.url) {
  const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"], ...members });
  const { status, json } = await ask("/reg", { method: "POST", body, url });
  assert.equal(status, 201, JSON.stringify(json));
  return json;
}

const lookUp = ({ client_id }, token = AS_SECRETS_TOKEN) => ask(`/as/clients/${client_id}?include=client_secret`, { token });

/** The records on disk. */
const records = (text) => [...text.matchAll(/\{"v":\d,"client_id":.*?"secrets":(\[.*?\]),"tokens"/gs)].map(([, secrets]) => secrets);

/** The same server with other keys. */
async function withKeys(SEALING_KEY) {
  Object.assign(server.runtime.workers[0].vars, { SEALING_KEY });
  await server.restart();
}

test("a secret is on disk only as AES-256-GCM, which another implementation opens", async () => {
  const client = await register({ token_endpoint_auth_method: "client_secret_jwt", token_endpoint_auth_signing_alg: "HS256" });
  const stored = server.stored().flatMap(records).find((text) => text.includes('"sealed":"1.'));
  const bytes = Buffer.from(JSON.parse(stored)[0].sealed.split(".")[1], "base64url");
  // The parts of a derivation have their lengths before them.
  const purpose = Buffer.from("rollcall client secret 1");
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(purpose.length));
  const key = createHmac("sha256", first).update(length).update(purpose).digest();
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAAD(Buffer.concat([purpose, Buffer.from([0]), Buffer.from(client.client_id)])).setAuthTag(bytes.subarray(-16));
  const opened = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  assert.equal(opened.toString(), client.client_secret);
});

test("a client reads its secret back, and an authorization server needs the permission for it", async () => {
  const client = await register();
  const uri = client.registration_client_uri;
  const read = await ask(uri, { token: client.registration_access_token });
  assert.deepEqual([read.status, read.json.client_secret], [200, client.client_secret]);
  assert.equal((await lookUp(client, AS_TOKEN)).status, 403);
  const found = await lookUp(client);
  assert.deepEqual(found.json.client_secrets, [{ client_secret: client.client_secret, client_secret_expires_at: 0 }]);
  assert.deepEqual([found.headers.get("cache-control"), found.headers.get("etag")], ["no-store", null]);
  const line = await server.logLine(({ event, client_id }) => event === "client.secret_read" && client_id === client.client_id);
  assert.equal(line.action, "look_up");
});

test("an old key opens, the next write seals with the new one, and digests survive a lost key", { timeout: 60_000 }, async () => {
  const client = await register();
  const { client_id, client_secret } = client;
  const secrets = async () => (await lookUp(client)).json.client_secrets.map((one) => one.client_secret);
  const authenticate = () => {
    const body = JSON.stringify({ client_id, client_secret });
    return ask("/as/clients/authenticate", { method: "POST", token: AS_TOKEN, body });
  };
  await withKeys(ring([2, second], [1, first]));
  assert.deepEqual(await secrets(), [client_secret]);
  const body = JSON.stringify({ client_id, redirect_uris: client.redirect_uris });
  const updated = await ask(client.registration_client_uri, { method: "PUT", token: client.registration_access_token, body });
  assert.deepEqual([updated.status, updated.json.client_secret], [200, client_secret]);
  await withKeys(ring([2, second]));
  assert.deepEqual(await secrets(), [client_secret]);
  await withKeys(ring([3, randomBytes(32)]));
  assert.deepEqual([await secrets(), (await authenticate()).status], [[], 200]);
  await withKeys("1:too-short");
  assert.equal((await ask("/reg", { method: "POST", body })).status, 500);
  await server.logLine(({ detail }) => /SEALING_KEY must be one to four keys/.test(detail ?? ""));
  await withKeys(ring([2, second]));
  assert.deepEqual(await secrets(), [client_secret]);
});

/** The two Workers of the example, of which the first one only passes requests on, through a binding with these properties. */
function passingOn(props, url, folder) {
  const [example, passing] = ["examples/worker-as/worker.mjs", "tests/e2e/support/passing-on.mjs"].map((name) => JSON.stringify(join(root, name)));
  const key = `SEALING_KEY = "${ring([1, Buffer.alloc(32, 1)])}"`;
  return configure(url, folder, (text) =>
    text.replace("authorization_server = true", props).replace(example, passing).replace("[vars]\n", `[vars]\n${key}\n`),
  );
}

test("a service binding reads secrets only with the property for it", { timeout: 120_000 }, async () => {
  for (const [props, status] of [
    ["authorization_server = true", 403],
    ["authorization_server = true, secrets = true", 200],
    ["secrets = true", 404],
  ]) {
    const behind = await startServer({ configure: (url, folder) => passingOn(props, url, folder) });
    try {
      const client = await register({}, behind.url);
      const found = await ask(`/as/clients/${client.client_id}?include=client_secret`, { url: behind.url });
      assert.equal(found.status, status, props);
      const shown = found.json.client_secrets?.map((one) => one.client_secret);
      assert.deepEqual(shown, status === 200 ? [client.client_secret] : undefined);
    } finally {
      await behind.stop();
    }
  }
});
