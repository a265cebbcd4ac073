// Who is measured: what each is made of, where its endpoints are, and what it can do at all.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { buildSync } from "esbuild";

import { root } from "../../scripts/setup.mjs";
import { SOFTWARE_STATEMENTS } from "./statement.mjs";

export const ISSUER = "https://auth.example.com";
export const AS_TOKEN = "the authorization server's secret of 32 bytes";
export const AS_SECRETS_TOKEN = "the token that may ask for client secrets";
export const ADMIN_TOKEN = "an operator's secret of 32 bytes at least";

const METADATA = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  jwks_uri: "/jwks",
  scopes_supported: ["openid", "profile", "email", "offline_access"],
  response_types_supported: ["code"],
  grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"],
  token_endpoint_auth_signing_alg_values_supported: ["RS256", "PS256", "ES256", "EdDSA"],
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true,
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256", "PS256", "ES256", "EdDSA"],
};

/** A hundred entries in every list that is held against what a client sends; the README's client passes. */
const entries = (last, other) => [...Array.from({ length: 99 }, (_, nth) => other(nth)), last];
const POLICY = {
  redirect_hosts: entries("*.example.com", (nth) => `*.${nth}.app.example.com`),
  denied_redirect_hosts: entries("denied.example.com", (nth) => `*.${nth}.denied.example.com`),
  redirect_schemes: entries("https", (nth) => (nth === 0 ? "http" : `com.example.app${nth}`)),
  denied_redirect_schemes: entries("com.example.denied", (nth) => `com.example.denied${nth}`),
  required_members: entries("redirect_uris", () => "redirect_uris"),
  forbidden_members: entries("jwks_uri", () => "introspection_encrypted_response_enc"),
  reserved_names: entries("Zlaude", (nth) => `${["a", "al", "\u0430", "\u4e00"][nth % 4].repeat(20)}${nth}`),
  scopes: entries("openid", (nth) => `scope${nth}`),
  logo: "same_site",
};

const bench = join(root, "bench");
const EDGE = ["register", "discover", "refuse"];
const MANAGED = [...EDGE, "read"];
const OAUTH = "/.well-known/oauth-authorization-server";

/** JavaScript as it would be deployed: one module, minified. */
function bundled(name, scratch) {
  const outfile = join(scratch, `${name}.bundle.js`);
  mkdirSync(scratch, { recursive: true });
  buildSync({
    entryPoints: [join(bench, "workers", `${name}.mjs`)],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "esnext",
    external: ["cloudflare:*", "node:*"],
    loader: { ".json": "text" },
    nodePaths: [join(root, "node_modules")],
    logLevel: "error",
  });
  return { "index.js": outfile };
}

/** What `worker-build` makes. */
const wasm = (folder) => () => ({
  "index.js": join(root, folder, "index.js"),
  "index_bg.wasm": join(root, folder, "index_bg.wasm"),
});
const script = (name) => (scratch) => bundled(name, scratch);

const rollcall = {
  modules: wasm("build"),
  // For the first look-up in a day; the others are not touched by it.
  vars: { ISSUER, METADATA, AS_TOKEN, ADMIN_TOKEN, REGISTRATION: { record_uses: true }, DOCUMENTS: { mode: "open" } },
  can: [...MANAGED, "look-up", "look-up-any", "document", "authenticate", "update", "rotate"],
};

/** In the order of a round. `empty` is what the runtime costs, `again` is how far two equal figures can be apart. */
export const CONTESTANTS = [
  { name: "empty", label: "empty Worker", modules: script("empty"), can: ["register", "discover", "read"], mute: true },
  { name: "floor-js", label: "floor, JavaScript", modules: script("floor-js"), can: MANAGED },
  { name: "again", label: "floor, JavaScript, once more", modules: script("floor-js"), can: MANAGED },
  { name: "floor-wasm", label: "floor, Rust", modules: wasm("bench/floor-wasm/build"), can: MANAGED },
  { name: "oauth-provider", label: "workers-oauth-provider", modules: script("oauth-provider"), can: EDGE },
  {
    name: "oidc-provider",
    label: "oidc-provider on node",
    node: join(bench, "workers", "oidc-provider.mjs"),
    can: MANAGED,
    discovery: "/.well-known/openid-configuration",
  },
  { ...rollcall, name: "rollcall", label: "**Rollcall**" },
  {
    ...rollcall,
    name: "rollcall-limits",
    label: "Rollcall, rate limits on",
    vars: { ...rollcall.vars, LIMITED: {} },
  },
  {
    ...rollcall,
    name: "rollcall-sealed",
    label: "Rollcall, secrets sealed",
    vars: { ...rollcall.vars, SEALING_KEY: `1:${"A".repeat(43)}`, AS_SECRETS_TOKEN },
    can: [...MANAGED, "look-up", "look-up-secret"],
  },
  {
    ...rollcall,
    name: "rollcall-policy",
    label: "Rollcall, a policy with long lists",
    vars: { ...rollcall.vars, POLICY },
    can: EDGE,
  },
  {
    ...rollcall,
    name: "rollcall-keys",
    label: "Rollcall, with `ID_KEY`",
    vars: { ...rollcall.vars, ID_KEY: `1:${"A".repeat(43)}` },
    can: ["register", "repeat", "read", "look-up"],
  },
  {
    ...rollcall,
    name: "rollcall-statements",
    label: "Rollcall, with a trusted issuer of software statements",
    vars: { ...rollcall.vars, SOFTWARE_STATEMENTS },
    can: ["register", "statement"],
  },
].map((contestant) => ({ discovery: OAUTH, vars: {}, mute: false, ...contestant }));

/** The versions that were measured. */
export function versions() {
  const of = (name) => JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  return {
    workerd: of("workerd"),
    "@cloudflare/workers-oauth-provider": of("@cloudflare/workers-oauth-provider"),
    "oidc-provider": of("oidc-provider"),
    node: process.versions.node,
  };
}
