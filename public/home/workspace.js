// Registering, reading, updating and deleting: what each button does, and what is shown then.

import { ask } from "../ui/ask.js";
import { byId } from "../ui/dom.js";
import { header, isToken, request, send } from "../ui/http.js";
import { clientsView } from "./clients-view.js";
import { Clients, forUpdate, isManaged, tokenOf } from "./clients.js";
import { Draft } from "../ui/draft.js";
import { exchangeView } from "./exchange-view.js";
import { explain } from "./explain.js";
import { Form } from "./form.js";
import { reachable } from "../ui/issuer.js";
import { reveal } from "../ui/reveal.js";
import { PRESETS } from "./presets.js";

export class Workspace {
  #busy = false;
  #registered;
  #selected;

  constructor(metadata) {
    this.endpoint = metadata.registration_endpoint;
    this.likely = this.endpoint ?? `${metadata.issuer.replace(/\/$/, "")}/reg`;
    this.clients = new Clients(metadata.issuer);
    this.draft = new Draft();
    this.form = new Form(this.draft, metadata);
  }

  start() {
    // Text that the page itself inserts follows an exchange, which stays in view.
    this.draft.addEventListener("change", ({ detail }) => detail.source !== this && this.#preview());
    this.form.token.addEventListener("input", () => this.#preview());
    this.draft.replace(PRESETS[0].metadata);
    byId("form").addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    byId("dry-run").addEventListener("click", () => this.#register("dry run"));
    byId("new").addEventListener("click", () => this.#startNew());
    this.#limits();
    this.#list();
  }

  #submit() {
    return this.#selected ? this.#update() : this.#register("register");
  }

  async #register(action) {
    if (!this.form.ready()) return;
    const wanted = this.#registration(action);
    // A second click on Register, with nothing changed since the first one, would be a second client.
    const again = action === "register" && wanted.text === this.#registered;
    if (again && !(await this.#wantsAnother())) return;
    const answer = await this.#run(action, wanted, byId("status"));
    if (!answer?.ok || action !== "register") return;
    // A shared client is the same one each time.
    this.#registered = isManaged({ information: answer.json }) ? wanted.text : undefined;
    this.#keep(answer);
    this.#list();
  }

  #wantsAnother() {
    return ask({
      title: "Register a second client?",
      text: "A client with exactly these metadata was registered just now. This would be another one.",
      action: "Register another client",
    });
  }

  async #update() {
    if (!this.form.ready()) return;
    const id = this.#selected;
    const sent = this.draft.metadata;
    const answer = await this.#run("update", this.#replacement(), byId("status"));
    if (!answer?.ok || !this.clients.find(id)) return;
    this.#keep(answer);
    // Text that was typed meanwhile stays.
    if (id === this.#selected && sent === this.draft.metadata) this.#show(id);
    else this.#list();
  }

  async #read(id) {
    const answer = await this.#manage("read", "GET", id);
    // It may have been forgotten meanwhile.
    if (!answer?.ok || !this.clients.find(id)) return;
    this.#keep(answer);
    // An edit that went on from an older state would undo what was read.
    if (id === this.#selected) this.#show(id);
    else this.#list();
    byId(`client-${id}`).focus();
  }

  async #remove(id) {
    const wanted = await ask({
      title: `Delete ${this.#nameOf(id)}?`,
      text: "For good: its credentials end at once, and its identifier is never issued again.",
      action: "Delete this client",
    });
    // It may have been forgotten meanwhile, in another tab or by a key.
    if (!wanted || !this.clients.find(id)) return;
    const answer = await this.#manage("delete", "DELETE", id);
    if (answer?.ok) this.#forget(id);
  }

  #forget(id) {
    this.clients.forget(id);
    this.#registered = undefined;
    if (id === this.#selected) this.#show(undefined);
    this.#list();
    byId("clients-title").focus();
  }

  /** The client's details leave the exchange, which is about the next request then. */
  async #leave(id) {
    const lost = "It stays registered, but this page loses its registration access token: nobody can manage it without that.";
    const shared = "It stays registered, for all who register its metadata.";
    const wanted = await ask({
      title: `Forget ${this.#nameOf(id)}?`,
      text: isManaged(this.clients.find(id)) ? lost : shared,
      action: "Forget this client",
    });
    if (!wanted || !this.clients.find(id)) return;
    this.#forget(id);
    this.#preview();
    byId("clients-status").textContent = "Removed from this list. It is still registered.";
  }

  #nameOf(id) {
    return this.clients.find(id)?.information.client_name ?? id;
  }

  #edit(id) {
    byId("status").textContent = "";
    this.#show(id);
    this.#preview();
    byId("register-title").focus();
  }

  #startNew() {
    byId("status").textContent = "";
    this.#show(undefined);
    this.#preview();
    byId("register-title").focus();
  }

  /** Puts a client into the form; without one, the form is for a new client. */
  #show(id) {
    this.#selected = id;
    const client = id && this.clients.find(id);
    const name = client && (client.information.client_name ?? id);
    byId("register-title").textContent = client ? `Update ${name}` : "Register a client";
    byId("send").textContent = client ? "Update" : "Register";
    byId("dry-run").hidden = Boolean(client);
    byId("new").hidden = !client;
    this.form.forUpdate(Boolean(client));
    this.form.complain([]);
    this.draft.replace(client ? forUpdate(client) : PRESETS[0].metadata, this);
    this.#limits();
    this.#list();
  }

  #registration(action) {
    const url = action === "dry run" ? `${this.likely}?dry_run=true` : this.likely;
    return request("POST", url, { body: this.draft.metadata, token: this.form.initialAccessToken });
  }

  #replacement() {
    const client = this.clients.find(this.#selected);
    const { registration_client_uri: url } = client.information;
    return request("PUT", url, { body: this.draft.metadata, token: tokenOf(client), etag: client.etag });
  }

  #manage(action, method, id) {
    const client = this.clients.find(id);
    const wanted = request(method, client.information.registration_client_uri, { token: tokenOf(client) });
    return this.#run(action, wanted, byId("clients-status"));
  }

  /** Sends a request and shows the exchange; what it means is said in `status`. */
  async #run(action, wanted, status) {
    if (this.#busy) {
      return this.#stop(status, "Another request is in progress. Wait for its response.");
    }
    if (wanted.token && !isToken(wanted.token.value)) {
      return this.#stop(status, "The token has characters that are not allowed in a header.");
    }
    if (!reachable(wanted.url)) {
      byId("exchange-views").replaceChildren(...exchangeView(wanted));
      return this.#stop(status, `This page cannot call ${new URL(wanted.url).origin}. Use the curl command.`);
    }
    this.#busy = true;
    const about = this.#selected;
    status.textContent = "Sent. Waiting for the response.";
    const answer = await send(wanted);
    this.#busy = false;
    byId("exchange-views").replaceChildren(...exchangeView(wanted, answer));
    status.textContent = explain(action, answer, { body: wanted.body, withToken: Boolean(wanted.token) });
    // The form may be about another client by now.
    if (wanted.body && about === this.#selected) this.form.complain(answer.json?.errors ?? []);
    if (!answer.ok) reveal(answer.json?.errors && wanted.body ? byId("summary") : status);
    return answer;
  }

  /** Says why nothing was sent. */
  #stop(status, why) {
    status.textContent = why;
    reveal(status);
    return undefined;
  }

  #keep(answer) {
    this.clients.keep(answer.json, header(answer, "etag"));
  }

  #preview() {
    const wanted = this.#selected ? this.#replacement() : this.#registration("register");
    byId("exchange-views").replaceChildren(...exchangeView(wanted));
  }

  #limits() {
    const closed = !this.endpoint && !this.#selected;
    byId("notice").hidden = !closed;
    const why = "Registration is closed: this server\u2019s document has no registration endpoint.";
    byId("notice").textContent = closed ? why : "";
    for (const id of ["send", "dry-run"]) byId(id).disabled = closed;
  }

  #list() {
    const actions = {
      read: (id) => this.#read(id),
      edit: (id) => this.#edit(id),
      remove: (id) => this.#remove(id),
      forget: (id) => this.#leave(id),
    };
    const clients = this.clients.list();
    byId("client-list").replaceChildren(...clientsView(clients, this.#selected, actions));
    byId("no-clients").hidden = clients.length > 0;
  }
}
