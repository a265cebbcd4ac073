// The needs of a configuration beside wrangler.toml: secrets and bindings, whether they are there, and the command that sets
// each. Whether a secret is set at Cloudflare cannot be seen from here; .dev.vars is what a developer's machine has.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { wranglerCommand as wrangler } from "./installation.mjs";


/** Secrets: when each is required, and what it is for. */
const SECRETS = [
  ["ADMIN_TOKEN", () => false, "turns on the operator's API, the page at /admin/, approval and initial access tokens"],
  ["AS_TOKEN", () => false, "lets an authorization server ask over HTTP; a service binding needs none"],
  ["WEBHOOK_SECRET", ({ WEBHOOK }) => Boolean(WEBHOOK?.url), "signs events; WEBHOOK.url needs it"],
  ["SEALING_KEY", (vars) => withSecretMethod(vars), "keeps encrypted copies of client secrets; client_secret_jwt needs it"],
  ["AS_SECRETS_TOKEN", () => false, "lets an authorization server ask for client secrets over HTTP; it needs SEALING_KEY"],
  ["ID_KEY", ({ ID_KEY_REQUIRED }) => ID_KEY_REQUIRED === true, "signs client identifiers, so that a forged one costs no read; without it, Idempotency-Key headers are ignored"],
  ["SHARED_ID_KEY", (vars) => registrations(vars).some((one) => one?.shared_public_clients), "makes the identifiers of shared clients; REGISTRATION.shared_public_clients needs it"],
];

/** The settings of REGISTRATION, those of each issuer too. */
const registrations = ({ REGISTRATION, ISSUERS = {} }) => [REGISTRATION, ...Object.values(ISSUERS).map((own) => own?.REGISTRATION)];

/** Modes in which only holders of an initial access token get in, or get more. */
const withTokens = (vars) => registrations(vars).some((one) => ["token", "tiered"].includes(one?.mode));

/** Whether a policy lets clients wait for the operator's approval. */
const withApproval = ({ POLICY, ANONYMOUS_POLICY, ISSUERS = {} }) =>
  [{ POLICY, ANONYMOUS_POLICY }, ...Object.values(ISSUERS)].some((own) => own?.POLICY?.approval || own?.ANONYMOUS_POLICY?.approval);

/** Whether an issuer offers client_secret_jwt. */
const withSecretMethod = ({ METADATA, ISSUERS = {} }) =>
  [METADATA, ...Object.values(ISSUERS).map((own) => own?.METADATA)].some((one) => one?.token_endpoint_auth_methods_supported?.includes?.("client_secret_jwt"));

/** The names in a .dev.vars file beside `file`. */
function developersSecrets(file) {
  const path = join(dirname(file), ".dev.vars");
  if (!existsSync(path)) return [];
  return [...readFileSync(path, "utf8").matchAll(/^\s*(?:export\s+)?([A-Z_]+)\s*=\s*(?=\S)(?!["']{2}\s*$)/gm)].map(([, name]) => name);
}

/** What the configuration `settings` in `file` needs: `{ name, kind, required, found, use, command }`. */
export function needsOf(settings, file, env) {
  const { vars = {}, kv_namespaces = [], durable_objects = {} } = settings;
  const option = env ? ` --env ${env}` : "";
  const there = developersSecrets(file);
  const secrets = SECRETS.map(([name, isRequired, use]) => ({
    name,
    kind: "secret",
    required: isRequired(vars) || (name === "ADMIN_TOKEN" && (withTokens(vars) || withApproval(vars))),
    found: there.includes(name) ? "in .dev.vars" : undefined,
    use,
    command: `${wrangler} secret put ${name}${option}`,
  }));
  const clients = kv_namespaces.find(({ binding }) => binding === "CLIENTS");
  const books = (durable_objects.bindings ?? []).some(({ name }) => name === "INITIAL_ACCESS_TOKENS");
  return [
    {
      name: "CLIENTS",
      kind: "KV namespace",
      required: true,
      found: clients && (clients.id ? `id ${clients.id}` : "without an id: the first deployment creates it"),
      use: "stores the clients",
      command: `${wrangler} kv namespace create CLIENTS${option}, and put the id under [[kv_namespaces]]`,
    },
    {
      name: "INITIAL_ACCESS_TOKENS",
      kind: "Durable Object",
      required: true,
      found: books ? "in wrangler.toml" : undefined,
      use: "keeps initial access tokens and the latest changes",
      command: "copy [durable_objects] and [exports.InitialAccessTokens] from the shipped wrangler.toml",
    },
    ...secrets,
  ];
}

/** The lines that are printed. */
export function needsText(needs) {
  return needs.map(({ name, kind, required, found, use, command }) => {
    const state = found ?? (required ? "MISSING, unless it is set at Cloudflare" : "not set");
    const how = found ? "" : `\n           set it with: ${command}`;
    return `  ${required ? "needed  " : "optional"}  ${name} (${kind}): ${state}; ${use}${how}`;
  });
}
