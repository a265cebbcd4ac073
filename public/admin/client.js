// One client in a dialog: everything that is known of it, and everything that can be done to it.

import { codeView } from "../ui/code-view.js";
import { copyButton } from "../ui/copy.js";
import { header } from "../ui/http.js";
import { button, byId, el } from "../ui/dom.js";
import { time } from "../ui/time.js";
import { reveal } from "../ui/reveal.js";
import { valueView } from "../ui/value-view.js";
import { ask } from "../ui/ask.js";
import { explain } from "./operator.js";
import { metadataForm } from "./metadata-form.js";
import { once, rotation } from "./rotation.js";
import { lastUsed } from "./tables.js";

const now = () => Math.floor(Date.now() / 1000);

/**
 * Opens the dialog, unless the client cannot be had: returns the answer. `changed` gets what makes of an entry of
 * the list what stands there now, and `closed` is called in the end.
 */
export async function openClient(operator, supported, id, { changed, closed }) {
  const answer = await operator.call("GET", `/clients/${id}`);
  if (answer.ok) new ClientDialog(operator, supported, answer, { changed, closed });
  return answer;
}

class ClientDialog {
  constructor(operator, supported, answer, { changed, closed }) {
    const known = answer.json;
    Object.assign(this, { operator, supported, known, changed, etag: header(answer, "etag") });
    this.id = known.client_id;
    this.name = known.metadata?.client_name ?? this.id;
    this.path = `/clients/${this.id}`;
    this.title = el("h2", { id: "client-title", tabindex: "-1", autofocus: true }, this.name);
    this.status = el("p", { class: "status", role: "status" });
    this.body = el("div", { class: "sheet-body" });
    const close = button("Close", () => this.dialog.close());
    this.dialog = el(
      "dialog",
      { class: "sheet", "aria-labelledby": "client-title", onclose: () => (this.dialog.remove(), closed()) },
      el("div", { class: "sheet-head" }, this.title, close),
      this.status,
      this.body,
      el("p", { class: "visually-hidden", role: "status", "data-role": "announcement" }),
    );
    // It stays as it is: a credential is shown in it once.
    this.rotation = rotation(known, (credential, keepFormer) => this.#rotate(credential, keepFormer));
    this.#show(known.status === "disabled");
    this.#open();
  }

  #open() {
    byId("content").append(this.dialog);
    this.dialog.showModal();
  }

  /** A location may show a state that is a minute old, so `disabled` is taken from what was done. */
  #show(disabled) {
    const { known } = this;
    this.switch = disabled ? button("Enable", () => this.#switch(true)) : button("Disable", () => this.#switch(false));
    this.body.replaceChildren(
      el("div", { class: "tools" }, this.switch, button("Delete…", () => this.#delete(), { class: "danger" })),
      el("dl", { class: "facts-list" }, facts(known, disabled)),
      // Nothing of a shared client can be changed, and it has no credentials.
      ...(known.shared ? [] : [this.#editing(), this.rotation]),
      el("h3", {}, "Client metadata"),
      el("dl", { class: "facts-list" }, members(known.metadata ?? {})),
      codeView({ title: "As JSON", write: () => JSON.stringify(known, null, 2) }),
    );
  }

  /** The form that edits the metadata. It is a new one after each change. */
  #editing() {
    const start = editable(this.known.metadata ?? {});
    const send = (metadata, override) => {
      const body = { metadata, ...(override && { override_policy: true }) };
      return this.operator.call("PATCH", this.path, body, this.etag);
    };
    const form = metadataForm({ supported: this.supported, start, action: "Save", send, done: ({ json }) => this.#edited(json) });
    return el("details", {}, el("summary", {}, "Edit"), form);
  }

  async #edited({ client, client_secret: value, policy_overrides: overridden = [] }) {
    const { client_name, token_endpoint_auth_method } = client.metadata;
    this.changed((entry) => [{ ...entry, client_name, token_endpoint_auth_method }]);
    this.title.textContent = client_name ?? this.id;
    await this.#refresh(client);
    const broken = overridden.length > 0 ? ` Overridden: ${overridden.join(", ")}.` : "";
    this.status.textContent = `Saved.${broken}`;
    if (value) this.body.prepend(el("div", { class: "once" }, once({ name: "client_secret", value })));
    if (!this.dialog.open) this.#open();
    this.title.focus();
  }

  /** Shows the client as it is now; `latest` if it cannot be read again. */
  async #refresh(latest) {
    const answer = await this.operator.call("GET", this.path);
    this.known = answer.ok ? answer.json : latest;
    this.etag = answer.ok ? header(answer, "etag") : undefined;
    this.rotation = rotation(this.known, (credential, keepFormer) => this.#rotate(credential, keepFormer));
    this.#show(this.known.status === "disabled");
  }

  async #call(method, path, body) {
    this.status.textContent = "Waiting for the server.";
    const answer = await this.operator.call(method, this.path + path, body);
    this.status.textContent = answer.ok ? "" : explain(answer);
    if (!answer.ok) reveal(this.status);
    return answer;
  }

  async #switch(on) {
    const { ok } = await this.#call("POST", on ? "/enable" : "/disable");
    if (!ok) return;
    this.changed(({ disabled_at, ...entry }) => [on ? entry : { ...entry, disabled_at: disabled_at ?? now() }]);
    const answer = await this.#call("GET", "");
    if (answer.ok) Object.assign(this, { known: answer.json, etag: header(answer, "etag") });
    this.#show(!on);
    const done = on ? "Enabled: its credentials work again." : "Disabled: its credentials do not work.";
    this.status.textContent = done;
    this.switch.focus();
  }

  async #delete() {
    const wanted = await ask({
      title: `Delete ${this.name}?`,
      text: "This is permanent: its credentials stop working at once, and its identifier is never issued again.",
      content: [el("p", {}, el("code", { class: "value" }, this.id))],
      action: "Delete this client",
    });
    if (!wanted || !(await this.#call("DELETE", "")).ok) return;
    this.changed(() => []);
    this.dialog.close();
    byId("list-status").textContent = `${this.name} is deleted.`;
  }

  /** Returns the new credential; undefined if there is none. */
  async #rotate(credential, keepFormer) {
    const former = keepFormer ? "The old one still works for now." : "The old one stops working at once.";
    const wanted = await ask({
      title: `A new ${credential} for ${this.name}?`,
      text: `${former} The new one is shown only once. Give it to the owner of the client.`,
      action: "Replace it",
    });
    if (!wanted) return undefined;
    const body = { credential, keep_former: keepFormer };
    const answer = await this.#call("POST", "/rotate", body);
    if (!answer.ok) return undefined;
    this.status.textContent = `This client has a new ${credential}.`;
    // The user may have moved on, but this secret is shown only now.
    if (!this.dialog.open) this.#open();
    return { name: credential, value: answer.json[credential] };
  }
}

function facts(known, disabled) {
  const { client_id: id, provenance = {} } = known;
  const { certificate } = provenance;
  const status = disabled ? "disabled" : known.status === "disabled" ? "active" : known.status;
  const state = el("span", { class: status === "active" ? "mark" : "mark off" }, status);
  const when = (seconds) => (seconds === undefined ? "never" : time(seconds));
  const copied = el("span", { class: "secret" }, el("code", { class: "value" }, id), copyButton(() => id, "identifier"));
  const shown = [
    ["State", state],
    ["Identifier", copied],
    ["Registered", time(known.issued_at)],
    ["Last used", lastUsed(known)],
    ["Updated", when(known.updated_at)],
    ["Expires", when(known.expires_at)],
    ["Disabled since", known.disabled_at && disabled ? time(known.disabled_at) : undefined],
    ["Waiting since", known.approval && time(known.approval.since)],
    ["Rejected", known.approval?.rejected_at && time(known.approval.rejected_at)],
    ["Reason", known.approval?.reason],
    ["Approved", known.approved_at && time(known.approved_at)],
    ["Shared", known.shared ? "by all that register these metadata" : undefined],
    ["Vouched for", voucher(known)],
    ["Redirect hosts", redirectHosts(known.metadata?.redirect_uris ?? [])],
    ["Certificate", certificate && certificateView(certificate)],
    ["Not verified", known.unverified?.join(", ")],
    ["Overridden rules", provenance.overridden?.join(", ")],
    ["Policy of its token", provenance.token_policy && valueView(provenance.token_policy)],
  ];
  return shown.filter(([, value]) => value !== undefined).flatMap(([name, value]) => fact(name, value));
}

/** The certificate that a client registered with, and what it is bound to. */
function certificateView({ subject_dn: subject, issuer_dn: issuer, sha256, bind }) {
  const bound = bind && `; management needs ${bind === "sha256" ? "this certificate" : "this subject and issuer"}`;
  return [`${subject}, issued by ${issuer} `, el("code", {}, sha256), bound ?? ""];
}

/** Who has vouched for a client. */
export function voucher({ self_asserted, provenance: { token, statement } = {} }) {
  if (self_asserted) return "by nobody: its name, logo and links are only its own claims";
  if (statement) return ["by a software statement of ", el("code", {}, statement.iss), statement.software_id ? [" for ", el("code", {}, statement.software_id)] : []];
  return token ? [`by the holder of ${token.label || "a token"} `, el("code", {}, token.id)] : "by the operator";
}

/** Where its users are sent: hosts, and private-use schemes. */
export function redirectHosts(uris) {
  const place = (uri) => {
    const { protocol, host } = new URL(uri);
    return ["https:", "http:"].includes(protocol) ? host : protocol;
  };
  const places = new Set(uris.filter((uri) => URL.canParse(uri)).map(place));
  return places.size > 0 ? [...places].join(", ") : undefined;
}

/** The metadata without the members that only the server assigns. */
const editable = ({ client_id, client_id_issued_at, client_secret_expires_at, ...metadata }) => metadata;

const fact = (name, value) => [el("dt", {}, name), el("dd", {}, value)];

const members = (metadata) =>
  Object.entries(metadata).flatMap(([name, value]) => fact(el("code", {}, name), valueView(value)));
