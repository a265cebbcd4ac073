// The form: presets, fields and the JSON editor over one draft, and where refusals are shown.

import { attribute, button, byId } from "../ui/dom.js";
import { revealButton } from "../ui/secret.js";
import { Editor } from "./editor.js";
import { Field } from "../ui/field.js";
import { FIELDS } from "../ui/fields.js";
import { PRESETS } from "./presets.js";
import { placeProblems } from "../ui/problems.js";

export class Form {
  #problems = [];

  constructor(draft, metadata) {
    this.draft = draft;
    this.fields = FIELDS.map((definition) => new Field(definition, draft, metadata));
    for (const { node, definition } of this.fields) byId(definition.more ? "more-fields" : "fields").append(node);
    this.editor = new Editor({ node: byId("editor"), error: byId("editor-error") }, draft);
    this.modes = [...document.querySelectorAll("input[name=mode]")];
    for (const radio of this.modes) radio.addEventListener("change", () => this.#switch());
    this.#presets();
    this.token = byId("initial-access-token");
    const show = (pressed) => (this.token.type = pressed ? "text" : "password");
    const reveal = revealButton("initial_access_token", show, { brief: true });
    this.token.after(reveal);
    this.#switch();
  }

  get #asJson() {
    return this.modes.find(({ checked }) => checked).value === "json";
  }

  /** The initial access token that was entered, if any. */
  get initialAccessToken() {
    const value = this.token.value.trim();
    return value ? { name: "initial_access_token", value } : undefined;
  }

  /** False, with the focus where it is wrong, if there is nothing that could be sent. */
  ready() {
    if (this.editor.valid) return true;
    this.editor.node.focus();
    return false;
  }

  complain(problems) {
    this.#problems = problems;
    const summary = byId("summary");
    // A hidden field must not hold an error.
    for (const field of this.fields) field.complain([]);
    placeProblems(problems, this.#asJson ? [] : this.fields, summary);
    attribute(this.editor.node, "aria-describedby", problems.length > 0 ? "editor-error summary" : "editor-error");
    if (this.editor.valid) attribute(this.editor.node, "aria-invalid", problems.length > 0 && "true");
  }

  /** Whether it is for an existing client: then there is nothing to start from, and no token to enter. */
  forUpdate(is) {
    byId("presets").hidden = is;
    byId("initial-access").hidden = is;
    byId("update-hint").hidden = !is;
  }

  #switch() {
    // Text that is not JSON has no fields, but is kept.
    if (!this.#asJson && !this.ready()) {
      this.modes.find(({ value }) => value === "json").checked = true;
      return this.editor.node.focus();
    }
    byId("by-field").hidden = this.#asJson;
    byId("by-json").hidden = !this.#asJson;
    this.complain(this.#problems);
  }

  #presets() {
    const start = (metadata) => {
      this.complain([]);
      byId("status").textContent = "";
      this.draft.replace(metadata);
    };
    const buttons = PRESETS.map(({ name, metadata }) => button(name, () => start(metadata)));
    byId("preset-buttons").append(...buttons);
    this.draft.addEventListener("change", () => {
      const same = ({ metadata }) => JSON.stringify(metadata) === JSON.stringify(this.draft.metadata);
      const at = PRESETS.findIndex(same);
      buttons.forEach((node, index) => node.setAttribute("aria-pressed", String(index === at)));
      byId("preset-about").textContent = PRESETS[at]?.about ?? "Edited.";
    });
  }
}
