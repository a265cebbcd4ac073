// The https server of a client's developer, on this machine: it publishes metadata documents as a test says.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";

export class DocumentServer {
  /** The requests so far: `{ url, headers }`, headers as `[name, value]` in their order. */
  requests = [];
  #answers = new Map();

  /** `certificate` has `cert` and `key`. */
  constructor(certificate) {
    this.https = createServer(certificate, (request, response) => this.#answer(request, response));
  }

  async listen() {
    this.https.listen(0, "127.0.0.1");
    await once(this.https, "listening");
    this.url = `https://localhost:${this.https.address().port}`;
    return this;
  }

  /** Answers requests for `url` by `answer`, a function of the request and the response. */
  serve(url, answer) {
    this.#answers.set(url, answer);
    return url;
  }

  /** Publishes a document at `path`, with an ETag. `members` are those besides its `client_id`. Returns its URL. */
  publish(path, members = {}, headers = {}) {
    const url = `${this.url}${path}`;
    const document = JSON.stringify(documentAt(url, members));
    const etag = `"${createHash("sha256").update(document).digest("base64url")}"`;
    return this.serve(url, (request, response) => {
      const status = request.headers["if-none-match"] === etag ? 304 : 200;
      response.writeHead(status, { "content-type": "application/json", etag, ...headers });
      response.end(status === 200 ? document : undefined);
    });
  }

  /** Takes the document at `url` away. */
  withdraw(url) {
    this.#answers.delete(url);
  }

  /** The requests for `url` so far. */
  requestsFor(url) {
    return this.requests.filter((request) => request.url === url);
  }

  #answer(request, response) {
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) headers.push(request.rawHeaders.slice(at, at + 2));
    const url = `https://${request.headers.host}${request.url}`;
    this.requests.push({ url, headers });
    const answer = this.#answers.get(url) ?? (() => response.writeHead(404).end());
    answer(request, response);
  }

  close() {
    this.https.closeAllConnections();
    this.https.close();
  }
}

/** A document at `url` that each profile accepts. */
export function documentAt(url, members = {}) {
  return {
    client_id: url,
    client_name: "An application",
    redirect_uris: ["http://127.0.0.1/callback"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "none",
    ...members,
  };
}
