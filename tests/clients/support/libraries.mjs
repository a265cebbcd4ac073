// The libraries, how each is run, and what each cannot do or does in its own way, by step.

import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));
const kinds = ["secret_basic", "secret_post", "keys", "browser", "loopback", "private_use"];
const registrations = kinds.map((kind) => `register ${kind}`);
const management = ["read", "update", "delete"];

/** What a client may do, in the order of the columns. */
export const steps = ["discover", ...registrations, ...management];

const only = (...able) => registrations.filter((step) => !able.some((kind) => step === `register ${kind}`));
const each = (some, text) => Object.fromEntries(some.map((step) => [step, text]));
const unmanaged = each(management, "It has nothing for RFC 7592.");
const reads = each(["update", "delete"], "It only reads, as OpenID Connect Dynamic Client Registration does.");
const bearer = (name) => each(management, `Through \`${name}\`, for any request with a bearer token.`);

const js = (file) => () => [process.execPath, `${folder}js/${file}.mjs`];
const python = (file) => (tools) => [tools.python, "-B", `${folder}python/${file}_client.py`];
const rust = (program) => (tools) => [`${tools.rust}/${program}`];

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
    cannot: { "register keys": "It takes no answer with `private_key_jwt`.", ...unmanaged },
  },
  {
    name: "fastmcp",
    language: "Python",
    command: python("fastmcp"),
    cannot: {
      ...each(only("loopback", "secret_basic", "secret_post"), "It always comes back to a loopback address."),
      ...unmanaged,
    },
  },
  {
    name: "Authlib",
    language: "Python",
    command: python("authlib"),
    cannot: { "register private_use": "Its model takes no redirect URI without a host, as in RFC 8252 §7.1." },
    notes: {
      ...each(registrations, "It has a model of the answer, and only its HTTP session for the request."),
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
    cannot: { ...each(only("secret_basic", "secret_post", "keys"), "It knows no public clients."), ...reads },
    notes: each(registrations, "It takes no answer with more than one scope."),
  },
  { name: "openidconnect", language: "Rust", command: rust("openidconnect"), cannot: unmanaged },
  {
    name: "rmcp",
    language: "Rust",
    command: rust("rmcp"),
    cannot: { ...each(only("browser", "loopback", "private_use"), "It is always a public client."), ...unmanaged },
  },
];
