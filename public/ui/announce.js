// Says something to those who hear a page instead of seeing it: in the element with the id `announcement`.

import { byId } from "./dom.js";

export function announce(text) {
  byId("announcement").textContent = text;
}
