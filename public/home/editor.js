// The draft as JSON.

import { attribute } from "../ui/dom.js";

export class Editor {
  /** `node` is a textarea, `error` a paragraph below it. */
  constructor({ node, error }, draft) {
    Object.assign(this, { node, error, draft });
    node.addEventListener("input", () => this.read());
    draft.addEventListener("change", ({ detail }) => detail.source !== this && this.show());
    this.show();
  }

  /** Whether what is written is an object of JSON; if not, the draft is still what was written before. */
  get valid() {
    return this.error.hidden;
  }

  show() {
    this.node.value = JSON.stringify(this.draft.metadata, null, 2);
    this.complain("");
  }

  read() {
    let metadata;
    try {
      metadata = JSON.parse(this.node.value);
    } catch (error) {
      return this.complain(`This is not JSON: ${error.message}`);
    }
    const isObject = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata);
    if (!isObject) return this.complain("Client metadata are one JSON object: { \u2026 }");
    this.complain("");
    this.draft.replace(metadata, this);
  }

  complain(message) {
    this.error.textContent = message;
    this.error.hidden = message === "";
    attribute(this.node, "aria-invalid", message && "true");
  }
}
