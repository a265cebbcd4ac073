// An authorization endpoint that asks Rollcall about its clients (docs/authorization-server.md), and a key set. It has no
// users: an accepted request gets a page.

import { once } from "node:events";
import { createServer } from "node:http";

/** Listens on a free port of 127.0.0.1. Set `registrar` to Rollcall's URL before the first request. */
export class AuthorizationServer {
  constructor(token) {
    this.token = token;
    this.server = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url, this.url);
      if (pathname === "/jwks") return response.writeHead(200, { "content-type": "application/json" }).end('{"keys": []}');
      const status = pathname === "/authorize" ? await this.#authorize(Object.fromEntries(searchParams)) : 404;
      response.writeHead(status, { "content-type": "text/html" }).end("<p>A page</p>");
    });
  }

  async #authorize({ client_id, redirect_uri }) {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const body = JSON.stringify({ client_id, redirect_uri });
    const answer = await fetch(`${this.registrar}/as/clients/look-up`, { method: "POST", headers, body });
    const client = await answer.json();
    return answer.status === 200 && client.redirect_uri_matches ? 200 : 400;
  }

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
