// npm run token: initial access tokens, through the operator's API. HELP is its manual.

import { parseArgs } from "node:util";

import { connect, date, refuseEmpty, seconds } from "./lib/operator.mjs";
import { run, table } from "./lib/terminal.mjs";

const HELP = `npm run token -- [COMMAND]      makes, lists and revokes initial access tokens

  (none)                      a new one, on stdout
  list                        those that have neither expired nor been revoked
  revoke ID                   ends one; what was registered with it stays

  --uses N                    how many clients can be registered with it (1)
  --expires-in DURATION       30m, 12h, 7d (7d)
  --label TEXT                what you know it by
  --scopes A,B  --redirect-hosts A,B  --auth-methods A,B
                              what its clients are clamped to
  --client-ttl DURATION       how long its clients live
  --policy JSON               any other policy (docs/policy.md)

  --issuer URL                the issuer ($ISSUER, or http://localhost:8787)
  --json                      JSON, for programs

The secret of the operator is taken from $ADMIN_TOKEN. Ends with 0, or with 1 and a sentence.`;

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

/** What is asked for, as the API wants it. */
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

async function main() {
  // An id may begin with a dash, and is no option all the same.
  const args = process.argv.slice(2);
  const revoked = args[0] === "revoke" ? args.splice(0, 2) : [];
  const { values, positionals: rest } = parseArgs({ args, options, allowPositionals: true });
  if (values.help) return console.log(HELP);
  const positionals = [...revoked, ...rest];
  const call = connect(values.issuer);
  const [action = "mint", id] = positionals;
  if (action === "mint") {
    const { text } = await call("POST", TOKENS, { json: request(values) });
    if (values.json) return console.log(text);
    const minted = JSON.parse(text);
    console.log(minted.initial_access_token);
    console.error(`${minted.uses} uses until ${date(minted.expires_at)} UTC; id ${minted.id}. It is not shown again.`);
  } else if (action === "list") {
    const { initial_access_tokens: tokens } = JSON.parse((await call("GET", TOKENS)).text);
    if (values.json) return console.log(JSON.stringify(tokens));
    const rows = tokens.map((t) => [t.id, `${t.used}/${t.uses}`, date(t.expires_at), t.label]);
    console.log(table([["ID", "USED", "EXPIRES (UTC)", "LABEL"], ...rows]));
  } else if (action === "revoke" && id) {
    await call("DELETE", `${TOKENS}/${encodeURIComponent(id)}`);
    console.log(`${id} is revoked.`);
  } else {
    throw new Error(`What is "${positionals.join(" ")}"? Say nothing to make a token, list, or revoke ID`);
  }
}

run(main);
