// The operator's API of one issuer (docs/operator.md). The token for it is in this object and nowhere else.

import { header, request, send } from "../ui/http.js";
import { trouble } from "../ui/trouble.js";

/** What there is to say where the operator's API is switched off. */
export const OFF = "This server has no operator\u2019s API. It is turned on by the secret ADMIN_TOKEN of the Worker.";

const LOCKED = { ok: false, failure: "the page is locked", headers: [], text: "" };

export class Operator {
  #token;

  /** `path` is the issuer's. Nothing is ever sent to another origin. */
  constructor(path, token) {
    this.base = `${location.origin}${path}/admin`;
    this.#token = token;
  }

  forget() {
    this.#token = undefined;
  }

  /** `etag` is that of the state that is to be changed. */
  async call(method, path, body, etag) {
    if (!this.#token) return LOCKED;
    const answer = await send(request(method, this.base + path, { body, etag, token: { value: this.#token } }));
    // Answers that come after the lock are dropped.
    if (!this.#token) return LOCKED;
    if (answer.status === 401) this.onrefused?.(explain(answer));
    return answer;
  }
}

/** The meaning of an answer that is not ok, in a sentence or two. */
export function explain(answer) {
  const { status, json } = answer;
  const sentence = trouble(answer);
  const seconds = header(answer, "retry-after");
  const wait = seconds ? `Try again in ${seconds} seconds.` : "Try again later.";
  if (status === 401) return "This is not the operator\u2019s token of this server.";
  if (status === 404 && json?.error === "not_found") return "It does not exist any more.";
  if (status === 404) return OFF;
  if (status === 429) return `Too many wrong tokens came from your network. ${wait}`;
  // The sentences of the server end with when to try again.
  if (status === 503) return `${sentence.split(";")[0]}. ${wait}`;
  return `${sentence}.`;
}
