// Clients as the command line chooses and shows them.

import { date, seconds } from "./operator.mjs";
import { table } from "./terminal.mjs";

const ago = (age) => Math.max(0, Math.floor(Date.now() / 1000) - seconds(age));

/** Options that choose clients: the condition of the API, and its value or what makes it of the option's. */
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
  disabled: ["disabled", true],
  enabled: ["disabled", false],
};

/** The same for parseArgs. */
export const filterOptions = {};
for (const [name, [, value]] of Object.entries(FILTER)) {
  filterOptions[name] = { type: typeof value === "boolean" ? "boolean" : "string" };
}

/** The conditions of the API that the options stand for. */
export function conditions(values) {
  const found = {};
  for (const [option, [condition, value]] of Object.entries(FILTER)) {
    if (values[option] === undefined) continue;
    if (condition in found) throw new Error(`--${option} contradicts another option`);
    found[condition] = typeof value === "boolean" ? value : value(values[option]);
  }
  return found;
}

const day = (epoch) => (epoch === undefined ? "-" : date(epoch).slice(0, 10));
const HEAD = ["ID", "NAME", "CREATED", "LAST USED", "EXPIRES", "VOUCHED BY", "STATUS"];
// A page is shown before the next one is known.
const WIDTHS = [22, 28, 10, 10, 10, 16, 8];

function row(client) {
  // Stored before lists told anything else.
  if (client.issued_at === undefined) return [client.client_id, ...HEAD.slice(1).map(() => "?")];
  const voucher = client.initial_access_token ?? (client.self_asserted ? "-" : "somebody");
  const days = [client.issued_at, client.last_used, client.expires_at].map(day);
  const status = client.disabled_at === undefined ? "active" : "disabled";
  return [client.client_id, client.client_name ?? "-", ...days, voucher, status];
}

/** Clients of a list as lines, below their headings if these are the first. */
export const clientTable = (clients, first) => table([...(first ? [HEAD] : []), ...clients.map(row)], WIDTHS);
