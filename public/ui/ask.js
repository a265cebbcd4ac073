// A question in a dialog, before something is done that cannot be undone.

import { button, byId, el } from "./dom.js";

/** Resolves to whether `action` was chosen; Escape and Cancel leave things as they are. On the operator's page the
 * dialog is part of the content, which leaves the document when the page is locked. */
export function ask({ title, text, content = [], action }) {
  return new Promise((resolve) => {
    const named = { "aria-labelledby": "ask-title", "aria-describedby": "ask-text" };
    const onclose = () => (dialog.remove(), resolve(dialog.returnValue === "yes"));
    const dialog = el(
      "dialog",
      { class: "ask", role: "alertdialog", ...named, onclose },
      el("h2", { id: "ask-title" }, title),
      el("p", { id: "ask-text" }, text),
      content,
      el(
        "div",
        { class: "tools" },
        button(action, () => dialog.close("yes"), { class: "danger" }),
        button("Cancel", () => dialog.close("no"), { autofocus: true }),
      ),
    );
    (byId("content") ?? document.body).append(dialog);
    dialog.showModal();
  });
}
