// HTTP as a client of the target sees it: no redirect is followed, no header is added that a case does not name, and each
// exchange is kept for the report.

import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

const BODY_LIMIT = 1024 * 1024;
/** Attempts that a rate-limited request gets in all. */
const ATTEMPTS = 3;
const LONGEST_WAIT_MS = 60_000;

export class Http {
  #agents;
  #nextAt = 0;

  /** `rate` is in requests a second, 0 for no limit; `ca` is a PEM text; `timeout` is in milliseconds. */
  constructor({ rate = 10, ca, timeout = 10_000 } = {}) {
    Object.assign(this, { interval: rate > 0 ? 1000 / rate : 0, ca, timeout });
    this.#agents = {
      "http:": new http.Agent({ keepAlive: true }),
      "https:": new https.Agent({ keepAlive: true, ca: ca && [...(https.globalAgent.options.ca ?? []), ca] }),
    };
  }

  close() {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** Waits until the rate allows one more request. */
  async #turn() {
    const now = Date.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.interval;
    if (at > now) await sleep(at - now);
  }

  /**
   * Sends `{ method, url, headers, body }` and returns `{ request, response }`. After a 429 the request is
   * repeated, as late as its `Retry-After` says. Rejects if no response comes.
   */
  async send(request) {
    for (let attempt = 1; ; attempt += 1) {
      await this.#turn();
      const response = await this.#once(request);
      const wait = Number(response.headers["retry-after"]) * 1000;
      if (response.status !== 429 || attempt === ATTEMPTS || wait > LONGEST_WAIT_MS) return { request, response };
      await sleep(Number.isFinite(wait) ? wait : 1000 * attempt);
    }
  }

  #once({ method, url, headers = {}, body }) {
    const target = new URL(url);
    const agent = this.#agents[target.protocol];
    if (!agent) throw new Error(`${url} is neither http nor https`);
    const module = target.protocol === "http:" ? http : https;
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const length = bytes && !("transfer-encoding" in headers) ? { "content-length": bytes.length } : {};
    return new Promise((resolve, reject) => {
      const options = { method, agent, headers: { ...headers, ...length }, timeout: this.timeout };
      const request = module.request(target, options, (message) => {
        const chunks = [];
        let size = 0;
        message.on("data", (chunk) => {
          size += chunk.length;
          if (size <= BODY_LIMIT) chunks.push(chunk);
        });
        message.on("error", reject);
        message.on("end", () => resolve(readResponse(message, Buffer.concat(chunks))));
      });
      request.on("timeout", () => request.destroy(new Error(`no response within ${this.timeout} ms`)));
      request.on("error", reject);
      request.end(bytes);
    });
  }
}

/** `{ status, headers, text, json }`: `json` is undefined if the body is not JSON. Repeated headers are joined. */
function readResponse(message, bytes) {
  const text = bytes.toString("utf8");
  const headers = {};
  for (const [name, value] of Object.entries(message.headers)) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: message.statusCode, headers, text, json };
}
