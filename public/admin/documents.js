// Metadata documents: listed, fetched now, blocked and pinned. The region stays hidden where there are none and none are resolved.

import { ask } from "../ui/ask.js";
import { button, byId, el } from "../ui/dom.js";
import { reveal } from "../ui/reveal.js";
import { explain } from "./operator.js";
import { documentTable } from "./tables.js";

/** The most documents that are shown at once. */
const MOST = 1000;

export class Documents {
  constructor(operator) {
    this.operator = operator;
    this.region = byId("documents");
    this.title = byId("documents-title");
    this.status = byId("documents-status");
    this.place = byId("document-list");
    byId("refresh-documents").addEventListener("click", () => this.list());
  }

  async list() {
    this.#say("Loading.");
    const answer = await this.operator.call("GET", `/documents?limit=${MOST}`);
    if (!answer.ok) return this.#say(explain(answer));
    const { mode, documents, decisions, cursor } = answer.json;
    // A document can be blocked or pinned without a copy.
    const listed = new Set(documents.map(({ client_id }) => client_id));
    const decided = new Map(decisions.map((decision) => [decision.client_id, decision]));
    const all = [...documents, ...decisions.filter(({ client_id }) => !listed.has(client_id))];
    this.region.hidden = all.length === 0 && !["listed", "open"].includes(mode);
    const rows = all.map((one) => ({ ...one, actions: this.#actions(one.client_id, decided.get(one.client_id) ?? {}) }));
    this.place.replaceChildren(...(rows.length > 0 ? [documentTable(rows)] : []));
    this.#say(rows.length === 0 ? "No document was resolved lately." : cursor ? "There are more: use npm run admin." : "");
  }

  #actions(url, { blocked_at: blocked, pinned_at: pinned }) {
    const act = (text, run, name = "") => {
      const found = button(text, run, { class: `small ${name}` });
      found.append(el("span", { class: "visually-hidden" }, ` ${url}`));
      return found;
    };
    return el(
      "span",
      { class: "tools" },
      !blocked && act("Fetch now", () => this.#do("refresh", url, "was fetched.")),
      pinned
        ? act("Unpin", () => this.#do("unpin", url, "is not pinned."))
        : !blocked && act("Pin", () => this.#do("pin", url, "is pinned.")),
      blocked
        ? act("Unblock", () => this.#do("unblock", url, "is not blocked."))
        : act("Block\u2026", () => this.#block(url), "danger"),
    );
  }

  async #block(url) {
    const text = "Look-ups of this client are rejected everywhere within two minutes. Tokens that it has stay valid: revoke them at your authorization server.";
    if (await ask({ title: "Block this document?", text: `${url}: ${text}`, action: "Block this document" })) {
      await this.#do("block", url, "is blocked.");
    }
  }

  async #do(action, url, done) {
    this.#say("Waiting for the server.");
    const answer = await this.operator.call("POST", `/documents/${action}`, { client_id: url });
    if (answer.ok) await this.list();
    this.#say(answer.ok ? `${url} ${done}` : explain(answer));
    reveal(this.status);
    this.title.focus();
  }

  #say(text) {
    this.status.textContent = text;
  }
}
