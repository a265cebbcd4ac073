// Deletes all clients that a filter holds for: it is tried first, shown, and asked about.

import { el } from "../ui/dom.js";
import { ask } from "../ui/ask.js";
import { explain } from "./operator.js";

const EXAMPLES = 10;
const number = (count) => (count === 1 ? "1 client" : `${count.toLocaleString()} clients`);

/** Which were deleted, and what there is to say of it. `names` are those of clients that are known by name. */
export async function deleteMany(operator, filter, names, say) {
  const tried = await eachPage(operator, { filter, dry_run: true, limit: 1000 }, (found) => {
    say(`Searching: ${number(found)} so far.`);
  });
  const { ids } = tried;
  if (tried.problem) return { deleted: new Set(), message: `Nothing was deleted. ${tried.problem}` };
  if (ids.length === 0) return { deleted: new Set(), message: "There is nothing to delete: no client matches now." };
  const wanted = await ask({
    title: `Delete ${number(ids.length)}?`,
    text: "This is permanent: their credentials stop working at once, and their identifiers are never issued again.",
    content: examples(ids, names),
    action: `Delete ${number(ids.length)}`,
  });
  if (!wanted) return { deleted: new Set(), message: "Nothing was deleted." };
  const done = await eachPage(operator, { filter, dry_run: false, limit: 200 }, (found) => {
    say(`Deleted ${number(found)} of about ${ids.length.toLocaleString()}.`);
  });
  const message = `${number(done.ids.length)} deleted.`;
  return { deleted: new Set(done.ids), message: done.problem ? `${message} Then the deletion stopped. ${done.problem}` : message };
}

async function eachPage(operator, body, progress) {
  const ids = [];
  let cursor;
  let more;
  do {
    const answer = await operator.call("POST", "/clients/delete", { ...body, ...(cursor && { cursor }) });
    if (!answer.ok) return { ids, problem: explain(answer) };
    ids.push(...answer.json.client_ids);
    progress(ids.length);
    more = answer.json.incomplete || answer.json.cursor;
    if (!answer.json.incomplete) cursor = answer.json.cursor;
  } while (more);
  return { ids };
}

function examples(ids, names) {
  const shown = ids.slice(0, EXAMPLES).map((id) => {
    const name = names.get(id);
    return el("li", {}, name ? `${name} ` : [], el("code", { class: "value" }, id));
  });
  const rest = ids.length - shown.length;
  const more = rest > 0 ? [el("p", {}, `and ${rest.toLocaleString()} more`)] : [];
  return [el("ul", { class: "examples" }, shown), ...more];
}
