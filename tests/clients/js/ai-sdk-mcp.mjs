// The AI SDK's MCP client: its auth() goes from the MCP server to where the user would be sent.

import assert from "node:assert/strict";

import { auth } from "@ai-sdk/mcp";

import { holds, issuer, kinds, mcp, stepsOf } from "../support/steps.mjs";

const step = stepsOf("@ai-sdk/mcp");

/** The URL that the user would be sent to with a client of this kind, and that client. */
async function authorize(kind) {
  const found = {};
  const provider = {
    redirectUrl: kinds[kind].redirect_uris[0],
    clientMetadata: kinds[kind],
    clientInformation: () => found.client,
    saveClientInformation: (client) => (found.client = client),
    tokens: () => undefined,
    saveTokens: () => assert.fail("there is no token to save"),
    codeVerifier: () => found.verifier,
    saveCodeVerifier: (verifier) => (found.verifier = verifier),
    saveAuthorizationServerInformation: (server) => (found.server = server),
    redirectToAuthorization: (url) => (found.url = url),
  };
  assert.equal(await auth(provider, { serverUrl: mcp, scope: kinds[kind].scope }), "REDIRECT");
  return found;
}

await step("discover", async () => {
  const { server, url } = await authorize("loopback");
  assert.equal(server.issuer, issuer);
  assert.equal(`${url.origin}${url.pathname}`, `${new URL(mcp).origin}/authorize`);
});

for (const kind of Object.keys(kinds)) {
  await step(`register ${kind}`, async () => {
    const { client, url } = await authorize(kind);
    holds(kind, client);
    assert.equal(url.searchParams.get("client_id"), client.client_id);
  });
}
