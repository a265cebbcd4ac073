// https://github.com/panva/openid-client, version 6: one Configuration for a server and a client.

import assert from "node:assert/strict";

import * as openid from "openid-client";

import { holds, issuer, kinds, stepsOf, update } from "../support/steps.mjs";

const step = stepsOf("openid-client");
const url = new URL(issuer);
const execute = [openid.allowInsecureRequests];

await step("discover", async () => {
  for (const algorithm of ["oauth2", "oidc"]) {
    const found = await openid.discovery(url, "unused", undefined, undefined, { algorithm, execute });
    assert.equal(found.serverMetadata().issuer, issuer);
    assert.equal(found.serverMetadata().registration_endpoint, `${issuer}/reg`);
  }
});

const configurations = {};
for (const kind of Object.keys(kinds)) {
  await step(`register ${kind}`, async () => {
    // With keys, how the client authenticates is given; otherwise it follows from the answer.
    const authentication = kind === "keys" ? openid.None() : undefined;
    const configuration = await openid.dynamicClientRegistration(url, kinds[kind], authentication, { execute });
    holds(kind, configuration.clientMetadata());
    configurations[kind] = configuration;
  });
}

const configuration = configurations.secret_basic;
const client = configuration.clientMetadata();
const manage = (method, body) => {
  const headers = new Headers(body && { "content-type": "application/json" });
  const where = new URL(client.registration_client_uri);
  const text = body && JSON.stringify(body);
  return openid.fetchProtectedResource(configuration, client.registration_access_token, where, method, text, headers);
};

await step("read", async () => {
  const read = await (await manage("GET")).json();
  assert.equal(read.client_id, client.client_id);
  assert.equal(read.client_secret, undefined);
  assert.deepEqual(read.redirect_uris, client.redirect_uris);
});
await step("update", async () => {
  const updated = await (await manage("PUT", update(client))).json();
  assert.equal(updated.client_name, "A renamed server");
  assert.deepEqual(await (await manage("GET")).json(), updated);
});
await step("delete", async () => {
  assert.equal((await manage("DELETE")).status, 204);
  await assert.rejects(manage("GET"), openid.WWWAuthenticateChallengeError);
});
