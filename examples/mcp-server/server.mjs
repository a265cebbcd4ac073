// An MCP server on the official SDK. It accepts tokens of the authorization server that were issued for this MCP server. It
// does not depend on Rollcall: its metadata name the issuer, and the issuer's document names Rollcall's endpoint.

import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from "@modelcontextprotocol/sdk/server/auth/router.js";
import { InvalidTokenError, ServerError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

/** The application of an MCP server at `resource`, a URL, whose tokens `issuer` issues. */
export async function createApp({ issuer, resource }) {
  const resourceServerUrl = new URL(resource);
  const answer = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  const oauthMetadata = await answer.json();
  const app = createMcpExpressApp();
  // RFC 9728: which resource this is, and whose tokens it takes.
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl, scopesSupported: ["read"], resourceName: "An example" }));
  const authenticated = requireBearerAuth({
    verifier: { verifyAccessToken: (token) => verify(issuer, token) },
    requiredScopes: ["read"],
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resourceServerUrl),
    // A token for another server is worth nothing here (RFC 8707).
    expectedResource: resourceServerUrl,
  });
  app.post(resourceServerUrl.pathname, authenticated, async (request, response) => {
    const server = createServer();
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on("close", () => (transport.close(), server.close()));
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  return app;
}

function createServer() {
  const server = new McpServer({ name: "example", version: "0.0.0" });
  const about = { description: "Says who is signed in, and by which client." };
  server.registerTool("whoami", about, ({ authInfo }) => ({
    content: [{ type: "text", text: `${authInfo.extra.sub}, by the client ${authInfo.clientId}` }],
  }));
  return server;
}

/** What a token stands for, as the authorization server says. */
async function verify(issuer, token) {
  const answer = await fetch(`${issuer}/me`, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 401) throw new InvalidTokenError("The token is unknown or has expired");
  if (!answer.ok) throw new ServerError(`The authorization server answers ${answer.status}`);
  const { client_id: clientId, scope, exp: expiresAt, resource, sub } = await answer.json();
  return { token, clientId, scopes: scope.split(" "), expiresAt, resource: resource && new URL(resource), extra: { sub } };
}
