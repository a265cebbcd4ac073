// better-auth with its oauth-provider plugin, as its pages describe it, its records in memory.

import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";
import { oauthProvider, oauthProviderAuthServerMetadata, oauthProviderOpenIdConfigMetadata } from "@better-auth/oauth-provider";

import { listen, respond } from "./listen.mjs";

const { url, serve } = await listen();
const names = ["user", "session", "account", "verification", "jwks", "oauthClient", "oauthResource", "oauthClientResource", "oauthRefreshToken", "oauthAccessToken", "oauthConsent", "oauthClientAssertion"];
const auth = betterAuth({
  baseURL: url,
  secret: "a secret for tests that nobody else has, 32 bytes",
  database: memoryAdapter(Object.fromEntries(names.map((name) => [name, []]))),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  plugins: [
    jwt(),
    oauthProvider({
      loginPage: "/login",
      consentPage: "/consent",
      allowDynamicClientRegistration: true,
      allowUnauthenticatedClientRegistration: true,
      silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
    }),
  ],
});

// The application mounts the documents itself, under the issuer that the plugin names.
const openid = oauthProviderOpenIdConfigMetadata(auth);
const documents = {
  "/.well-known/oauth-authorization-server/api/auth": oauthProviderAuthServerMetadata(auth),
  "/.well-known/openid-configuration/api/auth": openid,
  "/api/auth/.well-known/openid-configuration": openid,
};
const handler = toNodeHandler(auth);
serve(async (request, response) => {
  const document = documents[new URL(request.url, url).pathname];
  if (document && request.method === "GET") return respond(response, await document(new Request(new URL(request.url, url))));
  return handler(request, response);
}, `${url}/api/auth`);
