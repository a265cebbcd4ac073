// The TypeScript SDK of the Model Context Protocol, generation 2: from the MCP server to its issuer.

import assert from "node:assert/strict";

import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  registerClient,
} from "@modelcontextprotocol/client";

import { holds, issuer, kinds, mcp, stepsOf } from "../support/steps.mjs";

const step = stepsOf("@modelcontextprotocol/client");

const metadata = await step("discover", async () => {
  const resource = await discoverOAuthProtectedResourceMetadata(mcp);
  assert.deepEqual(resource.authorization_servers, [issuer]);
  const found = await discoverAuthorizationServerMetadata(resource.authorization_servers[0]);
  assert.equal(found.issuer, issuer);
  assert.equal(found.registration_endpoint, `${issuer}/reg`);
  return found;
});

for (const [kind, clientMetadata] of Object.entries(kinds)) {
  await step(`register ${kind}`, async () => {
    const client = await registerClient(issuer, { metadata, clientMetadata });
    holds(kind, client);
  });
}
