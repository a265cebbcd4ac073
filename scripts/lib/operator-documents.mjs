// npm run admin -- documents: metadata documents, for the operator.

import { date } from "./operator.mjs";
import { printableJson, shownJson, table } from "./terminal.mjs";

export const USAGE = "documents [list], documents refresh URL, and block, unblock, pin or unpin; pin URL takes a FILE too";

const HEAD = ["NAME", "SOURCE", "LAST USED", "VERSION", "DECISION", "URL"];

/** What is printed after each action. */
const DONE = {
  block: "is blocked. This holds everywhere within two minutes.",
  unblock: "is not blocked.",
  pin: "is pinned. This holds everywhere within two minutes.",
  unpin: "is not pinned.",
};

export async function documents({ call, terminal }, [action = "list", url, file, ...more], { json }) {
  const needs = action === "list" ? !url : url?.startsWith("https://") && (action === "pin" || !file);
  if (!needs || more.length > 0 || !["list", "refresh", ...Object.keys(DONE)].includes(action)) {
    throw new Error(`"${["documents", action, url, file, ...more].filter(Boolean).join(" ")}" is not valid. Usage: ${USAGE}`);
  }
  if (action === "list") return list({ call, terminal }, json);
  const body = { client_id: url, ...(file && { document: await read(terminal, file) }) };
  const { text } = await call("POST", `/documents/${action}`, { json: body });
  if (action !== "refresh") return terminal.print(`${url} ${DONE[action]}`);
  await terminal.print(shownJson(text, { forProgram: json }));
}

async function read(terminal, file) {
  try {
    return JSON.parse(await terminal.read(file));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error.message}`);
  }
}

async function list({ call, terminal }, json) {
  const found = [];
  let decisions = [];
  let mode;
  let cursor;
  do {
    const query = new URLSearchParams({ limit: 1000, ...(cursor && { cursor }) });
    const page = JSON.parse((await call("GET", `/documents?${query}`, { retry: true })).text);
    found.push(...page.documents);
    decisions = page.decisions ?? decisions;
    ({ mode, cursor } = page);
  } while (cursor);
  // A document can be blocked or pinned without a copy.
  const listed = new Set(found.map(({ client_id }) => client_id));
  const all = [...found, ...decisions.filter(({ client_id }) => !listed.has(client_id))];
  if (json) return all.length > 0 ? terminal.print(all.map((one) => printableJson(JSON.stringify(one))).join("\n")) : undefined;
  if (all.length === 0) return terminal.print(`No metadata documents. DOCUMENTS.mode is "${mode}".`);
  await terminal.print(table([HEAD, ...all.map(row)]));
}

const row = ({ client_id, client_name = "-", source = "-", last_used, version = "-", blocked_at, pinned_at }) => [
  client_name,
  source,
  last_used === undefined ? "-" : date(last_used),
  version.slice(0, 8),
  [blocked_at && "blocked", pinned_at && "pinned"].filter(Boolean).join(", ") || "-",
  client_id,
];
