// node's oidc-provider with registration and its management, its records in memory.

import { generateKeyPairSync, randomBytes } from "node:crypto";

import Provider from "oidc-provider";

import { listen } from "./listen.mjs";

const { url, serve } = await listen();
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const provider = new Provider(url, {
  features: {
    registration: { enabled: true },
    registrationManagement: { enabled: true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
  },
  interactions: { url: () => "/interaction" },
  // Pages of every origin may use the endpoints for clients.
  clientBasedCORS: () => true,
  scopes: ["openid", "profile", "email", "offline_access"],
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "1" }] },
});
serve(provider.callback());
