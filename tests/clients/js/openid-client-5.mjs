// https://github.com/panva/openid-client, version 5: Issuer.discover, Client.register, Client.fromUri.

import assert from "node:assert/strict";

import { Issuer } from "openid-client-5";

import { holds, issuer, kinds, stepsOf } from "../support/steps.mjs";

const step = stepsOf("openid-client-5");

const server = await step("discover", async () => {
  const found = await Issuer.discover(issuer);
  assert.equal(found.metadata.issuer, issuer);
  assert.equal(found.registration_endpoint, `${issuer}/reg`);
  return found;
});

const clients = {};
for (const kind of Object.keys(kinds)) {
  await step(`register ${kind}`, async () => {
    const client = await server.Client.register(kinds[kind]);
    holds(kind, client.metadata);
    clients[kind] = client;
  });
}

await step("read", async () => {
  const { metadata } = clients.secret_basic;
  const read = await server.Client.fromUri(metadata.registration_client_uri, metadata.registration_access_token);
  const { client_secret, ...visible } = metadata;
  assert.deepEqual(read.metadata, visible);
});
