// The client metadata that are being written: one object behind the fields and the JSON editor.

export class Draft extends EventTarget {
  #metadata = {};

  get metadata() {
    return this.#metadata;
  }

  /** Replaces everything. `source` is the view that did it, and is not notified. */
  replace(metadata, source) {
    this.#metadata = structuredClone(metadata);
    this.#changed(source);
  }

  /** Sets one member; without a value it is left out. */
  set(member, value, source) {
    const metadata = { ...this.#metadata };
    if (value === undefined) delete metadata[member];
    else metadata[member] = value;
    this.#metadata = metadata;
    this.#changed(source);
  }

  #changed(source) {
    this.dispatchEvent(new CustomEvent("change", { detail: { source } }));
  }
}
