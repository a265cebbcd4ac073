// The content of the page while it is unlocked.

import { byId } from "../ui/dom.js";
import { ClientList } from "./client-list.js";
import { Overview } from "./overview.js";
import { Tokens } from "./tokens.js";

export function showContent(operator) {
  const overview = new Overview();
  const list = new ClientList(operator, (state) => overview.show(state));
  byId("load-all").addEventListener("click", () => list.load({ all: true }));
  list.search({});
  new Tokens(operator).list();
}
