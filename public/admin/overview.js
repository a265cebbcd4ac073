// Figures and the chart, over what is loaded; and it says over what.

import { byId, el } from "../ui/dom.js";
import { chartView } from "./chart.js";
import { DAYS, count } from "./figures.js";

export class Overview {
  constructor() {
    this.figures = byId("figures");
    this.chart = byId("chart");
    this.basis = byId("basis");
    this.loadAll = byId("load-all");
    this.title = byId("overview-title");
  }

  show({ clients, complete, filtered }) {
    const counted = count(clients, Date.now() / 1000);
    const { summarized, unsummarized, recorded, neverUsed, earlier } = counted;
    const uses = recorded > 0 || summarized === 0;
    const share = (part) => (summarized === 0 ? "" : `${Math.round((100 * part) / summarized)}\u00a0%`);
    const figure = (name, part, more) =>
      el("div", {}, el("dt", {}, name), el("dd", {}, part.toLocaleString(), more ? el("small", {}, ` ${more}`) : []));
    this.figures.replaceChildren(
      figure(complete ? "Clients" : "Clients so far", clients.length),
      uses
        ? figure("Never used", neverUsed, share(neverUsed))
        : figure("Never used", "not recorded"),
      figure("Self-asserted", counted.selfAsserted, share(counted.selfAsserted)),
      figure("Disabled", counted.disabled, share(counted.disabled)),
    );
    this.chart.replaceChildren(...chartView(counted, uses));
    const which = filtered ? "that your search found" : "of this issuer";
    const what = complete
      ? `Based on all clients ${which}: ${clients.length.toLocaleString()}.`
      : `Based on ${clients.length.toLocaleString()} loaded clients ${which}. There may be more.`;
    const before = earlier > 0 ? ` ${earlier.toLocaleString()} registered more than ${DAYS} days ago.` : "";
    const unread = ` Not counted, because the list has only their identifiers: ${unsummarized.toLocaleString()}.`;
    this.basis.textContent = what + before + (unsummarized > 0 ? unread : "");
    if (complete && document.activeElement === this.loadAll) this.title.focus();
    this.loadAll.hidden = complete;
  }
}
