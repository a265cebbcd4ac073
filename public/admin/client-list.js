// The list of clients: searched, loaded page by page, kept in step with what is done to them.

import { byId } from "../ui/dom.js";
import { alone } from "../ui/alone.js";
import { reveal } from "../ui/reveal.js";
import { deleteMany } from "./bulk.js";
import { openClient } from "./client.js";
import { Filter } from "./filter.js";
import { openNewClient } from "./new-client.js";
import { explain } from "./operator.js";
import { clientTable } from "./tables.js";

/** The most rows that are shown; all that is loaded counts. */
const MOST_ROWS = 1000;

const ORDERS = {
  newest: (a, b) => (b.issued_at ?? 0) - (a.issued_at ?? 0),
  used: (a, b) => (b.last_used ?? 0) - (a.last_used ?? 0),
  name: (a, b) => (a.client_name ?? "").localeCompare(b.client_name ?? ""),
};

export class ClientList {
  #operator;
  #supported;
  #onchange;
  #conditions = {};
  #clients = [];
  #cursor;
  #complete = false;
  #run = 0;

  /** `onchange` gets `{ clients, complete, filtered }` whenever they change. */
  constructor(operator, supported, onchange) {
    this.#operator = operator;
    this.#supported = supported;
    this.#onchange = onchange;
    this.status = byId("list-status");
    this.place = byId("list");
    this.order = byId("order");
    this.more = byId("load-more");
    this.many = byId("delete-many");
    this.title = byId("clients-title");
    new Filter((conditions) => this.search(conditions));
    this.order.addEventListener("change", () => this.#show());
    this.more.addEventListener("click", () => this.load());
    this.many.addEventListener("click", alone(() => this.#deleteMany()));
    byId("new-client").addEventListener("click", () => this.#create());
    this.open = alone((id) => this.#open(id));
  }

  search(conditions) {
    this.#conditions = conditions;
    this.#clients = [];
    this.#cursor = undefined;
    this.#complete = false;
    return this.load();
  }

  /** Loads the next page; with `all`, until there is none. A page may be empty and not the last. */
  async load({ all = false } = {}) {
    this.#run += 1;
    const run = this.#run;
    const before = this.#clients.length;
    do {
      this.status.textContent = `Loading; ${this.#clients.length} so far.`;
      const limit = all || this.#filtered ? 1000 : 100;
      const query = new URLSearchParams({ ...this.#conditions, limit, ...(this.#cursor && { cursor: this.#cursor }) });
      const answer = await this.#operator.call("GET", `/clients?${query}`);
      // Another search has begun.
      if (run !== this.#run) return;
      if (!answer.ok) {
        this.#show();
        this.status.textContent = explain(answer);
        reveal(this.status);
        return;
      }
      this.#clients.push(...answer.json.clients);
      this.#cursor = answer.json.cursor;
      this.#complete = this.#cursor === undefined;
    } while (this.#cursor && (all || this.#clients.length === before));
    this.#show();
  }

  get #filtered() {
    return Object.keys(this.#conditions).length > 0;
  }

  #show() {
    const clients = this.#clients.sort(ORDERS[this.order.value]);
    const complete = this.#complete;
    this.place.replaceChildren(clientTable(clients.slice(0, MOST_ROWS), this.open));
    this.place.hidden = clients.length === 0;
    this.status.textContent = this.#progress(clients.length, complete);
    if (complete && document.activeElement === this.more) this.title.focus();
    this.more.hidden = complete;
    this.many.hidden = !this.#filtered || clients.length === 0;
    this.#onchange({ clients, complete, filtered: this.#filtered });
  }

  #progress(count, complete) {
    if (count === 0) return this.#filtered ? "No client matches." : "No client has registered yet.";
    const clients = count === 1 ? "1 client" : `${count.toLocaleString()} clients`;
    const found = this.#filtered ? `${clients} found` : clients;
    const rows = count > MOST_ROWS ? ` The first ${MOST_ROWS.toLocaleString()} are shown.` : "";
    return `${found}${complete ? "" : " so far; there are more"}.${rows}`;
  }

  async #open(id) {
    const closed = () => (byId(`open-${id}`) ?? this.title).focus();
    const changed = (change) => {
      this.#clients = this.#clients.flatMap((one) => (one.client_id === id ? change(one) : [one]));
      this.#show();
    };
    const answer = await openClient(this.#operator, this.#supported, id, { changed, closed });
    this.status.textContent = answer.ok ? this.#progress(this.#clients.length, this.#complete) : explain(answer);
    if (!answer.ok) reveal(this.status);
  }

  #create() {
    const created = (entry) => {
      this.#clients = [entry, ...this.#clients];
      this.#show();
    };
    openNewClient(this.#operator, this.#supported, { created, closed: () => byId("new-client").focus() });
  }

  async #deleteMany() {
    const say = (text) => (this.status.textContent = text);
    const names = new Map(this.#clients.map(({ client_id, client_name }) => [client_id, client_name]));
    const { deleted, message } = await deleteMany(this.#operator, this.#conditions, names, say);
    // Lists show it a minute later.
    this.#clients = this.#clients.filter(({ client_id }) => !deleted.has(client_id));
    if (deleted.size > 0) {
      this.#show();
      this.title.focus();
    }
    say(message);
  }
}
