// Says something to those who hear a page instead of seeing it: in the element with the id `announcement`, or in
// one of the open dialog with that `data-role`, because all around a dialog is silent.

import { byId } from "./dom.js";

export function announce(text) {
  const place = document.querySelector('dialog:modal [data-role="announcement"]') ?? byId("announcement");
  place.textContent = text;
}
