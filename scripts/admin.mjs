// npm run admin: the operator's API (docs/operator.md) on the command line. HELP is its manual.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { clientTable, conditions, filterOptions } from "./lib/clients.mjs";
import { commandLine, isPackage } from "./lib/installation.mjs";
import { connect, date, pages, refuseEmpty } from "./lib/operator.mjs";
import { USAGE, documents } from "./lib/operator-documents.mjs";
import { count, number, printable, printableJson, run, shownJson, table } from "./lib/terminal.mjs";
import { exportClients, importClients } from "./lib/transfer.mjs";

const HELP = `${commandLine("admin", "COMMAND")}      lists, shows, creates, edits, disables and deletes clients

  list [FILTER] [--limit N]     prints a table, or with --json one object a line
  get ID                        prints all that is known of a client
  create FILE                   registers a client with the metadata (JSON) in FILE; - is stdin
  edit ID FILE                  changes the members in FILE; null removes one
         [--override-policy]    create and edit: also if a policy does not allow it; the record says so
  rejections                    prints why clients were rejected lately, and how often
  approve ID...                 approves clients that wait, as they are now, and prints what they are
         [--version VERSION]    only this version of a client, as get prints it
  reject ID --reason TEXT       rejects a client that waits; its owner can read the reason
  disable ID..., enable ID...   disables clients, and enables them again
  delete ID...                  deletes clients permanently, without confirmation
  delete FILTER [--yes]         deletes all clients that match; without --yes it only lists them
  rotate client_secret ID       prints a new secret; or rotate registration_access_token ID
         [--keep-former]        the old one keeps working for a time
  statements revoke [--yes]     disables all clients with software statements of an issuer, or of a software;
         --iss URL, --software-id ID   without --yes it only lists them
  documents [list]              prints metadata documents: name, source, last use, version, decision
  documents refresh URL         fetches one now; or block, unblock, pin, unpin
  documents pin URL [FILE]      pins its current copy, or the document in FILE; - is stdin
  export [FILTER]               prints records, one a line
  import FILE                   imports records; - is stdin. You can repeat it

FILTER: all of its options must match. AGE is 30m, 12h or 7d:
  --prefix TEXT                 the ID begins with TEXT
  --name TEXT                   the name contains TEXT, in upper or lower case
  --older AGE, --newer AGE      registered longer ago, or more recently
  --unused AGE                  not used for this time, as far as uses are recorded
  --never-used, --used          never looked up by your authorization server, or looked up; needs REGISTRATION.record_uses
  --self-asserted, --vouched    nobody has vouched for the client, or somebody has
  --statement-issuer URL        has a software statement of this issuer
  --software-id ID              has a software statement of this software
  --disabled, --enabled
  --pending                     waiting for approval
  --member NAME=VALUE           a member of REGISTRATION.extension_members has the value

  --issuer URL                  the issuer ($ISSUER, or http://localhost:8787)
  --json                        prints JSON, for programs

The operator's secret is read from $ADMIN_TOKEN.${isPackage ? "" : " With npm run -s, npm itself prints nothing to stdout."}
Lists show a change after about a minute. The exit code is 0, or 1 after an error message.`;

const text = { type: "string" };
const flag = { type: "boolean" };
const options = { ...filterOptions, issuer: text, json: flag, help: flag, limit: text, yes: flag, "keep-former": flag, "override-policy": flag, version: text, reason: text, iss: text };

async function list({ call, terminal }, [], values) {
  let left = values.limit === undefined ? Infinity : Number(values.limit);
  if (!(left >= 1)) throw new Error(`--limit ${values.limit} is not a number of clients`);
  let first = true;
  for await (const page of pages(call, conditions(values))) {
    const shown = page.slice(0, left);
    const lines = () => shown.map((client) => printableJson(JSON.stringify(client))).join("\n");
    if (!values.json) await terminal.print(clientTable(shown, first));
    else if (shown.length > 0) await terminal.print(lines());
    first = false;
    left -= shown.length;
    if (left < 1) return;
  }
}

async function get({ call, terminal }, [id], values) {
  const { text } = await call("GET", `/clients/${id}`);
  await terminal.print(shownJson(text, { forProgram: values.json }));
}

/** The body that creates or edits a client. */
async function metadataOf(terminal, file, values) {
  const text = await terminal.read(file);
  try {
    return { metadata: JSON.parse(text), ...(values["override-policy"] && { override_policy: true }) };
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error.message}`);
  }
}

async function create({ call, terminal }, [file], values) {
  const { text } = await call("POST", "/clients", { json: await metadataOf(terminal, file, values) });
  await terminal.print(shownJson(text, { forProgram: values.json }));
  terminal.warn("Its credentials are not shown again.");
}

async function edit({ call, terminal }, [id, file], values) {
  const { text } = await call("PATCH", `/clients/${id}`, { json: await metadataOf(terminal, file, values) });
  await terminal.print(shownJson(text, { forProgram: values.json }));
  if (JSON.parse(text).client_secret) terminal.warn("The new client_secret is not shown again.");
}

async function rejections({ call, terminal }, [], values) {
  const { text } = await call("GET", "/rejections");
  const { rejections: all } = JSON.parse(text);
  if (values.json) return terminal.print(all.map((one) => JSON.stringify(one)).join("\n"));
  const rows = all.map(({ rule, member, count, last_at }) => [rule, member, String(count), date(last_at)]);
  await terminal.print(table([["RULE", "MEMBER", "HOW OFTEN", "LAST"], ...rows], [28, 34, 10, 16]));
}

/** What a person decides about: names, hosts, who has vouched for the client, and since when it waits. */
function decidedAbout({ client_id, metadata = {}, provenance = {}, self_asserted, issued_at, approval }) {
  const { client_name = "(no name)", redirect_uris = [] } = metadata;
  const host = (uri) => (URL.canParse(uri) ? new URL(uri).host || new URL(uri).protocol : uri);
  const { token, certificate } = provenance;
  const voucher = token ? token.label || token.id : self_asserted ? "nobody" : (certificate?.subject_dn ?? "somebody");
  const hosts = [...new Set(redirect_uris.map(host))].join(", ") || "no redirect";
  const since = approval ? `, waiting since ${date(approval.since)}` : "";
  return printable(`${client_id}: ${client_name}; ${hosts}; vouched for by ${voucher}; registered ${date(issued_at)}${since}`);
}

async function approve({ call, terminal }, ids, { version }) {
  if (version && ids.length > 1) throw new Error("--version is the version of one client");
  for (const id of ids) {
    const known = JSON.parse((await call("GET", `/clients/${id}`)).text);
    await terminal.print(decidedAbout(known));
    await call("POST", `/clients/${id}/approve`, { json: { version: version ?? known.version } });
    await terminal.print(`${id} is approved.`);
  }
}

async function reject({ call, terminal }, [id], { reason }) {
  if (!reason) throw new Error("Give the reason: --reason TEXT");
  await call("POST", `/clients/${id}/reject`, { json: { reason } });
  await terminal.print(`${id} is rejected.`);
}

const action = (name) => async ({ call, terminal }, ids) => {
  for (const id of ids) {
    await call("POST", `/clients/${id}/${name}`);
    await terminal.print(`${id} is ${name}d.`);
  }
};

async function remove({ call, terminal }, ids, values) {
  const filter = conditions(values);
  const given = Object.keys(filter).length > 0;
  if (ids.length === 0 && !given) throw new Error("Which clients? Give an ID, or a filter like --never-used --older 7d");
  if (ids.length === 0) return removeMany({ call, terminal }, filter, values);
  if (given) throw new Error("Give an ID or a filter, not both");
  for (const id of ids) {
    await call("DELETE", `/clients/${id}`);
    await terminal.print(`${id} is deleted.`);
  }
}

async function removeMany({ call, terminal }, filter, { yes, json }) {
  const first = [];
  let matched = 0;
  for await (const page of pages(call, filter)) {
    first.push(...page.slice(0, 10 - first.length));
    matched += page.length;
  }
  if (!yes) {
    if (json) return terminal.print(JSON.stringify({ matched, deleted: 0, client_ids: first.map((c) => c.client_id) }));
    if (matched > 0) await terminal.print(clientTable(first, true));
    if (matched > first.length) await terminal.print(`and ${number(matched - first.length)} more`);
    return terminal.print(`${count(matched, "client")} would be deleted.${matched > 0 ? " Repeat the command with --yes to delete them." : ""}`);
  }
  let deleted = 0;
  let cursor = matched > 0 ? undefined : null;
  while (cursor !== null) {
    const json = { filter, dry_run: false, limit: 200, ...(cursor && { cursor }) };
    const page = JSON.parse((await call("POST", "/clients/delete", { json, retry: true })).text);
    deleted += page.deleted;
    if (!page.incomplete) cursor = page.cursor ?? null;
    if (page.deleted > 0) terminal.warn(`deleted ${number(deleted)} of about ${number(matched)}`);
  }
  await terminal.print(json ? JSON.stringify({ matched, deleted }) : `${count(deleted, "client")} deleted.`);
}

/** Disables every client with statements of an issuer, of a software, or of both. A client that is disabled stays so. */
async function statements({ call, terminal }, [], { iss, "software-id": software, yes, json }) {
  if (!iss && !software) throw new Error("Whose statements? Give --iss URL, --software-id ID, or both");
  const filter = { disabled: false, ...(iss && { statement_issuer: iss }), ...(software && { software_id: software }) };
  const found = [];
  for await (const page of pages(call, filter)) found.push(...page);
  if (!yes) {
    if (json) return terminal.print(JSON.stringify({ matched: found.length, disabled: 0 }));
    if (found.length > 0) await terminal.print(clientTable(found.slice(0, 10), true));
    const again = found.length > 0 ? " Repeat the command with --yes to disable them." : "";
    return terminal.print(`${count(found.length, "client")} would be disabled.${again}`);
  }
  for (const { client_id } of found) await call("POST", `/clients/${client_id}/disable`, { retry: true });
  await terminal.print(json ? JSON.stringify({ matched: found.length, disabled: found.length }) : `${count(found.length, "client")} disabled.`);
}

async function rotate({ call, terminal }, [credential, id], values) {
  const json = { credential, keep_former: values["keep-former"] ?? false };
  const { text } = await call("POST", `/clients/${id}/rotate`, { json });
  if (values.json) return terminal.print(text.trim());
  const response = JSON.parse(text);
  await terminal.print(response[credential]);
  const expires = response.client_secret_expires_at ? ` It expires at ${date(response.client_secret_expires_at)} UTC.` : "";
  const former = json.keep_former ? "still works" : "no longer works";
  terminal.warn(`The new ${credential} of ${id}. The old one ${former}.${expires} It is not shown again.`);
}

const filters = Object.keys(filterOptions);
const ID = /^([\w-]{22}|[A-Za-z0-9][\w-]{29})$/;
const CREDENTIAL = /^(client_secret|registration_access_token)$/;

/**
 * The commands: the function, the usage text, the pattern of each word (with `many`, the last pattern repeats), and the options in
 * addition to the common ones.
 */
const COMMANDS = {
  list: { does: list, options: [...filters, "limit"] },
  get: { does: get, usage: "get ID", words: [ID] },
  create: { does: create, usage: "create FILE", words: [/./], options: ["override-policy"] },
  edit: { does: edit, usage: "edit ID FILE", words: [ID, /./], options: ["override-policy"] },
  rejections: { does: rejections },
  approve: { does: approve, usage: "approve ID", words: [ID], many: true, options: ["version"] },
  reject: { does: reject, usage: "reject ID --reason TEXT", words: [ID], options: ["reason"] },
  disable: { does: action("disable"), usage: "disable ID", words: [ID], many: true },
  enable: { does: action("enable"), usage: "enable ID", words: [ID], many: true },
  delete: {
    does: remove,
    usage: "delete ID, or a filter",
    words: [ID],
    many: true,
    optional: true,
    options: [...filters, "yes"],
  },
  rotate: {
    does: rotate,
    usage: "rotate client_secret ID, or rotate registration_access_token ID",
    words: [CREDENTIAL, ID],
    options: ["keep-former"],
  },
  statements: {
    does: statements,
    usage: "statements revoke --iss URL, or statements revoke --software-id ID",
    words: [/^revoke$/],
    options: ["iss", "software-id", "yes"],
  },
  documents: { does: documents, usage: USAGE, words: [/./], many: true, optional: true },
  export: { does: (operator, [], values) => exportClients(operator, conditions(values)), options: filters },
  import: { does: (operator, [file], { json }) => importClients(operator, file, json), usage: "import FILE", words: [/./] },
};

/** Runs the command with these arguments at a terminal; throws if it fails. */
export async function admin(args, terminal) {
  // An identifier may begin with a dash; it is not an option then. No argument of a program has a NUL, which hides the dash meanwhile.
  const hidden = args.map((arg) => arg.replace(/^-(?=[\w-]{21}$)/, "\0-"));
  const parsed = parseArgs({ args: hidden, options, allowPositionals: true, tokens: true });
  const asGiven = (value) => (typeof value === "string" ? value.replace(/^\0/, "") : value);
  const values = Object.fromEntries(Object.entries(parsed.values).map(([option, value]) => [option, asGiven(value)]));
  const positionals = parsed.positionals.map(asGiven);
  // parseArgs would use only the last one, although all options of a filter must match.
  const given = parsed.tokens.filter(({ kind }) => kind === "option").map(({ name }) => name);
  const twice = given.find((option, at) => given.indexOf(option) < at);
  if (twice) throw new Error(`--${twice} is given twice`);
  if (values.help) return terminal.print(HELP);
  refuseEmpty(values);
  const [name = "", ...words] = positionals;
  const known = Object.keys(COMMANDS).join(", ");
  if (!Object.hasOwn(COMMANDS, name)) throw new Error(`"${name}" is not a command. Commands: ${known}. See --help`);
  const { does, usage = name, words: wanted = [], many = false, optional = false, options: own = [] } = COMMANDS[name];
  const other = Object.keys(values).find((option) => !["issuer", "json", ...own].includes(option));
  if (other) throw new Error(`${name} has no option --${other}`);
  const enough = words.length === wanted.length || (many && words.length > wanted.length);
  const fits = enough && words.every((word, at) => (wanted[at] ?? wanted.at(-1)).test(word));
  if (!fits && !(optional && words.length === 0)) {
    const said = [name, ...words].join(" ");
    throw new Error(`"${said}" is not valid. Usage: ${usage}${wanted.includes(ID) ? " (22 or 30 characters)" : ""}`);
  }
  await does({ call: connect(terminal, values.issuer), terminal }, words, values);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run((terminal) => admin(process.argv.slice(2), terminal));
