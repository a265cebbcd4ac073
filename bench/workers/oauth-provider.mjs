// @cloudflare/workers-oauth-provider as its README has it, with its registration endpoint on.

import { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";

export default new OAuthAuthorizationServer({
  issuer: "https://auth.example.com",
  resources: ["https://mcp.example.com/mcp"],
  scopesSupported: ["openid", "profile", "email", "offline_access"],
  clientRegistrationEndpoint: "https://auth.example.com/reg",
});
