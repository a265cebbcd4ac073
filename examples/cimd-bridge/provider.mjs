// The authorization server: oidc-provider with its own support for metadata documents, and nothing of Rollcall. Clients that
// register at Rollcall are known to it by the documents that Rollcall hosts.

import { generateKeyPairSync, randomBytes } from "node:crypto";

import Provider from "oidc-provider";

/** `issuer` is the issuer of both servers. Documents are fetched again after `cacheSeconds` at the earliest. */
export function createProvider({ issuer, cacheSeconds = 30 }) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    features: {
      clientIdMetadataDocument: { enabled: true, ack: "draft-02", cacheDuration: { min: cacheSeconds, max: 86_400 } },
      devInteractions: { enabled: true },
    },
    // Documents are on this machine here. Leave this out elsewhere: by default oidc-provider connects to public addresses only.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    responseTypes: ["code"],
    clientBasedCORS: (_ctx, origin, { redirectUris }) => redirectUris.some((uri) => URL.parse(uri)?.origin === origin),
    // A user who signs in as NAME is the account NAME.
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "1" }] },
  });
  provider.on("server_error", (_ctx, error) => console.error(error));
  return provider;
}
