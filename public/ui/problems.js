// The problems that a server reports (`errors` of its answer, see docs/errors.md): each at its field, the rest in a summary.

import { el } from "./dom.js";

/** The member that a JSON pointer (RFC 6901) leads into. */
export const memberOf = (pointer = "") => (pointer.split("/")[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");

/** `fields` is empty while no field can be seen: then everything is in the summary. */
export function placeProblems(problems, fields, summary) {
  const rest = problems.filter(({ member }) => !fields.some((field) => field.member === memberOf(member)));
  for (const field of fields) {
    const own = problems.filter(({ member }) => memberOf(member) === field.member);
    field.complain(own.map(({ message, rule }) => `${message} [${rule}]`));
    if (own.length > 0) field.node.closest("details")?.setAttribute("open", "");
  }
  const at = fields.filter((field) => problems.some(({ member }) => memberOf(member) === field.member));
  summary.replaceChildren(...(problems.length > 0 ? summaryOf(problems, rest, at) : []));
}

function summaryOf(problems, rest, fields) {
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  const shown = [el("p", {}, el("strong", {}, `The server found ${count}.`))];
  const items = rest.map(({ member, message, rule }) =>
    el("li", {}, member ? [el("code", {}, member), " "] : [], `${message} [${rule}]`),
  );
  const links = fields.map((field) => {
    const go = (event) => (event.preventDefault(), field.focus());
    return el("li", {}, "See ", el("a", { href: `#${field.id}`, onclick: go }, field.definition.label));
  });
  if (items.length + links.length > 0) shown.push(el("ul", {}, items, links));
  return shown;
}
