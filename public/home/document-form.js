// Checking a metadata document that a developer pastes. Rules that only documents have are checked here. The rules of this server are
// checked by the server, as a dry run of a registration: it fetches nothing for a stranger, so it never gets the URL.

import { byId, el } from "../ui/dom.js";
import { request, send } from "../ui/http.js";
import { reachable } from "../ui/issuer.js";
import { reveal } from "../ui/reveal.js";
import { trouble } from "../ui/trouble.js";
import { asRegistration, documentProblems, urlProblems } from "./document-rules.js";
import { examineServers } from "./document-servers.js";

/** The most bytes of a document that Rollcall reads by default (draft-02 section 8.7). */
const MOST_BYTES = 5120;

export class DocumentForm {
  #busy = false;

  /** `endpoint` is the registration endpoint. */
  constructor(endpoint) {
    this.endpoint = endpoint;
    this.url = byId("document-url");
    this.text = byId("document-text");
    this.status = byId("document-status");
  }

  start() {
    byId("document-form").addEventListener("submit", (event) => (event.preventDefault(), this.#check()));
  }

  async #check() {
    if (this.#busy) return;
    const [url, text] = [this.url.value.trim(), this.text.value];
    const { document, error } = parsed(text);
    if (!document) return this.#show(error, []);
    this.#busy = true;
    this.status.textContent = "Checking.";
    const server = await this.#dryRun(document);
    this.#busy = false;
    const bytes = new TextEncoder().encode(text).length;
    const problems = [...urlProblems(url), ...sizeProblems(bytes), ...documentProblems(document, url), ...server.problems];
    const count = problems.length === 1 ? "One problem" : `${problems.length} problems`;
    const summary = problems.length > 0 ? `${count}.` : "No problem found.";
    this.#show([summary, server.why].filter(Boolean).join(" "), outcome(problems, examineServers({ url, document, bytes })));
  }

  /** What the server says about the metadata; `why` says why it has not checked them. */
  async #dryRun(document) {
    const unchecked = (why) => ({ problems: [], why: `The rules of this server were not checked: ${why}` });
    if (!reachable(this.endpoint)) return unchecked("this page cannot call it.");
    const answer = await send(request("POST", `${this.endpoint}?dry_run=true`, { body: asRegistration(document) }));
    if (answer.ok) return { problems: [] };
    return answer.json?.errors ? { problems: answer.json.errors } : unchecked(`${trouble(answer)}.`);
  }

  #show(text, views) {
    this.status.textContent = text;
    byId("document-outcome").replaceChildren(...views);
    reveal(this.status);
  }
}

function parsed(text) {
  try {
    const document = JSON.parse(text);
    const isObject = typeof document === "object" && document !== null && !Array.isArray(document);
    return isObject ? { document } : { error: "A metadata document is one JSON object: { \u2026 }" };
  } catch (error) {
    return { error: `This is not JSON: ${error.message}` };
  }
}

const sizeProblems = (bytes) =>
  bytes > MOST_BYTES
    ? [{ member: "", rule: "document_size", message: `The document must not have more than ${MOST_BYTES} bytes`, spec: "Client ID Metadata Document draft-02 section 8.7" }]
    : [];

/** What was found, as a list of problems and a list of servers. */
function outcome(problems, servers) {
  const views = [];
  const found = problems.map(({ member, message, spec }) => el("li", {}, member ? [el("code", {}, member), " "] : [], message, ` (${spec})`));
  if (found.length > 0) views.push(el("h3", {}, "Problems"), el("ul", {}, found));
  const rejecting = servers.flatMap(({ server, reasons }) => reasons.map((reason) => el("li", {}, `${server}: ${reason}`)));
  if (rejecting.length > 0) views.push(el("h3", {}, "Servers that reject it"), el("ul", {}, rejecting));
  const others = servers.filter(({ reasons }) => reasons.length === 0).map(({ server }) => server);
  if (others.length > 0) views.push(el("p", { class: "hint" }, `No reason to reject it is known of: ${others.join(", ")}.`));
  return views;
}
