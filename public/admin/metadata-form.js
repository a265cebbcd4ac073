// The form in which an operator writes client metadata: of a new client, or changes of one.

import { ask } from "../ui/ask.js";
import { alone } from "../ui/alone.js";
import { Draft } from "../ui/draft.js";
import { el } from "../ui/dom.js";
import { Field } from "../ui/field.js";
import { FIELDS } from "../ui/fields.js";
import { placeProblems } from "../ui/problems.js";
import { reveal } from "../ui/reveal.js";
import { explain } from "./operator.js";

/**
 * The form. `supported` is the discovery document, `start` the metadata at first, and `action` the text of the button.
 * `send` gets the metadata that differ from `start` (null for a member that was removed) and whether policies are
 * overridden; it returns the answer, and `done` gets that once it is ok.
 */
export function metadataForm({ supported, start, action, send, done }) {
  const draft = new Draft();
  const fields = FIELDS.map((definition) => new Field(definition, draft, supported));
  draft.replace(start);
  const summary = el("div", { class: "summary", role: "alert" });
  const status = el("p", { class: "status", role: "status" });
  const say = (text) => {
    status.textContent = text;
    reveal(status);
  };
  const submit = alone(async () => {
    const metadata = changes(start, draft.metadata);
    say("Waiting for the server.");
    let answer = await send(metadata, false);
    const problems = answer.json?.errors ?? [];
    if (answer.status === 409) {
      say("");
      if (!(await overrides(problems))) return;
      answer = await send(metadata, true);
    }
    placeProblems(answer.ok ? [] : (answer.json?.errors ?? []), fields, summary);
    say(answer.ok ? "" : explain(answer));
    if (answer.ok) done(answer);
    else if (summary.textContent) reveal(summary);
  });
  const [usual, more] = [false, true].map((is) => fields.filter(({ definition }) => Boolean(definition.more) === is));
  return el(
    "form",
    { novalidate: true, onsubmit: (event) => (event.preventDefault(), submit()) },
    el("div", { class: "fields" }, usual.map(({ node }) => node)),
    el(
      "details",
      {},
      el("summary", {}, "More about the client"),
      el("div", { class: "fields" }, more.map(({ node }) => node)),
    ),
    summary,
    el("div", { class: "tools" }, el("button", { type: "submit", class: "primary" }, action)),
    status,
  );
}

/** What differs; a member that is gone is null. */
export function changes(before, after) {
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value));
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return Object.fromEntries([...changed, ...gone.map((name) => [name, null])]);
}

const overrides = (problems) =>
  ask({
    title: "Override the policy?",
    text: "Your policy does not allow this. If you override it, the record of the client says so.",
    content: [el("ul", { class: "examples" }, problems.map(({ message, rule }) => el("li", {}, `${message} [${rule}]`)))],
    action: "Override the policy",
  });
