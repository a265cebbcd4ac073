// Makes a request of each kind of step. `scope` has the variables of the case; the names of saved responses are in it.

import { authorizationUrl } from "./authorize.mjs";
import { fill } from "./template.mjs";

const without = (value, names = []) => Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
const jsonRequest = (method, url, headers, value) => ({
  method,
  url,
  headers: { "content-type": "application/json", accept: "application/json", ...headers },
  body: JSON.stringify(value),
  sent: value,
});

/** Members that a client must leave out of an update (RFC 7592 §2.2). */
const NOT_IN_UPDATES = ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];
const bearer = (token) => (token ? { authorization: `Bearer ${token}` } : {});

/** The client that a step of management names, with the token that it sends. */
function holder(step, kind, scope) {
  const client = scope[step[kind]] ?? {};
  const token = step.token === false ? undefined : (step.token ?? client.registration_access_token);
  return { client, url: step.url ?? client.registration_client_uri, headers: { ...bearer(token), ...step.headers } };
}

/** Kinds of steps by the member that names them: each returns `{ method, url, headers, body, sent }`. */
const KINDS = {
  /** Registers the baseline with changes. */
  register(step, { target, scope }) {
    const metadata = without({ ...scope.baseline, ...step.register }, step.omit);
    return jsonRequest("POST", target.endpoint, { ...target.registrationHeaders(step.token), ...step.headers }, metadata);
  },
  /** Registers exactly these metadata. */
  send(step, { target }) {
    return jsonRequest("POST", target.endpoint, { ...target.registrationHeaders(step.token), ...step.headers }, step.send);
  },
  /** Posts a body as it is: `text`, or `base64` for bytes that are not UTF-8. */
  post(step, { target }) {
    const { text, base64, type = "application/json" } = step.post;
    const body = base64 === undefined ? text : Buffer.from(base64, "base64");
    const headers = { ...target.registrationHeaders(step.token), ...(type ? { "content-type": type } : {}), ...step.headers };
    return { method: "POST", url: target.endpoint, headers, body };
  },
  read(step, { scope }) {
    const { url, headers } = holder(step, "read", scope);
    return { method: "GET", url, headers: { accept: "application/json", ...headers } };
  },
  /** Sends the client as it was registered, with changes; `with` may be a whole body if `whole` is set. */
  update(step, { scope }) {
    const { client, url, headers } = holder(step, "update", scope);
    const value = step.whole ? step.with : { ...without(client, [...NOT_IN_UPDATES, ...(step.omit ?? [])]), ...step.with };
    return jsonRequest("PUT", url, headers, value);
  },
  delete(step, { scope }) {
    const { url, headers } = holder(step, "delete", scope);
    return { method: "DELETE", url, headers };
  },
  get(step) {
    return { method: "GET", url: step.get, headers: { accept: "application/json", ...step.headers } };
  },
  request(step) {
    const { method, url, text, json } = step.request;
    if (json !== undefined) return jsonRequest(method, url, step.headers, json);
    return { method, url, headers: step.headers ?? {}, body: text };
  },
  /** Asks for permission as a browser does before a page's request (Fetch standard). */
  preflight(step) {
    const { url, method, headers = [] } = step.preflight;
    const asked = { origin: "https://page.example", "access-control-request-method": method };
    if (headers.length > 0) asked["access-control-request-headers"] = headers.map((name) => name.toLowerCase()).sort().join(",");
    return { method: "OPTIONS", url, headers: asked };
  },
  authorize(step, { target }) {
    return { method: "GET", url: authorizationUrl(target.metadata, step.authorize), headers: { accept: "text/html" } };
  },
};

export const STEP_KINDS = Object.keys(KINDS);

/** The kind of a step, and its request with every variable replaced. */
export function requestOf(step, context) {
  const filled = fill(without(step, ["expect", "unless"]), context.scope);
  const kind = STEP_KINDS.find((name) => Object.hasOwn(filled, name));
  if (!kind) throw new Error(`a step needs one of ${STEP_KINDS.join(", ")}: ${JSON.stringify(step)}`);
  return { kind, step: filled, ...KINDS[kind](filled, context) };
}
