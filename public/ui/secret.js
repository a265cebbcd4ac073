// Values that are not shown until the user asks for them. Until then they are nowhere in the document.

import { copyButton } from "./copy.js";
import { el, button } from "./dom.js";

export const MASK = "\u2022".repeat(8);

/** The members of requests and answers that are secret. */
const MEMBERS = ["client_secret", "registration_access_token", "initial_access_token"];

/** The secrets in a JSON object, as `{ name, value }`. */
export function secretsIn(object) {
  if (typeof object !== "object" || object === null) return [];
  return MEMBERS.filter((name) => typeof object[name] === "string" && object[name] !== "").map((name) => ({
    name,
    value: object[name],
  }));
}

/** Cuts `text` at every secret: an array of strings and of secrets. */
export function cut(text, secrets) {
  // In JSON it may stand escaped.
  const written = ({ name, value }) => [{ name, value: JSON.stringify(value).slice(1, -1) }, { name, value }];
  return secrets
    .flatMap(written)
    .reduce((parts, one) => parts.flatMap((part) => (typeof part === "string" ? cutAt(part, one) : [part])), [text]);
}

const cutAt = (text, secret) =>
  text.split(secret.value).flatMap((piece, at) => (at === 0 ? [piece] : [secret, piece]));

/** A toggle; `onchange` gets whether it is pressed now. Beside the value itself, `brief` shows no name. */
export function revealButton(name, onchange, { brief = false } = {}) {
  const toggle = () => {
    const pressed = node.getAttribute("aria-pressed") !== "true";
    node.setAttribute("aria-pressed", String(pressed));
    onchange(pressed);
  };
  const node = button("Reveal ", toggle, { class: "small", "aria-pressed": "false" });
  node.append(el("span", brief ? { class: "visually-hidden" } : {}, name));
  return node;
}

/** One secret with its buttons. It can be copied without being shown. */
export function secretValue({ name, value }) {
  const shown = el("code", { class: "value" }, MASK);
  const reveal = revealButton(name, (pressed) => (shown.textContent = pressed ? value : MASK), { brief: true });
  return el("span", { class: "secret" }, shown, el("span", { class: "tools" }, reveal, copyButton(() => value, name)));
}
