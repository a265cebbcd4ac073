// A free port of 127.0.0.1, and one line that tells the parent process the issuer.

import { once } from "node:events";
import { createServer } from "node:http";

/** Listens, so that a server knows its own URL before it is made; `serve` then begins to answer. */
export async function listen() {
  let handler = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => handler(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const serve = (given, issuer = url) => {
    handler = given;
    console.log(JSON.stringify({ issuer }));
  };
  return { url, serve };
}

/** Sends a Fetch response on a response of Node. */
export async function respond(response, answer) {
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
}
