// Registrations per day: a picture, and the same as a table.

import { el } from "../ui/dom.js";
import { DAYS } from "./figures.js";

const WIDTH = 20;
const GAP = 4;
const HEIGHT = 100;

const svg = (name, attributes, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children.flat());
  return node;
};

const dateOf = ({ start }) => new Date(start * 1000).toISOString().slice(0, 10);
const short = ({ start }) =>
  new Date(start * 1000).toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

/** Without `uses`, nothing is known of them. */
export function chartView({ days }, uses) {
  const most = Math.max(...days.map(({ registered }) => registered));
  const sum = days.reduce((total, { registered }) => total + registered, 0);
  const described = `${sum.toLocaleString()} in all, at most ${most.toLocaleString()} a day; a table with the numbers follows`;
  const part = (kind, ...texts) => el("p", { class: kind, "aria-hidden": "true" }, texts.map((text) => el("span", {}, text)));
  return [
    el("h3", {}, `Registered per day, the last ${DAYS} days`),
    legend(uses),
    el(
      "div",
      { class: "plot" },
      part("axis", most.toLocaleString(), "0"),
      picture(days, most, described, uses),
      part("dates", short(days[0]), short(days.at(-1))),
    ),
    el("details", {}, el("summary", {}, "The same as a table"), numbers(days, uses)),
  ];
}

function picture(days, most, described, uses) {
  const scale = most === 0 ? 0 : HEIGHT / most;
  const bars = days.map((day, at) => {
    const used = (day.registered - day.neverUsed) * scale;
    const never = day.neverUsed * scale;
    const bar = (kind, y, height) => svg("rect", { class: kind, x: at * WIDTH + GAP / 2, y, width: WIDTH - GAP, height });
    const unused = uses ? `, of them never used ${day.neverUsed}` : "";
    const title = svg("title", {}, `${dateOf(day)}: ${day.registered}${unused}`);
    return svg("g", {}, title, bar("never", HEIGHT - used - never, never), bar("used", HEIGHT - used, used));
  });
  const label = `Registrations per day: ${described}.`;
  // The bars are stretched to the width there is; nothing in them would look wrong for it.
  const box = { viewBox: `0 0 ${DAYS * WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" };
  return svg("svg", { role: "img", "aria-label": label, ...box }, bars);
}

const legend = (uses) =>
  el(
    "ul",
    { class: "legend", "aria-hidden": "true" },
    el("li", {}, el("span", { class: "swatch used" }), uses ? "used since" : "registered; uses are not recorded"),
    uses ? el("li", {}, el("span", { class: "swatch never" }), "never used") : [],
  );

function numbers(days, uses) {
  const heading = (text) => el("th", { scope: "col" }, text);
  const rows = days.filter(({ registered }) => registered > 0).reverse();
  const numbers = (day) => (uses ? [day.registered, day.neverUsed] : [day.registered]);
  const cells = (day) => numbers(day).map((number) => el("td", {}, number.toLocaleString()));
  const row = (day) => el("tr", {}, el("th", { scope: "row" }, dateOf(day)), cells(day));
  return el(
    "table",
    { class: "numbers" },
    el("caption", {}, "Days (UTC) on which clients registered"),
    el("thead", {}, el("tr", {}, heading("Day"), heading("Registered"), uses ? heading("Never used") : [])),
    el("tbody", {}, rows.map(row)),
  );
}
