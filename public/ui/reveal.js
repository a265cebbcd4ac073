// Brings what a page says into view: on a phone, the place for it may be far from the button that was pressed.

/** Scrolls `node` into the window, unless it is there already or empty. */
export function reveal(node) {
  if (node.textContent !== "") node.scrollIntoView({ block: "nearest" });
}
