// Initial access tokens (docs/gate.md): made, listed, revoked.

import { byId } from "../ui/dom.js";
import { seconds } from "./age.js";
import { alone } from "../ui/alone.js";
import { ask } from "../ui/ask.js";
import { reveal } from "../ui/reveal.js";
import { explain } from "./operator.js";
import { once } from "./rotation.js";
import { tokenTable } from "./tables.js";

const PATH = "/initial-access-tokens";

export class Tokens {
  #run = 0;

  constructor(operator) {
    this.operator = operator;
    this.form = byId("mint");
    this.status = byId("tokens-status");
    this.minted = byId("minted");
    this.place = byId("token-list");
    this.title = byId("tokens-title");
    const mint = alone(() => this.#mint());
    this.form.addEventListener("submit", (event) => (event.preventDefault(), mint()));
  }

  async list() {
    const run = (this.#run += 1);
    const answer = await this.operator.call("GET", PATH);
    // A later list may have come before.
    if (run !== this.#run) return;
    if (!answer.ok) return this.#say(explain(answer));
    const tokens = answer.json.initial_access_tokens.sort((a, b) => b.created_at - a.created_at);
    this.place.replaceChildren(
      ...(tokens.length > 0 ? [tokenTable(tokens, (token) => this.#revoke(token))] : ["There are no valid tokens."]),
    );
  }

  async #mint() {
    const { body, problem, at } = this.#wanted();
    if (problem) {
      byId(at).closest("details")?.setAttribute("open", "");
      byId(at).focus();
      return this.#say(problem);
    }
    this.#say("Waiting for the server.");
    const answer = await this.operator.call("POST", PATH, body);
    if (!answer.ok) return this.#say(explain(answer));
    const { initial_access_token: value, id, label } = answer.json;
    this.form.reset();
    this.minted.replaceChildren(...once({ name: "initial_access_token", value }));
    this.#say(`Made ${label || id}.`);
    this.minted.firstChild.focus();
    await this.list();
  }

  /** The body of the request; or a `problem` with the field that is `at`. The server looks at the rest. */
  #wanted() {
    const value = (name) => byId(name).value.trim();
    const [label, uses, expires, policy] = ["label", "uses", "expires", "policy"].map(value);
    if (!/^[1-9]\d{0,6}$/.test(uses)) return { at: "uses", problem: "Uses: write a whole number, at least 1." };
    if (!seconds(expires)) return { at: "expires", problem: "Expires in: write it like 30m, 12h or 7d." };
    const body = { uses: Number(uses), expires_in: seconds(expires), ...(label && { label }) };
    if (!policy) return { body };
    try {
      return { body: { ...body, policy: JSON.parse(policy) } };
    } catch (error) {
      return { at: "policy", problem: `The policy is not JSON: ${error.message}.` };
    }
  }

  async #revoke({ id, label }) {
    const wanted = await ask({
      title: `Revoke ${label || id}?`,
      text: "It can no longer be used to register. Clients that were registered with it stay.",
      action: "Revoke this token",
    });
    if (!wanted) return;
    const answer = await this.operator.call("DELETE", `${PATH}/${encodeURIComponent(id)}`);
    await this.list();
    this.#say(answer.ok ? `${label || id} is revoked.` : explain(answer));
    this.title.focus();
  }

  #say(text) {
    this.status.textContent = text;
    reveal(this.status);
  }
}
