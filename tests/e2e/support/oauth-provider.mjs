// An authorization server on `@cloudflare/workers-oauth-provider`, as its README has it, with its support for metadata documents. It
// announces another server's registration endpoint. Every user is alice, who has agreed to everything.

import { env, WorkerEntrypoint } from "cloudflare:workers";

import { AuthorizationError, CimdFetchError, OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";

const { ISSUER, REGISTRATION_ENDPOINT } = env;
const server = new OAuthAuthorizationServer({
  issuer: ISSUER,
  resources: ["https://mcp.example.com/mcp"],
  scopesSupported: ["read", "offline_access"],
  clientRegistrationEndpoint: REGISTRATION_ENDPOINT,
  clientIdMetadataDocumentEnabled: true,
});

export default class extends WorkerEntrypoint {
  fetch(request) {
    if (new URL(request.url).pathname === "/authorize") return authorize(request, server.getOAuthApi(this.env));
    return server.fetch(request, this.env, this.ctx);
  }
}

async function authorize(request, oauth) {
  try {
    const asked = await oauth.parseAuthRequest(request);
    const { redirectTo } = await oauth.completeAuthorization({ request: asked, userId: "alice", metadata: {}, scope: asked.scope, props: {} });
    return new Response(null, { status: 302, headers: { location: redirectTo } });
  } catch (error) {
    if (error instanceof AuthorizationError || error instanceof CimdFetchError) return new Response(error.message, { status: 400 });
    throw error;
  }
}
