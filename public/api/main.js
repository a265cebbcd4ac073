// The page at /api/: the OpenAPI document, for reading.

import { byId, el } from "../ui/dom.js";
import { request, send } from "../ui/http.js";
import { trouble } from "../ui/trouble.js";
import { groupView, groupsOf, schemasView } from "./views.js";

const answer = await send(request("GET", `${location.origin}/openapi.json`));

if (answer.ok) {
  const { info, components } = answer.json;
  byId("about").textContent = info.description;
  const groups = groupsOf(answer.json);
  byId("groups").append(...groups.map((group) => groupView(group, components)), schemasView(components));
  const sections = [...document.querySelectorAll("#groups > section")];
  byId("nav-list").append(...sections.map(({ id, firstChild }) => el("li", {}, el("a", { href: `#${id}` }, firstChild.textContent))));
  byId("nav").hidden = false;
  // The part that the address names was not there when the page was loaded.
  if (location.hash) byId(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
} else {
  byId("problem").textContent = `The OpenAPI document cannot be read. ${trouble(answer)}.`;
}
