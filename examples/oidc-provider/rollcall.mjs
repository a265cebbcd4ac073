// oidc-provider's clients, kept by Rollcall: `find` is its adapter for the model "Client".

import { randomBytes } from "node:crypto";

import { errors } from "oidc-provider";

// oidc-provider wants a secret of each client that has one. It never compares this one, see `check`, and
// would verify request objects with it: so nobody may know it.
const PLACEHOLDER = randomBytes(64).toString("base64url");
const KEPT_AT_MOST = 1000;

/** `maxAge`: for how many seconds an answer is kept; then it is asked for again, by its ETag. */
export class Rollcall {
  #kept = new Map();

  constructor({ issuer, token, maxAge = 5 }) {
    Object.assign(this, { url: `${issuer.replace(/\/+$/, "")}/as/clients`, token, maxAge });
  }

  /** The metadata of a client; undefined for one that is not there, was deleted or is disabled. */
  async find(clientId) {
    // Nothing else is ever issued.
    if (!/^[\w-]{22}$/.test(clientId)) return undefined;
    const kept = this.#kept.get(clientId);
    if (kept && Date.now() < kept.until) return kept.metadata;
    const answer = await this.#ask(`/${clientId}`, { headers: kept && { "if-none-match": kept.etag } });
    this.#kept.delete(clientId);
    if (answer.status === 404) return undefined;
    const metadata = answer.status === 304 ? kept.metadata : adapted(answer.body);
    const etag = answer.headers.get("etag");
    this.#kept.set(clientId, { metadata, etag, until: Date.now() + this.maxAge * 1000 });
    if (this.#kept.size > KEPT_AT_MOST) this.#kept.delete(this.#kept.keys().next().value);
    return metadata;
  }

  /** Lets Rollcall check the secrets that clients of `provider` present, and its rule for redirect URIs hold. */
  check(provider) {
    const ask = (body) => this.#ask("/authenticate", { method: "POST", body: JSON.stringify(body) });
    const { prototype } = provider.Client;
    prototype.compareClientSecret = async function (client_secret) {
      return (await ask({ client_id: this.clientId, client_secret })).status === 200;
    };
    // oidc-provider has the same rule, but for ports that nobody can listen on: `:0`, `:`.
    const { redirectUriAllowed } = prototype;
    prototype.redirectUriAllowed = function (uri) {
      return !/^http:[/][/][^/?#]*:0*(?:[/?#]|$)/.test(uri) && redirectUriAllowed.call(this, uri);
    };
  }

  /** Whatever is no answer about the client must not look like one: who is told `invalid_client` starts anew. */
  async #ask(path, { headers, ...init }) {
    const authorization = `Bearer ${this.token}`;
    const sent = { "content-type": "application/json", authorization, ...headers };
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(this.url + path, { ...init, headers: sent, signal }).catch(() => undefined);
    const body = await answer?.json().catch(() => undefined);
    const { status } = answer ?? {};
    const refused = status === 401 && body?.error === "invalid_client";
    // Another 404 is that of a Rollcall which has no such API.
    const unknown = status === 404 && body?.error === "not_found";
    if ([200, 304].includes(status) || unknown || refused) return { status, headers: answer.headers, body };
    if (status === 429) throw new errors.OIDCProviderError(429, "temporarily_unavailable");
    throw new errors.OIDCProviderError(503, "server_error", `Rollcall answers ${status ?? "nothing"}`);
  }
}

/** What Rollcall tells of a client, as oidc-provider takes it: its own checks are stricter here and there. */
function adapted({ metadata, unverified = [] }) {
  if (!metadata) return undefined;
  // Checked and not used by oidc-provider; an expiry, which Rollcall judges; values of acr that it may not have.
  const { contacts, initiate_login_uri, client_secret_expires_at, default_acr_values, ...client } = metadata;
  // oidc-provider would fetch what a stranger names. Without it, a pairwise client of several hosts is refused.
  for (const name of unverified) delete client[name];
  const method = client.token_endpoint_auth_method;
  if (method !== "private_key_jwt") delete client.token_endpoint_auth_signing_alg;
  if (method.startsWith("client_secret_")) client.client_secret = PLACEHOLDER;
  // Any port on the loopback interface, private-use schemes, and a question to the user each time (RFC 8252):
  // oidc-provider has all of this for native applications only.
  if (client.redirect_uris?.some((uri) => !uri.startsWith("https:"))) client.application_type = "native";
  return client;
}
