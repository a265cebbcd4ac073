// The libraries, how each is run, and what each cannot do or does in its own way, by step.

import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));
const kinds = ["secret_basic", "secret_post", "keys", "browser", "loopback", "private_use"];
const registrations = kinds.map((kind) => `register ${kind}`);
const management = ["read", "update", "delete"];

/** The steps of a client, in the order of the columns. */
export const steps = ["discover", ...registrations, ...management];

const only = (...able) => registrations.filter((step) => !able.some((kind) => step === `register ${kind}`));
const each = (some, text) => Object.fromEntries(some.map((step) => [step, text]));
const unmanaged = each(management, "It does not support RFC 7592.");
const reads = each(["update", "delete"], "It can only read, as in OpenID Connect Dynamic Client Registration.");
const bearer = (name) => each(management, `Through \`${name}\`, for any request with a bearer token.`);

const js = (file) => () => [process.execPath, `${folder}support/run.mjs`, file];
const python = (file) => (tools) => [tools.python, "-B", `${folder}python/run.py`, file];
const rust = (program) => (tools) => [`${tools.rust}/${program}`];

/** `oneIssuer` marks a program that takes one issuer; the others take all of them, and name the issuer of each step. */
export const libraries = [
  {
    name: "oauth4webapi",
    language: "JavaScript",
    command: js("oauth4webapi"),
    notes: bearer("protectedResourceRequest"),
  },
  {
    name: "openid-client",
    language: "JavaScript",
    command: js("openid-client"),
    notes: bearer("fetchProtectedResource"),
  },
  { name: "openid-client 5", language: "JavaScript", command: js("openid-client-5"), cannot: reads },
  { name: "@modelcontextprotocol/sdk", language: "JavaScript", command: js("mcp-sdk-1"), cannot: unmanaged },
  { name: "@modelcontextprotocol/client", language: "JavaScript", command: js("mcp-sdk-2"), cannot: unmanaged },
  { name: "@ai-sdk/mcp", language: "JavaScript", command: js("ai-sdk-mcp"), cannot: unmanaged },
  {
    name: "mcp-remote",
    language: "JavaScript",
    command: js("mcp-remote"),
    cannot: { ...each(only("loopback"), "It is always a public client on a loopback address."), ...unmanaged },
  },
  {
    name: "mcp",
    language: "Python",
    command: python("mcp"),
    cannot: { "register keys": "It rejects a response with `private_key_jwt`.", ...unmanaged },
  },
  {
    name: "fastmcp",
    language: "Python",
    command: python("fastmcp"),
    cannot: {
      ...each(only("loopback", "secret_basic", "secret_post"), "It always uses a loopback redirect URI."),
      ...unmanaged,
    },
  },
  {
    name: "Authlib",
    language: "Python",
    command: python("authlib"),
    cannot: { "register private_use": "Its model rejects redirect URIs without a host, which RFC 8252 §7.1 allows." },
    notes: {
      ...each(registrations, "It has a model for the response. For the request it has only an HTTP session."),
      ...bearer("OAuth2Session"),
    },
  },
  {
    name: "oic",
    language: "Python",
    command: python("oic"),
    cannot: reads,
    notes: each(registrations, "It sends no scope, and is registered without one."),
  },
  {
    name: "idpyoidc",
    language: "Python",
    command: python("idpyoidc"),
    cannot: { ...each(only("secret_basic", "secret_post", "keys"), "It does not support public clients."), ...reads },
    notes: each(registrations, "It rejects a response with more than one scope."),
  },
  { name: "openidconnect", language: "Rust", oneIssuer: true, command: rust("openidconnect"), cannot: unmanaged },
  {
    name: "rmcp",
    language: "Rust",
    oneIssuer: true,
    command: rust("rmcp"),
    cannot: { ...each(only("browser", "loopback", "private_use"), "It is always a public client."), ...unmanaged },
  },
];
