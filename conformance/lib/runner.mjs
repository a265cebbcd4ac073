// Runs cases against a target: each step in turn, until one has a response that is not acceptable.

import { appearance } from "./authorize.mjs";
import { compare, inapplicable } from "./expect.mjs";
import { randomBytes } from "node:crypto";
import { missingNeed } from "./needs.mjs";
import { requestOf } from "./steps.mjs";
import { fill } from "./template.mjs";

/**
 * Runs all cases, `parallel` at a time; those of serial files one after another. `progress` is called with each result.
 * Returns the results in the order of the cases.
 */
export async function runCases(cases, { parallel = 1, progress = () => {}, ...context }) {
  const results = [];
  const queue = queueOf(cases);
  const worker = async () => {
    while (queue.length > 0) {
      for (const at of queue.shift()) {
        results[at] = await new CaseRun(cases[at], context).run();
        progress(results[at], results.filter(Boolean).length, cases.length);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallel) }, worker));
  return results;
}

/** Lists of the places of cases: the cases of a list run one after another. The serial ones come first, because they take longest. */
function queueOf(cases) {
  const places = cases.map((_, at) => at);
  const serial = places.filter((at) => cases[at].serial);
  return [serial, ...places.filter((at) => !cases[at].serial).map((at) => [at])];
}

/** Kinds of steps whose response is a new client. */
const REGISTERS = ["register", "send", "post"];

class CaseRun {
  exchanges = [];
  /** Clients that were registered: the latest token of each, by its URI. */
  #registered = new Map();
  #unmanaged = 0;

  constructor(one, context) {
    Object.assign(this, { case: one, ...context });
    // `unique` differs in each case, so that documents of different cases have paths of their own.
    this.scope = { ...context.target.scope(), values: context.values, unique: randomBytes(6).toString("hex") };
  }

  async run() {
    const { id, group, level, source, sentence, needs, steps } = this.case;
    const result = { id, group, level, source, sentence, outcome: "passed" };
    const started = Date.now();
    const missing = missingNeed(needs, this.target);
    try {
      if (missing) Object.assign(result, { outcome: "skipped", reason: missing });
      else for (const step of steps) if (!(await this.#step(step, result))) break;
    } catch (error) {
      Object.assign(result, { outcome: "failed", reason: `no response: ${error.message || error.code}`, exchanges: this.exchanges });
    }
    await this.#cleanUp();
    return { ...result, milliseconds: Date.now() - started, left: this.#registered.size + this.#unmanaged };
  }

  /** Whether the case goes on after this step. */
  async #step(step, result) {
    if (step.publish) return this.#publish(fill(step.publish, this.scope));
    const context = { target: this.target, scope: this.scope };
    const { kind, step: filled, sent, ...request } = requestOf(step, context);
    const response = await this.#send(request, kind, filled);
    // An expectation sees what was saved before this step: a read is compared with the registration, not with itself.
    this.scope = { ...this.scope, sent, response: response.json, headers: response.headers };
    const found = step.expect && compare(response, step.expect, this.named, this.scope);
    if (!found) {
      this.#save(kind, filled, response.json);
      return true;
    }
    const reason = inapplicable(response, step.unless, this.named, this.scope);
    if (reason) Object.assign(result, { outcome: "skipped", reason });
    else Object.assign(result, { outcome: "failed", reason: found[0].join("; "), differences: found, exchanges: this.exchanges });
    return false;
  }

  async #send(request, kind, step) {
    const entry = { request };
    this.exchanges.push(entry);
    const { response } = await this.target.http.send(request);
    entry.response = { status: response.status, headers: response.headers, text: response.text };
    if (kind === "authorize") {
      const seen = appearance(response, step.authorize.redirect_uri);
      response.outcome = seen === this.target.oracle ? "accepted" : "rejected";
      response.fetches = step.path && this.documents?.fetches(step.path);
      entry.response.note = `${response.outcome}: "${seen}"; a known client gets "${this.target.oracle}"`;
    }
    this.#track(kind, request, response);
    return response;
  }

  /** Saves the response of a registration, or of a step with a name. A read or an update renews its client. */
  #save(kind, step, json) {
    const managed = (kind === "update" || kind === "read") && step[kind];
    if (managed && json?.client_id === this.scope[managed]?.client_id) this.scope[managed] = { ...this.scope[managed], ...json };
    if (step.as || REGISTERS.includes(kind)) this.scope[step.as ?? "client"] = json;
  }

  #track(kind, request, { status, json }) {
    const { client_id, registration_client_uri: uri, registration_access_token: token } = json ?? {};
    if (kind === "delete" && status === 204) this.#registered.delete(request.url);
    else if (status >= 200 && status < 300 && typeof client_id === "string" && ["POST", "PUT", "GET"].includes(request.method)) {
      if (typeof uri === "string" && typeof token === "string") this.#registered.set(uri, token);
      else if (request.method === "POST") this.#unmanaged += 1;
    }
  }

  /** Publishes a document for the rest of the case. */
  #publish({ path, document, text, ...answer }) {
    const headers = { "content-type": "application/json", ...answer.headers };
    this.documents.publish(path, { ...answer, headers, body: text ?? JSON.stringify(document) });
    return true;
  }

  async #cleanUp() {
    for (const [uri, token] of this.#registered) {
      try {
        const removed = await this.target.remove({ registration_client_uri: uri, registration_access_token: token });
        if (removed) this.#registered.delete(uri);
      } catch {
        // The report counts the clients that are left.
      }
    }
  }
}
