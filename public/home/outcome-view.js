// The server's changes to client metadata: it may narrow, leave out and fill in (RFC 7591 section 3.2.1).

import { el } from "../ui/dom.js";
import { ASSIGNED } from "./clients.js";

/** The changed, ignored and filled-in members, as lists of `[member, value]`. */
export function compare(sent, registered) {
  const members = (object) => Object.entries(object).filter(([name]) => name !== "client_id" && !ASSIGNED.includes(name));
  const same = (name) => JSON.stringify(sent[name]) === JSON.stringify(registered[name]);
  return {
    changed: members(registered).filter(([name]) => Object.hasOwn(sent, name) && !same(name)),
    ignored: members(sent).filter(([name]) => !Object.hasOwn(registered, name)),
    // Flags that were not set say little.
    filledIn: members(registered).filter(([name, value]) => !Object.hasOwn(sent, name) && value !== false),
  };
}

/** `registered` can have notes about a software statement, which are no members. */
export function outcomeView(sent, { software_statement_notes: notes = [], ...registered }) {
  const { changed, ignored, filledIn } = compare(sent, registered);
  const line = (title, members) =>
    members.length === 0 ? [] : [el("dt", {}, title), el("dd", {}, el("ul", { class: "tokens" }, members.map(token)))];
  const lines = [line("Changed to", changed), line("Ignored", ignored), line("Filled in", filledIn)].flat();
  const kept = changed.length + ignored.length === 0 ? "The server accepted everything unchanged." : undefined;
  const text = kept && el("p", { class: "hint" }, kept);
  return el("div", { class: "outcome" }, el("h3", {}, "What the server changed"), text, el("dl", {}, lines), statementView(notes));
}

/** What a software statement has changed. */
function statementView(notes) {
  if (notes.length === 0) return undefined;
  const lines = notes.map(({ message }) => el("li", {}, message));
  return el("div", {}, el("h3", {}, "What the software statement changed"), el("ul", {}, lines));
}

const token = ([name, value]) =>
  el("li", {}, el("code", {}, el("b", {}, name), ` ${typeof value === "string" ? value : JSON.stringify(value)}`));
