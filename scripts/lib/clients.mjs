// Clients as the command line chooses and shows them.

import { date, seconds } from "./operator.mjs";
import { count, table } from "./terminal.mjs";

function ago(age) {
  const now = Math.floor(Date.now() / 1000);
  const time = now - seconds(age);
  // The server rejects a time that matches all clients, and cannot read a time before 1970.
  if (!(time > 0 && time < now)) throw new Error(`${age} is not the age of a client: write 30m, 12h or 7d`);
  return time;
}

/** Options that choose clients: the condition of the API, and its value, or a function that makes it from the option's value. */
const FILTER = {
  prefix: ["prefix", String],
  name: ["name", String],
  older: ["created_before", ago],
  newer: ["created_after", ago],
  unused: ["unused_since", ago],
  "never-used": ["never_used", true],
  used: ["never_used", false],
  "self-asserted": ["self_asserted", true],
  vouched: ["self_asserted", false],
  "statement-issuer": ["statement_issuer", String],
  "software-id": ["software_id", String],
  disabled: ["disabled", true],
  enabled: ["disabled", false],
  pending: ["pending", true],
};

/** An extension member with its value, like `x_team=payments`. */
const MEMBER = /^([a-z][a-z0-9_]*)=(.+)$/s;

/** The same for parseArgs. */
export const filterOptions = { member: { type: "string" } };
for (const [name, [, value]] of Object.entries(FILTER)) {
  filterOptions[name] = { type: typeof value === "boolean" ? "boolean" : "string" };
}

/** The conditions of the API that the options stand for. */
export function conditions(values) {
  const found = {};
  if (values.member !== undefined) {
    const [, name, value] = MEMBER.exec(values.member) ?? [];
    if (!name) throw new Error(`--member ${values.member} is not understood: write one like x_team=payments`);
    found[`member.${name}`] = value;
  }
  for (const [option, [condition, value]] of Object.entries(FILTER)) {
    if (values[option] === undefined) continue;
    if (Object.hasOwn(found, condition)) throw new Error(`--${option} contradicts another option`);
    found[condition] = typeof value === "boolean" ? value : value(values[option]);
  }
  return found;
}

const day = (epoch) => (epoch === undefined ? "-" : date(epoch).slice(0, 10));
const HEAD = ["ID", "NAME", "CREATED", "LAST USED", "EXPIRES", "VOUCHED BY", "STATUS"];
// Fixed widths: a page is printed before the next one is known. A signed identifier has 30 characters.
const WIDTHS = [30, 28, 10, 12, 10, 16, 44];

/** When a client was last used. "never" is certain only if its uses are recorded since it registered. */
function lastUsed({ issued_at, last_used, uses_recorded_since: since }) {
  if (since === undefined) return "not recorded";
  if (last_used !== undefined) return day(last_used);
  return since <= issued_at ? "never" : "unknown";
}

/** How often a shared client was requested, as far as the server could tell. */
function sharing({ shared, requests }) {
  if (!shared) return "";
  return requests === undefined ? ", shared" : `, shared: about ${count(requests, "request")}`;
}

function row(client) {
  // Stored before lists had summaries.
  if (client.issued_at === undefined) return [client.client_id, ...HEAD.slice(1).map(() => "?")];
  const voucher = client.statement_issuer ?? client.initial_access_token ?? (client.self_asserted ? "-" : "the operator");
  const days = [day(client.issued_at), lastUsed(client), day(client.expires_at)];
  const status = client.disabled_at ? "disabled" : client.rejected_at ? "rejected" : client.pending_since ? "pending" : "active";
  return [client.client_id, client.client_name ?? "-", ...days, voucher, status + sharing(client)];
}

/** Clients of a list as lines, below their headings if these are the first. */
export const clientTable = (clients, first) => table([...(first ? [HEAD] : []), ...clients.map(row)], WIDTHS);
