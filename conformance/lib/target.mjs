// The server that is tested: where its documents are, what they announce, and what it accepts.

import { askToAuthorize, authorizeProbe } from "./authorize.mjs";
import { documentUrls, documentVariables, insertedOidc } from "./urls.mjs";

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Whether a response registered a client, in whatever status: one case alone asks for 201. */
export const isRegistered = (response) => response.status >= 200 && response.status < 300 && typeof response.json?.client_id === "string";

/** Defaults of members that a document leaves out (RFC 8414 §2). */
const DEFAULTS = {
  grant_types_supported: ["authorization_code", "implicit"],
  token_endpoint_auth_methods_supported: ["client_secret_basic"],
};

export class Target {
  /** Features of the target, by the names that `needs` of a case use. */
  capabilities = new Set();
  /** Clients that could not be deleted. */
  left = 0;

  constructor({ http, options }) {
    Object.assign(this, { http, options, issuer: options.issuer, urls: documentUrls(options.issuer) });
    this.redirectBase = `https://${options.redirectHost}`;
  }

  /** Reads the documents and tries registrations, until one is accepted. Rejects if the target does not respond. */
  async explore() {
    for (const kind of ["oauth", "oidc"]) {
      const { response } = await this.http.send({ method: "GET", url: this.urls[kind], headers: { accept: "application/json" } });
      if (response.status !== 200 || !isObject(response.json)) continue;
      this[kind] = response.json;
      this.capabilities.add(`${kind}-metadata`).add("metadata");
    }
    this.metadata = this.oauth ?? this.oidc ?? {};
    this.endpoint = this.options.endpoint ?? this.oauth?.registration_endpoint ?? this.oidc?.registration_endpoint;
    this.add("https", this.issuer.startsWith("https:"));
    this.add("issuer-path", new URL(this.issuer).pathname !== "/");
    this.add("token", this.options.token !== undefined);
    this.add("endpoint", URL.canParse(this.endpoint));
    if (this.capabilities.has("endpoint")) await this.#findBaseline();
    return this;
  }

  add(name, holds) {
    if (holds) this.capabilities.add(name);
  }

  /** The values that the target announces for a member, with the default of its specification. */
  announced(member) {
    return this.metadata[member] ?? this.oidc?.[member] ?? DEFAULTS[member] ?? [];
  }

  announces([member, value]) {
    if (value === undefined) return this.metadata[member] !== undefined || this.oidc?.[member] !== undefined;
    const values = this.announced(member);
    return Array.isArray(values) ? values.includes(value) : values === value;
  }

  /** Headers of a registration. `token` replaces the initial access token; `false` sends none. */
  registrationHeaders(token = this.options.token) {
    return token ? { authorization: `Bearer ${token}` } : {};
  }

  async register(metadata, token) {
    const headers = { ...this.registrationHeaders(token), "content-type": "application/json", accept: "application/json" };
    const { response } = await this.http.send({ method: "POST", url: this.endpoint, headers, body: JSON.stringify(metadata) });
    return response;
  }

  async #findBaseline() {
    const least = { redirect_uris: [`${this.redirectBase}/callback`], client_name: "Conformance test" };
    const variants = [{}, { token_endpoint_auth_method: "none" }, { token_endpoint_auth_method: "client_secret_post" }];
    for (const variant of variants) {
      const response = await this.register({ ...least, ...variant });
      this.firstRefusal ??= isRegistered(response) ? undefined : response;
      if (!isRegistered(response)) continue;
      this.baseline = { ...least, ...variant };
      this.capabilities.add("registration");
      await this.#learnFrom(response.json);
      break;
    }
    if (!this.baseline) return;
    await this.#findKinds();
    if (this.options.token) {
      const open = await this.register(this.baseline, false);
      this.add("open", isRegistered(open));
      this.add("gated", open.status === 401 || open.status === 403);
      await this.#forget(open.json);
    } else this.capabilities.add("open");
  }

  async #learnFrom(client) {
    this.add("management", typeof client.registration_client_uri === "string" && typeof client.registration_access_token === "string");
    this.oracle = await authorizeProbe(this, client);
    this.add("authorize", this.oracle !== undefined);
    await this.#tryDocument();
    await this.#forget(client);
  }

  /** Publishes a plain document, and asks whether the target accepts it as a client. */
  async #tryDocument() {
    const { documents } = this.options;
    if (!this.oracle || !documents || !this.announces(["client_id_metadata_document_supported", true])) return;
    this.capabilities.add("documents-announced");
    const [path, redirect_uri] = ["/first.json", `${this.redirectBase}/callback`];
    const client_id = `${documents.base}${path}`;
    const document = { client_id, client_name: "Conformance test", redirect_uris: [redirect_uri], grant_types: ["authorization_code"], response_types: ["code"], token_endpoint_auth_method: "none" };
    documents.publish(path, { headers: { "content-type": "application/json" }, body: JSON.stringify(document) });
    this.add("documents", (await askToAuthorize(this, client_id, redirect_uri)) === this.oracle);
  }

  /** Finds the kinds of clients that the target registers: `public` ones, and `secret` ones with a secret. */
  async #findKinds() {
    const kinds = [["public", "none"], ["secret", "client_secret_basic"], ["secret", "client_secret_post"]];
    for (const [kind, token_endpoint_auth_method] of kinds) {
      if (this.kinds?.[kind]) continue;
      const metadata = { ...this.baseline, token_endpoint_auth_method };
      const response = await this.register(metadata);
      const { token_endpoint_auth_method: method, client_secret } = response.json ?? {};
      if (isRegistered(response) && (kind === "public" ? method === "none" : typeof client_secret === "string")) {
        this.kinds = { ...this.kinds, [kind]: { token_endpoint_auth_method } };
        this.capabilities.add(kind);
      }
      await this.#forget(response.json);
    }
  }

  /** Deletes a client, where the target can; returns whether it did. */
  async remove({ registration_client_uri: url, registration_access_token: token } = {}) {
    if (typeof url !== "string" || typeof token !== "string" || !URL.canParse(url)) return false;
    const { response } = await this.http.send({ method: "DELETE", url, headers: { authorization: `Bearer ${token}` } });
    return response.status === 204;
  }

  /** Deletes a client that was registered to explore the target, or counts it. */
  async #forget(client) {
    if (client?.client_id && !(await this.remove(client))) this.left += 1;
  }

  /** Values that cases use as variables. */
  scope() {
    const { issuer, urls, oauth, oidc, metadata, endpoint, baseline, kinds, redirectBase, options } = this;
    return { issuer, urls, oauth, oidc, metadata, endpoint, baseline, kinds, token: options.token, https: redirectBase, host: options.redirectHost, ...documentVariables(options.documents), inserted: insertedOidc(issuer), document: oauth ? urls.oauth : urls.oidc, announced: announcedOf(this) };
  }
}

/** `announced.NAME` in a template: with the defaults. */
const announcedOf = (target) => ({ ...DEFAULTS, ...target.oidc, ...target.metadata });
