// Copy buttons.

import { announce } from "./announce.js";
import { button, el } from "./dom.js";

const SHOWN_MS = 2000;

/** A button that copies what `text()` returns at that moment. */
export function copyButton(text, what) {
  const word = el("span", {}, "Copy");
  const copy = async () => {
    const copied = await write(text());
    word.textContent = copied ? "Copied" : "Not copied";
    announce(copied ? `Copied ${what}` : `${what} could not be copied`);
    setTimeout(() => (word.textContent = "Copy"), SHOWN_MS);
  };
  const node = button("", copy, { class: "small" });
  node.append(word, el("span", { class: "visually-hidden" }, ` ${what}`));
  return node;
}

/** Browsers have no clipboard on plain http, save on the machine itself. */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
