// The link to the server's own documentation, which its operator publishes (RFC 8414 §2, service_documentation).

import { byId } from "./dom.js";

/** Shows the link in the footer where the server names a page. */
export function showDocumentation({ service_documentation: url } = {}) {
  if (!URL.canParse(url) || !["https:", "http:"].includes(new URL(url).protocol)) return;
  const item = byId("documentation");
  item.firstElementChild.href = url;
  item.hidden = false;
}
