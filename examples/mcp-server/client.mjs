// npm run client: an MCP client on the official SDK. It has only the URL of the MCP server. It finds the authorization
// server, registers, signs a user in and calls a tool. With the URL of its metadata document as second argument, it uses that
// URL as its identifier, and does not register.

import { once } from "node:events";
import { createServer } from "node:http";

import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const { PORT = "8787" } = process.env;
const mcp = new URL(process.argv[2] ?? `http://localhost:${Number(PORT) + 1}/mcp`);

const clientMetadataUrl = process.argv[3];

const listener = createServer().listen(0, "127.0.0.1");
await once(listener, "listening");

/** Gives the SDK what it needs, and keeps in memory what it saves. */
const kept = {};
const authProvider = {
  clientMetadataUrl,
  redirectUrl: `http://127.0.0.1:${listener.address().port}/callback`,
  get clientMetadata() {
    return {
      client_name: "An MCP client on this machine",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "none",
      application_type: "native", // required of MCP clients since 2026-07-28
    };
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => {
    kept.client = client;
    console.log(`${client.client_id === clientMetadataUrl ? "Identified by" : "Registered as"} ${client.client_id}`);
  },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => (kept.tokens = tokens),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => (kept.verifier = verifier),
  redirectToAuthorization: (url) => console.log(`Open this link, and enter any name:\n\n  ${url.href}\n`),
};

const client = new Client({ name: "example", version: "0.0.0" });
const transport = new StreamableHTTPClientTransport(mcp, { authProvider });
try {
  await client.connect(transport);
} catch (error) {
  if (!(error instanceof UnauthorizedError)) throw error;
}
const [request, response] = await once(listener, "request");
response.end("Done. This page can be closed.");
listener.close();
const { code, error } = Object.fromEntries(new URL(request.url, authProvider.redirectUrl).searchParams);
if (error) {
  console.error(`Not signed in: ${error}`);
  process.exit(1);
}
await transport.finishAuth(code);

await client.connect(new StreamableHTTPClientTransport(mcp, { authProvider }));
const { content } = await client.callTool({ name: "whoami" });
console.log(`The tool says: ${content[0].text}`);
await client.close();
