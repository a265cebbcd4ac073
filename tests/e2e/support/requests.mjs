// Requests for tests that send thousands of them: over connections that are kept, each takes a third of the CPU time of `fetch`.

import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true });

/** Sends a request; resolves to the `status` and the `text` of the response. */
export function send(url, { method = "GET", headers, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("error", reject).on("end", () => resolve({ status: response.statusCode, text }));
    });
    sent.on("error", reject).end(body);
  });
}
