// The server of metadata documents that a target fetches. It listens on this machine; the target must reach it under the
// base URL, directly or through a proxy.

import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";

export class DocumentServer {
  #answers = new Map();
  #fetches = new Map();

  /** `base` is the public URL; `listen` is `host:port`; with `cert` and `key`, both PEM texts, it speaks https. */
  constructor({ base, listen, cert, key }) {
    Object.assign(this, { base, listen });
    const answer = (request, response) => this.#answer(request, response);
    this.server = cert ? createHttps({ cert, key }, answer) : createHttp(answer);
  }

  async start() {
    const [, host, port] = this.listen.match(/^(.*):(\d+)$/);
    this.server.listen(Number(port), host.replace(/^\[|\]$/g, ""));
    await once(this.server, "listening");
    this.base ??= `https://localhost:${this.server.address().port}`;
    return this;
  }

  /** Answers requests for `path` from now on. */
  publish(path, { status = 200, headers = {}, body = "" }) {
    this.#answers.set(path, { status, headers, body });
  }

  /** The number of requests for `path` so far. */
  fetches(path) {
    return this.#fetches.get(path) ?? 0;
  }

  #answer(request, response) {
    this.#fetches.set(request.url, this.fetches(request.url) + 1);
    const { status, headers, body } = this.#answers.get(request.url) ?? { status: 404, headers: {}, body: "" };
    response.writeHead(status, headers).end(body);
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
