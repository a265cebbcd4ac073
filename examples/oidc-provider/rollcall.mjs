// Finds oidc-provider's clients in Rollcall: `find` is its adapter for the model "Client".

import { randomBytes } from "node:crypto";

import { errors } from "oidc-provider";

// oidc-provider requires a secret for each client whose method has one. It never compares this one, see `check`. It would
// verify request objects with it, so the value must be unknown to everybody.
const PLACEHOLDER = randomBytes(64).toString("base64url");
const KEPT_AT_MOST = 1000;

/** `maxAge`: how many seconds a response is cached; after that it is requested again with its ETag. */
export class Rollcall {
  #kept = new Map();

  constructor({ issuer, token, maxAge = 5 }) {
    Object.assign(this, { url: `${issuer.replace(/\/+$/, "")}/as/clients`, token, maxAge });
  }

  /** The metadata of a client; undefined if it does not exist, was deleted, or is disabled or rejected. */
  async find(clientId) {
    // Identifiers never have another form.
    if (!/^([\w-]{22}|[\w-]{30})$/.test(clientId)) return undefined;
    const kept = this.#kept.get(clientId);
    if (kept && Date.now() < kept.until) return kept.metadata;
    const answer = await this.#ask(`/${clientId}`, { headers: kept && { "if-none-match": kept.etag } });
    this.#kept.delete(clientId);
    if (answer.status === 404) return undefined;
    // The user sees this on the provider's page of errors.
    if (answer.body?.status === "pending") {
      throw new errors.OIDCProviderError(403, "unauthorized_client", "This client is waiting for approval");
    }
    const metadata = answer.status === 304 ? kept.metadata : adapted(answer.body);
    const etag = answer.headers.get("etag");
    this.#kept.set(clientId, { metadata, etag, until: Date.now() + this.maxAge * 1000 });
    if (this.#kept.size > KEPT_AT_MOST) this.#kept.delete(this.#kept.keys().next().value);
    return metadata;
  }

  /** Makes Rollcall check the secrets that clients of `provider` send, and applies its rule for redirect URIs. */
  check(provider) {
    const ask = (body) => this.#ask("/authenticate", { method: "POST", body: JSON.stringify(body) });
    const { prototype } = provider.Client;
    prototype.compareClientSecret = async function (client_secret) {
      return (await ask({ client_id: this.clientId, client_secret })).status === 200;
    };
    // oidc-provider has the same rule, but also accepts ports on which no program can listen: `:0`, `:`.
    const { redirectUriAllowed } = prototype;
    prototype.redirectUriAllowed = function (uri) {
      return !/^http:[/][/][^/?#]*:0*(?:[/?#]|$)/.test(uri) && redirectUriAllowed.call(this, uri);
    };
  }

  /** A failed request must not look like an unknown client: on `invalid_client`, clients discard their registration. */
  async #ask(path, { headers, ...init }) {
    const authorization = `Bearer ${this.token}`;
    const sent = { "content-type": "application/json", authorization, ...headers };
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(this.url + path, { ...init, headers: sent, signal }).catch(() => undefined);
    const body = await answer?.json().catch(() => undefined);
    const { status } = answer ?? {};
    const refused = status === 401 && body?.error === "invalid_client";
    // Any other 404 means that this API is off in Rollcall.
    const unknown = status === 404 && body?.error === "not_found";
    if ([200, 304].includes(status) || unknown || refused) return { status, headers: answer.headers, body };
    if (status === 429) throw new errors.OIDCProviderError(429, "temporarily_unavailable");
    throw new errors.OIDCProviderError(503, "server_error", `Rollcall answers ${status ?? "nothing"}`);
  }
}

/** Converts Rollcall's metadata of a client for oidc-provider, whose own checks are stricter in some cases. */
function adapted({ metadata, unverified = [] }) {
  if (!metadata) return undefined;
  // Members that oidc-provider checks and does not use; the expiry, which Rollcall checks; acr values that it may not support.
  const { contacts, initiate_login_uri, client_secret_expires_at, default_acr_values, ...client } = metadata;
  // oidc-provider would fetch a URL from a stranger. Without it, a pairwise client with several hosts is rejected.
  for (const name of unverified) delete client[name];
  const method = client.token_endpoint_auth_method;
  if (method !== "private_key_jwt") delete client.token_endpoint_auth_signing_alg;
  if (method.startsWith("client_secret_")) client.client_secret = PLACEHOLDER;
  // Any port on the loopback interface, private-use schemes, and consent each time (RFC 8252): oidc-provider has these
  // only for native applications.
  if (client.redirect_uris?.some((uri) => !uri.startsWith("https:"))) client.application_type = "native";
  return client;
}
