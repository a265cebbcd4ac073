// https://github.com/panva/oauth4webapi: functions for each request and for each answer.

import assert from "node:assert/strict";

import * as oauth from "oauth4webapi";

import { holds, issuer, kinds, stepsOf, update } from "../support/steps.mjs";

const step = stepsOf("oauth4webapi");
const insecure = { [oauth.allowInsecureRequests]: true };

const server = await step("discover", async () => {
  let found;
  for (const algorithm of ["oauth2", "oidc"]) {
    const response = await oauth.discoveryRequest(new URL(issuer), { algorithm, ...insecure });
    found = await oauth.processDiscoveryResponse(new URL(issuer), response);
    assert.equal(found.registration_endpoint, `${issuer}/reg`);
  }
  return found;
});

const clients = {};
for (const kind of Object.keys(kinds)) {
  await step(`register ${kind}`, async () => {
    const response = await oauth.dynamicClientRegistrationRequest(server, kinds[kind], insecure);
    clients[kind] = holds(kind, await oauth.processDynamicClientRegistrationResponse(response));
  });
}

const client = clients.secret_basic;
const manage = (method, body) => {
  const headers = new Headers(body && { "content-type": "application/json" });
  const url = new URL(client.registration_client_uri);
  const text = body && JSON.stringify(body);
  return oauth.protectedResourceRequest(client.registration_access_token, method, url, headers, text, insecure);
};

await step("read", async () => {
  const { client_secret, ...visible } = client;
  assert.deepEqual(await (await manage("GET")).json(), visible);
});
await step("update", async () => {
  const updated = await (await manage("PUT", update(client))).json();
  assert.equal(updated.client_name, "A renamed server");
  assert.deepEqual(await (await manage("GET")).json(), updated);
});
await step("delete", async () => {
  assert.equal((await manage("DELETE")).status, 204);
  await assert.rejects(manage("GET"), oauth.WWWAuthenticateChallengeError);
});
