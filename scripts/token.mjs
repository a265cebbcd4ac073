// npm run token: initial access tokens, through the operator's API. HELP is its manual.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { commandLine, isPackage } from "./lib/installation.mjs";
import { connect, date, refuseEmpty, seconds } from "./lib/operator.mjs";
import { run, table } from "./lib/terminal.mjs";

const HELP = `${commandLine("token", "[COMMAND]")}      creates, lists and revokes initial access tokens

  (none)                      creates a token and prints it
  list                        lists the tokens that have not expired and are not revoked
  revoke ID                   revokes a token; clients that were registered with it stay

  --uses N                    how many clients it can register (default: 1)
  --expires-in DURATION       30m, 12h or 7d (default: 7d)
  --label TEXT                a name by which you recognize it
  --scopes A,B  --redirect-hosts A,B  --auth-methods A,B
                              the allowed values for its clients
  --client-ttl DURATION       the lifetime of its clients
  --policy JSON               any other policy (docs/policy.md)

  --issuer URL                the issuer ($ISSUER, or http://localhost:8787)
  --json                      prints JSON, for programs

The operator's secret is read from $ADMIN_TOKEN.${isPackage ? "" : " With npm run -s, npm itself prints nothing to stdout."}
The exit code is 0, or 1 after an error message.`;

const TOKENS = "/initial-access-tokens";

const text = { type: "string" };
const options = {
  issuer: text,
  uses: text,
  "expires-in": text,
  label: text,
  scopes: text,
  "redirect-hosts": text,
  "auth-methods": text,
  "client-ttl": text,
  policy: text,
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
};

/** The body of the request to the API. */
function request(values) {
  refuseEmpty(values);
  const given = (name, as) => values[name] !== undefined && as(values[name]);
  const list = (text) => text.split(",").map((item) => item.trim());
  const policy = {
    ...given("policy", JSON.parse),
    ...given("scopes", (text) => ({ scopes: list(text) })),
    ...given("redirect-hosts", (text) => ({ redirect_hosts: list(text) })),
    ...given("auth-methods", (text) => ({ auth_methods: list(text) })),
    ...given("client-ttl", (text) => ({ client_ttl: seconds(text) })),
  };
  return {
    ...given("label", (label) => ({ label })),
    ...given("uses", (text) => ({ uses: Number(text) })),
    ...given("expires-in", (text) => ({ expires_in: seconds(text) })),
    ...(Object.keys(policy).length > 0 && { policy }),
  };
}

/** Runs the command with these arguments at a terminal; throws if it fails. */
export async function token(args, terminal) {
  // An id may begin with a dash; it is not an option then.
  const revoked = args[0] === "revoke" ? args.slice(0, 2) : [];
  const { values, positionals: rest } = parseArgs({ args: args.slice(revoked.length), options, allowPositionals: true });
  if (values.help) return terminal.print(HELP);
  const positionals = [...revoked, ...rest];
  const call = connect(terminal, values.issuer);
  const [action = "mint", id] = positionals;
  if (action === "mint") {
    const { text } = await call("POST", TOKENS, { json: request(values) });
    if (values.json) return terminal.print(text.trim());
    const minted = JSON.parse(text);
    await terminal.print(minted.initial_access_token);
    terminal.warn(`${minted.uses} uses until ${date(minted.expires_at)} UTC; id ${minted.id}. It is not shown again.`);
  } else if (action === "list") {
    const { initial_access_tokens: tokens } = JSON.parse((await call("GET", TOKENS)).text);
    if (values.json) return terminal.print(JSON.stringify(tokens));
    const rows = tokens.map((t) => [t.id, `${t.used}/${t.uses}`, date(t.expires_at), t.label]);
    await terminal.print(table([["ID", "USED", "EXPIRES (UTC)", "LABEL"], ...rows]));
  } else if (action === "revoke" && id) {
    await call("DELETE", `${TOKENS}/${encodeURIComponent(id)}`);
    await terminal.print(`${id} is revoked.`);
  } else {
    throw new Error(`"${positionals.join(" ")}" is not a command. Use no command to create a token, list, or revoke ID`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run((terminal) => token(process.argv.slice(2), terminal));
