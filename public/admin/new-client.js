// A new client in a dialog: its metadata, and then its credentials, which are shown once.

import { button, byId, el } from "../ui/dom.js";
import { metadataForm } from "./metadata-form.js";
import { once } from "./rotation.js";

const CREDENTIALS = ["client_secret", "registration_access_token"];

/** Opens the dialog. `created` gets the entry of the list, and `closed` is called in the end. */
export function openNewClient(operator, supported, { created, closed }) {
  const title = el("h2", { id: "new-client-title", tabindex: "-1", autofocus: true }, "New client");
  const body = el("div", { class: "sheet-body" });
  const dialog = el(
    "dialog",
    { class: "sheet", "aria-labelledby": "new-client-title", onclose: () => (dialog.remove(), closed()) },
    el("div", { class: "sheet-head" }, title, button("Close", () => dialog.close())),
    body,
    el("p", { class: "visually-hidden", role: "status", "data-role": "announcement" }),
  );
  const send = (metadata, override) =>
    operator.call("POST", "/clients", { metadata, ...(override && { override_policy: true }) });
  const done = ({ json }) => {
    title.textContent = json.client_name ?? json.client_id;
    const shown = CREDENTIALS.filter((name) => json[name]);
    body.replaceChildren(
      el("p", {}, "Registered as ", el("code", { class: "value" }, json.client_id), "."),
      el("div", { class: "once" }, shown.flatMap((name) => once({ name, value: json[name] }))),
    );
    title.focus();
    const { client_id, client_name, client_id_issued_at: issued_at, token_endpoint_auth_method } = json;
    created({ client_id, client_name, issued_at, token_endpoint_auth_method, self_asserted: false });
  };
  body.append(metadataForm({ supported, start: {}, action: "Register", send, done }));
  byId("content").append(dialog);
  dialog.showModal();
}
