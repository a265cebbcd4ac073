// A small registration server that is right, for the tests of the runner. A fault makes it wrong in one way.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { problemOf, settle } from "./rules.mjs";

const random = (bytes) => randomBytes(bytes).toString("base64url");
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, PUT, DELETE",
  "access-control-allow-headers": "*, Authorization, Content-Type",
  "access-control-expose-headers": "WWW-Authenticate",
};
const METADATA = {
  scopes_supported: ["openid", "profile"],
  response_types_supported: ["code"],
  grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
  token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
  token_endpoint_auth_signing_alg_values_supported: ["RS256", "ES256"],
  code_challenge_methods_supported: ["S256"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256", "ES256"],
  authorization_response_iss_parameter_supported: true,
};

export class Server {
  clients = new Map();
  /** Changes a response before it is sent: a function of `{ request, response, server }`. */
  fault = () => {};

  /** `gate` is an initial access token that registrations need. */
  constructor({ gate } = {}) {
    this.gate = gate;
    this.http = createServer((request, response) => this.#serve(request, response));
  }

  async start() {
    this.http.listen(0, "127.0.0.1");
    await once(this.http, "listening");
    this.url = `http://127.0.0.1:${this.http.address().port}`;
    return this;
  }

  stop() {
    this.http.closeAllConnections();
    this.http.close();
  }

  async #serve(incoming, outgoing) {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { pathname, searchParams } = new URL(incoming.url, this.url);
    const token = incoming.headers.authorization?.match(/^bearer ([\w.~+/-]+=*)$/i)?.[1];
    const request = { method: incoming.method, path: pathname, query: searchParams, headers: incoming.headers, token, body: Buffer.concat(chunks) };
    const response = { status: 200, headers: {}, ...this.#answer(request) };
    await this.fault({ request, response, server: this });
    const body = response.text ?? (response.body === undefined ? "" : JSON.stringify(response.body));
    const type = body ? { "content-type": "application/json" } : {};
    outgoing.writeHead(response.status, { ...CORS, "cache-control": "no-store", ...type, ...response.headers }).end(incoming.method === "HEAD" ? undefined : body);
  }

  #answer(request) {
    const { method, path } = request;
    if (method === "OPTIONS") return { status: 204 };
    const isRead = method === "GET" || method === "HEAD";
    if (/^\/\.well-known\/(oauth-authorization-server|openid-configuration)$/.test(path)) return isRead ? { body: this.#metadata() } : notAllowed("GET, HEAD");
    if (path === "/jwks") return { body: { keys: [] } };
    if (path === "/authorize") return this.#authorize(request.query);
    if (path === "/register") return method === "POST" ? this.#register(request) : notAllowed("POST");
    if (path.startsWith("/register/")) return this.#manage(request, this.clients.get(path.slice("/register/".length)));
    return error(404, "not_found", "There is no such path");
  }

  #metadata() {
    const { url } = this;
    return { issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token`, jwks_uri: `${url}/jwks`, registration_endpoint: `${url}/register`, ...METADATA };
  }

  #authorize(query) {
    const client = this.clients.get(query.get("client_id"));
    const asked = query.get("redirect_uri");
    const withoutPort = (uri) => uri?.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d+)?(?=[/?#]|$)/, "$1");
    const matches = (uri) => uri === asked || (uri.startsWith("http:") && withoutPort(uri) === withoutPort(asked));
    return client?.redirect_uris?.some(matches) ? { text: "<p>Log in</p>", headers: { "content-type": "text/html" } } : error(400, "invalid_request", "Unknown client or redirect URI");
  }

  #register(request) {
    if (this.gate && request.token !== this.gate) return unauthorized(request.token);
    const [metadata, problem] = this.#metadataOf(request);
    if (problem) return problem;
    const client = { client_id: random(16), client_id_issued_at: Math.floor(Date.now() / 1000), ...metadata };
    const hasSecret = metadata.token_endpoint_auth_method.startsWith("client_secret");
    if (hasSecret) Object.assign(client, { client_secret: random(32), client_secret_expires_at: 0 });
    Object.assign(client, { registration_access_token: random(32), registration_client_uri: `${this.url}/register/${client.client_id}` });
    this.clients.set(client.client_id, client);
    return { status: 201, body: { ...client } };
  }

  /** The metadata of a body, or the response that rejects it. */
  #metadataOf({ headers, body }) {
    if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) return [, error(415, "invalid_client_metadata", "The type must be application/json")];
    let sent;
    try {
      sent = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    } catch {
      return [, error(400, "invalid_client_metadata", "The body must be JSON")];
    }
    if (sent === null || typeof sent !== "object" || Array.isArray(sent)) return [, error(400, "invalid_client_metadata", "The body must be a JSON object")];
    const metadata = settle(sent, METADATA);
    const problem = problemOf(metadata, METADATA);
    return problem ? [, error(400, ...problem)] : [metadata];
  }

  #manage(request, client) {
    if (!client || request.token !== client.registration_access_token) return unauthorized(request.token);
    if (request.method === "GET") return { body: { ...client } };
    if (request.method === "DELETE") return this.clients.delete(client.client_id), { status: 204 };
    if (request.method !== "PUT") return notAllowed("GET, PUT, DELETE");
    const [metadata, problem] = this.#metadataOf(request);
    if (problem) return problem;
    const sent = JSON.parse(request.body);
    for (const name of ["client_id", "client_secret"]) if (name in sent && sent[name] !== client[name]) return error(400, "invalid_client_metadata", `${name} must match`);
    for (const name of ["registration_access_token", "registration_client_uri", "client_id_issued_at", "client_secret_expires_at"]) if (name in sent) return error(400, "invalid_client_metadata", `${name} must be absent`);
    const { client_id, client_id_issued_at, client_secret, client_secret_expires_at, registration_access_token, registration_client_uri } = client;
    const secret = client_secret && { client_secret, client_secret_expires_at };
    const updated = { client_id, client_id_issued_at, ...metadata, ...secret, registration_access_token, registration_client_uri };
    this.clients.set(client_id, updated);
    return { body: { ...updated } };
  }
}

const error = (status, code, description, headers = {}) => ({ status, headers, body: { error: code, error_description: description } });
const notAllowed = (allow) => error(405, "invalid_request", "Method not allowed", { allow });
const unauthorized = (token) => error(401, "invalid_token", "The token is wrong or absent", { "www-authenticate": token ? 'Bearer error="invalid_token"' : "Bearer" });
