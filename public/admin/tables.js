// Clients and tokens as tables. Where it is narrow, rows become cards: then each cell says what it is, and
// the roles are said too, because browsers take them from the layout.

import { button, el } from "../ui/dom.js";
import { time } from "../ui/time.js";

/** `columns` are headings; `rows` are lists of cells, the first of which heads its row. */
export function table(caption, columns, rows) {
  const headings = columns.map((text) => el("th", { scope: "col", role: "columnheader" }, text));
  const cell = (content, at) =>
    at === 0
      ? el("th", { scope: "row", role: "rowheader" }, content)
      : el("td", { role: "cell", "data-label": columns[at] }, el("span", {}, content));
  return el(
    "table",
    { class: "cards", role: "table" },
    el("caption", { class: "visually-hidden" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, headings)),
    el("tbody", { role: "rowgroup" }, rows.map((cells) => el("tr", { role: "row" }, cells.map(cell)))),
  );
}

const none = (text) => el("span", { class: "none" }, text);
const when = (seconds) => (seconds === undefined ? none("never") : time(seconds));

/** When a client was last used. That it never was is certain only if its uses are recorded since it registered. */
export function lastUsed({ issued_at, last_used, uses_recorded_since: since }) {
  if (since === undefined) return none("not recorded");
  if (last_used !== undefined) return time(last_used);
  return since <= issued_at ? none("never") : el("span", { class: "none" }, "not since ", time(since));
}

/** `open` is called with the identifier of a client that is to be looked at. */
export function clientTable(clients, open) {
  const columns = ["Client", "Registered", "Last used", "Expires", "Vouched for by", "State"];
  return table("Clients", columns, clients.map((client) => row(client, open)));
}

/** How often a shared client was requested, as far as the server could tell. */
const sharing = ({ requests }) =>
  requests === undefined ? "shared" : `shared: about ${requests.toLocaleString()} ${requests === 1 ? "request" : "requests"}`;

function row(client, open) {
  const { client_id: id, client_name: name } = client;
  const opener = button(name ?? "without a name", () => open(id), { class: "name", id: `open-${id}` });
  const head = [opener, el("code", { class: "value" }, id)];
  // Stored before lists told anything else.
  if (client.issued_at === undefined) return [head, ...Array.from({ length: 5 }, () => none("unknown"))];
  const voucher = client.statement_issuer ?? client.initial_access_token ?? (client.self_asserted ? none("nobody") : "the operator");
  const status = client.disabled_at ? "disabled" : client.rejected_at ? "rejected" : client.pending_since ? "pending" : "active";
  const mark = status === "active" ? status : el("span", { class: "mark off" }, status);
  const state = client.shared ? [mark, " ", none(sharing(client))] : mark;
  return [head, time(client.issued_at), lastUsed(client), when(client.expires_at), voucher, state];
}

/** Counts of rejections. */
export function rejectionTable(rejections) {
  const rows = rejections.map(({ rule, member, count, first_at: first, last_at: last }) => [
    el("code", {}, rule),
    member === "-" ? none("the request") : el("code", {}, member),
    count.toLocaleString(),
    time(first),
    time(last),
  ]);
  return table("Recent rejections", ["Rule", "Member", "How often", "First", "Last"], rows);
}

/** Metadata documents, with the `actions` for each; those without a copy only have a decision. */
export function documentTable(documents) {
  const rows = documents.map((one) => [
    [el("span", {}, one.client_name ?? "without a name"), el("code", { class: "value" }, one.client_id)],
    one.source ?? none("no copy"),
    one.last_used === undefined ? none("unknown") : time(one.last_used),
    one.version ? el("code", { title: one.version }, one.version.slice(0, 8)) : none("none"),
    one.blocked_at ? el("span", { class: "mark off" }, "blocked") : one.pinned_at ? "pinned" : none("none"),
    one.actions,
  ]);
  return table("Metadata documents", ["Document", "Source", "Last used", "Version", "Decision", "Actions"], rows);
}

/** `revoke` is called with a token. */
export function tokenTable(tokens, revoke) {
  const rows = tokens.map((token) => {
    const { id, label, used, uses, expires_at: expires, policy } = token;
    const rules = Object.keys(policy).length > 0 ? el("code", { class: "value" }, JSON.stringify(policy)) : none("none");
    const end = button("Revoke", () => revoke(token), { class: "small danger" });
    end.append(el("span", { class: "visually-hidden" }, ` ${label || id}`));
    const head = [el("span", {}, label || "without a label"), el("code", { class: "value" }, id)];
    return [head, `${used} of ${uses}`, time(expires), rules, end];
  });
  return table("Valid tokens", ["Token", "Used", "Expires", "Policy", "Action"], rows);
}
