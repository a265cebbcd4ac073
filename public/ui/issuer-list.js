// The issuers of this host that their operator lists, as links: docs/pages.md.

import { byId, el } from "./dom.js";
import { request, send } from "./http.js";

const URL_OF_LIST = `${location.origin}/.well-known/rollcall-issuers`;

/** Fills the list. It stays hidden where the operator lists none. `current` is the identifier of the page's issuer. */
export async function listIssuers(current) {
  const answer = await send(request("GET", URL_OF_LIST));
  const issuers = (answer.ok && answer.json.issuers) || [];
  const others = issuers.filter((issuer) => issuer !== current && URL.canParse(issuer));
  byId("issuer-list").replaceChildren(...others.map(link));
  byId("issuers").hidden = others.length === 0;
}

function link(issuer) {
  const path = new URL(issuer).pathname.replace(/\/$/, "");
  const href = path ? `?issuer=${encodeURIComponent(path)}` : location.pathname;
  return el("li", {}, el("a", { href }, el("code", { class: "value" }, issuer)));
}
