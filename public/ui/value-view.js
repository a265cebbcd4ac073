// A value of JSON, for reading.

import { el } from "./dom.js";

export function valueView(value) {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
    return el("ul", { class: "tokens" }, value.map((one) => el("li", {}, el("code", {}, String(one)))));
  }
  if (typeof value === "string") return el("code", { class: "value" }, value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return el("code", { class: "value" }, JSON.stringify(value));
}
