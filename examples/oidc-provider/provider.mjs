// The authorization server: oidc-provider with its defaults, except for its clients.

import { generateKeyPairSync, randomBytes } from "node:crypto";

import Provider from "oidc-provider";
import { createMemoryAdapter } from "oidc-provider/lib/adapters/memory_adapter.js";

import { Rollcall } from "./rollcall.mjs";

// What is for a client as the user saw it.
const BOUND = ["Interaction", "AuthorizationCode"];
const LONG = { Interaction: 3600, Session: 1209600, Grant: 1209600, RefreshToken: 1209600 };

const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** `issuer` is the issuer of both servers; `token` is Rollcall's AS_TOKEN, or with `readsSecrets` its AS_SECRETS_TOKEN. */
export function createProvider({ issuer, token, readsSecrets, maxAge }) {
  const rollcall = new Rollcall({ issuer, token, readsSecrets, maxAge });
  const memory = createMemoryAdapter();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    adapter: (model) => {
      if (model === "Client") return rollcall;
      return BOUND.includes(model) ? rollcall.bound(memory(model)) : memory(model);
    },
    // Only Rollcall with a SEALING_KEY has the plain secrets that client_secret_jwt needs.
    clientAuthMethods: [
      ...["client_secret_basic", "client_secret_post", "none", "private_key_jwt"],
      ...(readsSecrets ? ["client_secret_jwt"] : []),
    ],
    responseTypes: ["code"],
    pkce: { required: () => true },
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: true } },
    clientBasedCORS: (_ctx, origin, { redirectUris }) => redirectUris.some((uri) => URL.parse(uri)?.origin === origin),
    // A user who signs in as NAME is the account NAME.
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    ttl: { AuthorizationCode: 60, AccessToken: 3600, ClientCredentials: 600, IdToken: 3600, ...LONG },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "1" }] },
  });
  rollcall.check(provider);
  // The pages of devInteractions do not name the client.
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.method !== "GET" || ctx.status !== 200 || !ctx.path.startsWith("/interaction/")) return;
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const { metadata, document_host } = (await rollcall.lookUp(params.client_id)) ?? {};
    const from = document_host ? `, an application of ${document_host}` : "";
    const name = `${metadata?.client_name ?? params.client_id}${from}`;
    ctx.body = ctx.body.replace("</h1>", () => `</h1><p>${escape(name)}</p>`);
  });
  provider.on("server_error", (_ctx, error) => console.error(error.error_detail ?? error));
  return provider;
}
