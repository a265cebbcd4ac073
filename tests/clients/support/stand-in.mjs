// The parties that a client meets besides the registrar: an authorization server's key set, and MCP
// servers that name their issuers in their protected resource metadata (RFC 9728).

import { createServer } from "node:http";

/** Listens on a free port of 127.0.0.1. `protect` starts an MCP server for an issuer, and returns its URL. */
export async function startStandIn() {
  const protectedBy = [];
  const server = createServer((request, response) => {
    const answer = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    const [, metadata, at] = request.url.match(/^(\/\.well-known\/oauth-protected-resource)?\/mcp\/(\d+)$/) ?? [];
    if (request.url === "/jwks") {
      answer(200, { keys: [] });
    } else if (metadata) {
      answer(200, { resource: `${url}/mcp/${at}`, authorization_servers: [protectedBy[at]] });
    } else if (at) {
      const where = `${url}/.well-known/oauth-protected-resource/mcp/${at}`;
      answer(401, { error: "invalid_token" }, { "www-authenticate": `Bearer resource_metadata="${where}"` });
    } else {
      answer(404, { error: "not_found" });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    protect: (issuer) => `${url}/mcp/${protectedBy.push(issuer) - 1}`,
    stop: () => (server.closeAllConnections(), server.close()),
  };
}
