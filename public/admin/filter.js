// The form that says which clients are meant, as conditions of the API (docs/operator.md).

import { attribute, byId, el } from "../ui/dom.js";
import { ago, seconds } from "./age.js";

const AGES = [
  ["older", "Registered longer ago than", "created_before"],
  ["newer", "Registered more recently than", "created_after"],
  ["unused", "Not used for", "unused_since"],
];

/** Texts that are compared as they are: the condition, and its label. */
const TEXTS = [
  ["statement_issuer", "Software statement of the issuer"],
  ["software_id", "Software statement of the software_id"],
];

/** Selects: the condition, and what its values are called. */
const CHOICES = [
  ["never_used", "Use", { "": "any", true: "never used", false: "used" }],
  ["self_asserted", "Vouched for", { "": "any", true: "by nobody: self-asserted", false: "by somebody" }],
  ["disabled", "State", { "": "any", true: "disabled", false: "enabled" }],
  ["pending", "Approval", { "": "any", true: "waiting for approval", false: "not waiting" }],
];

export class Filter {
  /** `onapply` gets the conditions. */
  constructor(onapply) {
    this.form = byId("filter");
    this.errors = byId("filter-errors");
    byId("conditions").append(...AGES.map(ageField), ...CHOICES.map(choiceField), ...TEXTS.map(textField));
    const apply = () => {
      const conditions = this.read();
      if (conditions) onapply(conditions);
    };
    this.form.addEventListener("submit", (event) => (event.preventDefault(), apply()));
    byId("clear").addEventListener("click", () => (this.form.reset(), apply()));
  }

  /** The conditions; undefined if a field cannot be understood, which is said then. */
  read() {
    const value = (id) => this.form.elements[id].value.trim();
    const found = {};
    for (const name of ["name", "prefix", ...CHOICES.map(([name]) => name)]) {
      if (value(name)) found[name] = name === "name" || name === "prefix" ? value(name) : value(name) === "true";
    }
    for (const [id] of TEXTS) if (value(id)) found[id] = value(id);
    const wrong = AGES.filter(([id]) => value(id) && seconds(value(id)) === undefined).map(([id]) => id);
    if (!/^[\w-]*$/.test(value("prefix"))) wrong.push("prefix");
    for (const [id, , condition] of AGES) if (value(id)) found[condition] = ago(seconds(value(id)) ?? 0);
    this.#complain(wrong);
    return wrong.length === 0 ? found : undefined;
  }

  #complain(wrong) {
    const why = (id) => (id === "prefix" ? "an identifier has letters, digits, - and _" : "write it like 30m, 12h or 7d");
    const said = (id) => el("p", {}, `${this.form.elements[id].labels[0].textContent}: ${why(id)}.`);
    this.errors.replaceChildren(...wrong.map(said));
    for (const id of ["prefix", ...AGES.map(([id]) => id)]) {
      attribute(this.form.elements[id], "aria-invalid", wrong.includes(id) && "true");
    }
    if (wrong.length === 0) return;
    byId("more-conditions").open ||= wrong.some((id) => id !== "prefix");
    this.form.elements[wrong[0]].focus();
  }
}

function ageField([id, label]) {
  const described = `${id}-hint filter-errors`;
  const input = el("input", { id, name: id, type: "text", "aria-describedby": described, autocomplete: "off" });
  const hint = el("p", { class: "hint", id: `${id}-hint` }, "Like 30m, 12h or 7d.");
  return el("div", { class: "field" }, el("label", { for: id }, label), input, hint);
}

function textField([id, label]) {
  const input = el("input", { id, name: id, type: "text", autocomplete: "off" });
  return el("div", { class: "field" }, el("label", { for: id }, label), input);
}

function choiceField([id, label, values]) {
  const options = Object.entries(values).map(([value, text]) => el("option", { value }, text));
  return el("div", { class: "field" }, el("label", { for: id }, label), el("select", { id, name: id }, options));
}
