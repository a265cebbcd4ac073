// npm run client: an MCP client on the official SDK that knows nothing but the URL of the MCP server. It finds the
// authorization server, registers, signs a user in and calls a tool.

import { once } from "node:events";
import { createServer } from "node:http";

import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const { PORT = "8787" } = process.env;
const mcp = new URL(process.argv[2] ?? `http://localhost:${Number(PORT) + 1}/mcp`);

const listener = createServer().listen(0, "127.0.0.1");
await once(listener, "listening");

/** What the SDK asks for and what it is to remember: here, in memory. */
const kept = {};
const authProvider = {
  redirectUrl: `http://127.0.0.1:${listener.address().port}/callback`,
  get clientMetadata() {
    return {
      client_name: "An MCP client on this machine",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "none",
    };
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => {
    kept.client = client;
    console.log(`Registered as ${client.client_id}`);
  },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => (kept.tokens = tokens),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => (kept.verifier = verifier),
  redirectToAuthorization: (url) => console.log(`Open this, and be anyone:\n\n  ${url.href}\n`),
};

const client = new Client({ name: "example", version: "0.0.0" });
const transport = new StreamableHTTPClientTransport(mcp, { authProvider });
try {
  await client.connect(transport);
} catch (error) {
  if (!(error instanceof UnauthorizedError)) throw error;
}
const [request, response] = await once(listener, "request");
response.end("Signed in. This page can be closed.");
listener.close();
const { code, error } = Object.fromEntries(new URL(request.url, authProvider.redirectUrl).searchParams);
if (error) throw new Error(error);
await transport.finishAuth(code);

await client.connect(new StreamableHTTPClientTransport(mcp, { authProvider }));
const { content } = await client.callTool({ name: "whoami" });
console.log(`The tool says: ${content[0].text}`);
await client.close();
