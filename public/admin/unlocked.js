// The content of the page while it is unlocked.

import { byId } from "../ui/dom.js";
import { Approvals } from "./approvals.js";
import { ClientList } from "./client-list.js";
import { Documents } from "./documents.js";
import { Overview } from "./overview.js";
import { Rejections } from "./rejections.js";
import { Tokens } from "./tokens.js";

/** `supported` is the discovery document, if it can be read. */
export function showContent(operator, supported = {}) {
  const overview = new Overview();
  const list = new ClientList(operator, supported, (state) => overview.show(state));
  byId("load-all").addEventListener("click", () => list.load({ all: true }));
  list.search({});
  new Approvals(operator, (id) => list.open(id)).list();
  new Tokens(operator).list();
  new Documents(operator).list();
  new Rejections(operator).list();
}
