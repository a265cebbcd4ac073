// Elements of a page. Text becomes text nodes, so nothing that a server or a user says is read as HTML.

/** An element; attributes that begin with `on` are listeners, `true` is an empty attribute, `false` none. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** A button that does something on this page. */
export const button = (text, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, text);

/** Sets an attribute, or takes it away where there is no value. */
export function attribute(node, name, value) {
  if (value) node.setAttribute(name, value);
  else node.removeAttribute(name);
}
