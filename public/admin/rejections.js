// Recent rejections of registrations and updates: which rule, which member, how often.

import { byId } from "../ui/dom.js";
import { explain } from "./operator.js";
import { rejectionTable } from "./tables.js";

export class Rejections {
  constructor(operator) {
    this.operator = operator;
    this.place = byId("rejection-list");
    this.status = byId("rejections-status");
    byId("refresh-rejections").addEventListener("click", () => this.list());
  }

  async list() {
    this.status.textContent = "Loading.";
    const answer = await this.operator.call("GET", "/rejections");
    if (!answer.ok) {
      this.status.textContent = explain(answer);
      return;
    }
    const { rejections } = answer.json;
    this.status.textContent = rejections.length > 0 ? "" : "None in the last week.";
    this.place.replaceChildren(...(rejections.length > 0 ? [rejectionTable(rejections)] : []));
  }
}
