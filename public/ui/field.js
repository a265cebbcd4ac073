// One field: its label, hint and errors, in step with its member of the draft.

import { attribute, el } from "./dom.js";
import { FITS } from "./fields.js";

const UNFIT = "This field cannot show the value: edit it as JSON.";

export class Field {
  constructor(definition, draft, metadata) {
    this.definition = definition;
    const { member, kind, hint, supported } = definition;
    this.id = `field-${member}`;
    this.unfit = el("span", { hidden: true }, ` ${UNFIT}`);
    const known = kind === "text" && metadata[supported] ? ` Supported: ${metadata[supported].join(" ")}.` : "";
    this.helped = Boolean(hint || known);
    this.hint = el("p", { class: "hint", id: `${this.id}-hint`, hidden: !this.helped }, (hint ?? "") + known, this.unfit);
    this.errors = el("ul", { class: "errors", id: `${this.id}-errors`, hidden: true });
    this.control = CONTROLS[kind](this, { ...definition, values: definition.values ?? metadata[supported] ?? [] });
    this.control.onedit = (value) => draft.set(member, value, this);
    const name = [definition.label, " ", el("code", {}, member)];
    const grouped = kind === "choices";
    const label = grouped ? el("legend", {}, name) : el("label", { for: this.id }, name);
    this.node = el(grouped ? "fieldset" : "div", { class: "field", tabindex: "-1" }, label, this.control.node, this.hint, this.errors);
    this.described = grouped ? this.node : this.control.node;
    this.describe();
    draft.addEventListener("change", ({ detail }) => detail.source !== this && this.show(draft.metadata[member]));
  }

  get member() {
    return this.definition.member;
  }

  show(value) {
    const fits = value === undefined || FITS[this.definition.kind](value);
    this.unfit.hidden = fits;
    this.hint.hidden = fits && !this.helped;
    this.describe();
    this.control.show(fits ? value : undefined);
    this.control.disable(!fits);
    this.mark();
  }

  /** Shows what is wrong with the member; with an empty list, nothing is. */
  complain(messages) {
    this.errors.replaceChildren(...messages.map((message) => el("li", {}, message)));
    this.errors.hidden = messages.length === 0;
    this.mark();
    this.describe();
  }

  /** Inputs may be new ones since the last time. */
  mark() {
    for (const node of this.control.inputs()) attribute(node, "aria-invalid", !this.errors.hidden && "true");
  }

  describe() {
    const ids = [this.hint, this.errors].filter((node) => !node.hidden).map(({ id }) => id);
    attribute(this.described, "aria-describedby", ids.join(" "));
  }

  focus() {
    this.node.closest("details")?.setAttribute("open", "");
    // One that cannot be edited here, or has nothing to choose from, takes the focus as a whole.
    const input = this.control.inputs().find(({ disabled }) => !disabled);
    (input ?? this.node).focus();
  }
}

const single = (node, read, show) => {
  const control = { node, inputs: () => [node], show, disable: (is) => (node.disabled = is) };
  node.addEventListener("input", () => control.onedit(read()));
  return control;
};

const plain = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };

const CONTROLS = {
  text({ id }) {
    const node = el("input", { id, type: "text", ...plain });
    return single(node, () => node.value || undefined, (value = "") => (node.value = value));
  },

  lines({ id }) {
    const node = el("textarea", { id, rows: 3, ...plain });
    const lines = () => node.value.split("\n").filter((line) => line !== "");
    return single(node, () => (lines().length > 0 ? lines() : undefined), (value = []) => (node.value = value.join("\n")));
  },

  choice({ id }, { values }) {
    const node = el("select", { id });
    const show = (value = "") => {
      const all = [...new Set([...values, ...(value ? [value] : [])])];
      node.replaceChildren(el("option", { value: "" }, "server default"), ...all.map((one) => el("option", {}, one)));
      node.value = value;
    };
    show();
    return single(node, () => node.value || undefined, show);
  },

  choices({ id }, { values }) {
    const node = el("div", { class: "choices" });
    let chosen = [];
    let boxes = [];
    const control = { node, inputs: () => boxes, disable: (is) => boxes.forEach((box) => (box.disabled = is)) };
    const choose = ({ target }) => {
      chosen = target.checked ? [...chosen, target.value] : chosen.filter((one) => one !== target.value);
      control.onedit(chosen.length > 0 ? chosen : undefined);
    };
    control.show = (value = []) => {
      chosen = [...value];
      const all = [...new Set([...values, ...chosen])];
      boxes = all.map((one, at) => el("input", { id: at === 0 && id, type: "checkbox", value: one, onchange: choose }));
      boxes.forEach((box) => (box.checked = chosen.includes(box.value)));
      node.replaceChildren(...boxes.map((box) => el("label", {}, box, el("code", {}, box.value))));
    };
    control.show();
    return control;
  },
};
