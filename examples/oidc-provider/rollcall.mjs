// Finds oidc-provider's clients in Rollcall, those that are registered and those whose identifier is the URL of their metadata
// document: `find` is its adapter for the model "Client".

import { randomBytes } from "node:crypto";

import { errors } from "oidc-provider";

// oidc-provider requires a secret for each client whose method has one. It never compares this one, see `check`. It would
// verify request objects and assertions with it, so the value must be unknown to everybody.
const PLACEHOLDER = randomBytes(64).toString("base64url");
const KEPT_AT_MOST = 1000;
// With these errors Rollcall says something about a client. Any other 401 or 404 is about the access of this server.
const ABOUT_THE_CLIENT = ["not_found", "invalid_client", "unapproved_client"];

/** `maxAge`: how many seconds a response is cached. `readsSecrets`: whether `token` may ask for client secrets. */
export class Rollcall {
  #kept = new Map();

  constructor({ issuer, token, readsSecrets = false, maxAge = 5 }) {
    Object.assign(this, { url: `${issuer.replace(/\/+$/, "")}/as/clients`, token, readsSecrets, maxAge });
  }

  /** The metadata of a client for oidc-provider; undefined if the client may not be served. */
  async find(clientId) {
    const client = await this.lookUp(clientId);
    const metadata = client && adapted(client);
    if (this.readsSecrets && metadata && computes(metadata)) metadata.client_secret = await this.#newestSecret(clientId);
    return metadata;
  }

  /** The newest secret of a client, which is not cached. A client without a sealed secret cannot be authenticated. */
  async #newestSecret(clientId) {
    const { body } = await this.#ask("look-up", { client_id: clientId, include: "client_secret" });
    return body.client_secrets?.[0]?.client_secret ?? PLACEHOLDER;
  }

  /** A client as Rollcall describes it; undefined if it does not exist, was deleted, or is disabled or rejected. */
  async lookUp(clientId) {
    const kept = this.#kept.get(clientId);
    if (kept && Date.now() < kept.until) return kept.client;
    const { status, body } = await this.#ask("look-up", { client_id: clientId });
    this.#kept.delete(clientId);
    if (status === 404) return undefined;
    // The user sees these on the provider's page of errors: a document that cannot be used or is not approved, and a client
    // that waits for approval.
    if (status !== 200) throw problem(400, "invalid_client", body.error_description);
    if (body.status === "pending") throw problem(403, "unauthorized_client", "This client is waiting for approval");
    const client = body.status === "active" ? body : undefined;
    this.#kept.set(clientId, { client, until: Date.now() + this.maxAge * 1000 });
    if (this.#kept.size > KEPT_AT_MOST) this.#kept.delete(this.#kept.keys().next().value);
    return client;
  }

  /**
   * The adapter of a model whose values are for a client as the user saw it, like codes: a value is not found any more once
   * the `version` of its client is another one.
   */
  bound(adapter) {
    const version = async ({ clientId, params }) => (await this.lookUp(clientId ?? params.client_id))?.version;
    return Object.assign(Object.create(adapter), {
      async upsert(id, payload, expiresIn) {
        return adapter.upsert(id, { ...payload, clientVersion: await version(payload) }, expiresIn);
      },
      async find(id) {
        const payload = await adapter.find(id);
        return payload && payload.clientVersion === (await version(payload)) ? payload : undefined;
      },
    });
  }

  /** Makes Rollcall check the secrets that clients of `provider` send, and applies its rule for redirect URIs. */
  check(provider) {
    const ask = (body) => this.#ask("authenticate", body);
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
  async #ask(action, asked) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${this.token}` };
    const init = { method: "POST", headers, body: JSON.stringify(asked), signal: AbortSignal.timeout(5_000) };
    const answer = await fetch(`${this.url}/${action}`, init).catch(() => undefined);
    const body = await answer?.json().catch(() => undefined);
    const { status } = answer ?? {};
    if (status === 200 || ABOUT_THE_CLIENT.includes(body?.error)) return { status, body };
    if (status === 429) throw new errors.OIDCProviderError(429, "temporarily_unavailable");
    throw new errors.OIDCProviderError(503, "server_error", `Rollcall answers ${status ?? "nothing"}`);
  }
}

const problem = (status, error, error_description) =>
  Object.assign(new errors.OIDCProviderError(status, error), { error_description });

/** Whether oidc-provider computes with the secret of a client. */
const computes = (metadata) =>
  metadata.token_endpoint_auth_method === "client_secret_jwt" ||
  Object.entries(metadata).some(([name, value]) => /_signed_response_alg$|_signing_alg$/.test(name) && /^HS/.test(value));

/** Converts Rollcall's metadata of a client for oidc-provider, whose own checks are stricter in some cases. */
function adapted({ metadata, unverified = [] }) {
  // Members that oidc-provider checks and does not use; the expiry, which Rollcall checks; acr values that it may not support.
  const { contacts, initiate_login_uri, client_secret_expires_at, default_acr_values, ...client } = metadata;
  // oidc-provider would fetch a URL from a stranger. Without it, a pairwise client with several hosts is rejected.
  for (const name of unverified) delete client[name];
  const method = client.token_endpoint_auth_method;
  if (!method.endsWith("_jwt")) delete client.token_endpoint_auth_signing_alg;
  if (method.startsWith("client_secret_")) client.client_secret = PLACEHOLDER;
  // Any port on the loopback interface, private-use schemes, and consent each time (RFC 8252): oidc-provider has these
  // only for native applications.
  if (client.redirect_uris?.some((uri) => !uri.startsWith("https:"))) client.application_type = "native";
  return client;
}
