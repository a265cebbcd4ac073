// The part of a client's dialog in which it gets a new credential, which is shown there once.

import { el } from "../ui/dom.js";
import { secretValue } from "../ui/secret.js";
import { alone } from "../ui/alone.js";

/** `rotate` gets the credential and whether the former one is kept; it resolves to the new `{ name, value }`. */
export function rotation({ metadata }, rotate) {
  const choices = ["registration_access_token"];
  // A client without a secret cannot get a new one.
  if (metadata?.client_secret_expires_at !== undefined) choices.unshift("client_secret");
  const radios = choices.map((value, at) => el("input", { type: "radio", name: "credential", value, checked: at === 0 }));
  const keep = el("input", { type: "checkbox" });
  const place = el("div", { class: "once" });
  const send = alone(async () => {
    const fresh = await rotate(radios.find(({ checked }) => checked).value, keep.checked);
    if (fresh) place.replaceChildren(...once(fresh));
    place.firstChild?.focus();
  });
  const label = (input, text) => el("label", { class: "choice" }, input, text);
  return el(
    "details",
    {},
    el("summary", {}, "New credential"),
    el(
      "form",
      { onsubmit: (event) => (event.preventDefault(), send()) },
      el(
        "fieldset",
        { class: "field" },
        el("legend", {}, "Which credential"),
        radios.map((radio) => label(radio, el("code", {}, radio.value))),
      ),
      label(keep, "The old one works until it expires, or until the new one is used"),
      el("div", { class: "tools" }, el("button", { type: "submit" }, "Replace…")),
    ),
    place,
  );
}

/** A secret that is shown once, below a heading that takes the focus. */
export function once(secret) {
  const heading = el("h3", { tabindex: "-1" }, "New ", el("code", {}, secret.name));
  return [heading, secretValue(secret), el("p", { class: "hint" }, "It is not shown again.")];
}
