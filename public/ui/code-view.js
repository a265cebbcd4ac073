// A block of text with its buttons: copy, and reveal for each secret in it.

import { copyButton } from "./copy.js";
import { el } from "./dom.js";
import { revealButton } from "./secret.js";

/** `write` gets the set of the names of revealed secrets, and returns the text. It copies what it shows. */
export function codeView({ title, level = "h3", secrets = [], write }) {
  const revealed = new Set();
  const shown = el("pre", {}, el("code"));
  const show = () => (shown.firstChild.textContent = write(revealed));
  const toggle = (name) => (pressed) => {
    if (pressed) revealed.add(name);
    else revealed.delete(name);
    show();
  };
  show();
  const reveals = secrets.map(({ name }) => revealButton(name, toggle(name)));
  const tools = el("div", { class: "tools" }, reveals, copyButton(() => shown.textContent, title));
  return el("div", { class: "code-view" }, el("div", { class: "bar" }, el(level, {}, title), tools), shown);
}
