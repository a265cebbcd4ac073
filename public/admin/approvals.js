// The clients that wait for approval, with what a person needs to decide: name, hosts, who has vouched, and time.

import { ask } from "../ui/ask.js";
import { button, byId, el } from "../ui/dom.js";
import { reveal } from "../ui/reveal.js";
import { time } from "../ui/time.js";
import { redirectHosts, voucher } from "./client.js";
import { explain } from "./operator.js";

/** The most clients that are shown at once. */
const MOST = 20;

export class Approvals {
  /** `open` shows everything that is known of a client. */
  constructor(operator, open) {
    Object.assign(this, { operator, open });
    this.region = byId("approvals");
    this.title = byId("approvals-title");
    this.status = byId("approvals-status");
    this.place = byId("approval-list");
    byId("refresh-approvals").addEventListener("click", () => this.list());
  }

  /** Lists them. The region stays hidden while no client waits. */
  async list() {
    this.#say("Loading.");
    const found = [];
    let cursor;
    do {
      const query = new URLSearchParams({ pending: true, limit: 1000, ...(cursor && { cursor }) });
      const answer = await this.operator.call("GET", `/clients?${query}`);
      if (!answer.ok) return this.#fail(answer);
      found.push(...answer.json.clients);
      cursor = answer.json.cursor;
    } while (cursor && found.length < MOST);
    const answers = await Promise.all(found.slice(0, MOST).map(({ client_id }) => this.operator.call("GET", `/clients/${client_id}`)));
    // A list shows a change a minute later.
    const waiting = answers.filter(({ ok, json }) => ok && json.status === "pending").map(({ json }) => json);
    this.place.replaceChildren(...waiting.map((client) => this.#item(client)));
    this.region.hidden &&= waiting.length === 0;
    const more = found.length > MOST || cursor ? " There are more: decide about these, and refresh." : "";
    this.#say(waiting.length === 0 ? "No client waits." : `${waiting.length} waiting.${more}`);
  }

  #item(client) {
    const { client_id: id, metadata, approval } = client;
    const name = metadata.client_name ?? "without a name";
    const fact = (term, value) => [el("dt", {}, term), el("dd", {}, value)];
    const item = el(
      "li",
      {},
      el("h3", {}, button(name, () => this.open(id), { class: "name" })),
      el(
        "dl",
        { class: "facts-list" },
        fact("Redirect hosts", redirectHosts(metadata.redirect_uris ?? []) ?? "none"),
        fact("Vouched for", voucher(client)),
        fact("Registered", time(client.issued_at)),
        fact("Waiting since", time(approval.since)),
      ),
      el(
        "div",
        { class: "tools" },
        button("Approve", () => this.#approve(client, item), { class: "primary", "aria-label": `Approve ${name}` }),
        button("Reject\u2026", () => this.#reject(client, item), { class: "danger", "aria-label": `Reject ${name}` }),
      ),
    );
    return item;
  }

  async #approve({ client_id, version, metadata }, item) {
    await this.#decide(item, `/clients/${client_id}/approve`, { version }, `${metadata.client_name ?? client_id} is approved.`);
  }

  async #reject({ client_id, metadata }, item) {
    const name = metadata.client_name ?? client_id;
    const reason = el("input", { id: "reason", type: "text", maxlength: "200", autocomplete: "off" });
    const content = el("div", { class: "field" }, el("label", { for: "reason" }, "Reason, which its owner can read"), reason);
    if (!(await ask({ title: `Reject ${name}?`, text: "It cannot be used. You can approve it later.", content, action: "Reject this client" }))) return;
    if (!reason.value.trim()) return this.#say("Give a reason.");
    await this.#decide(item, `/clients/${client_id}/reject`, { reason: reason.value.trim() }, `${name} is rejected.`);
  }

  async #decide(item, path, body, done) {
    this.#say("Waiting for the server.");
    const answer = await this.operator.call("POST", path, body);
    // It has changed since it was shown: show it as it is now.
    if (answer.status === 412) {
      await this.list();
      return this.#say("It has changed. Look at it again.");
    }
    if (!answer.ok) return this.#fail(answer);
    item.remove();
    this.#say(done);
    this.title.focus();
  }

  #fail(answer) {
    this.#say(explain(answer));
    reveal(this.status);
  }

  #say(text) {
    this.status.textContent = text;
  }
}
