// npm run token: makes, lists and revokes initial access tokens, through the operator's API.
//
//   npm run token -- --uses 5 --expires-in 7d --label "partner"
//   npm run token -- list
//   npm run token -- revoke ID
//
//   --issuer URL            the issuer (http://localhost:8787, or $ISSUER)
//   --uses N                how many clients can be registered with it (1)
//   --expires-in DURATION   30m, 12h, 7d (7d)
//   --label TEXT            what you know it by
//   --scopes, --redirect-hosts, --auth-methods A,B   what its clients are clamped to
//   --client-ttl DURATION   how long its clients live
//   --policy JSON           any other policy (docs/policy.md)
//   --json                  the answer as JSON
//
// The operator's secret is taken from $ADMIN_TOKEN. Ends with 0, or with 1 and a sentence.

import { parseArgs } from "node:util";

const UNITS = { s: 1, m: 60, h: 3600, d: 86400 };

function seconds(text) {
  const match = /^(\d+)([smhd])$/.exec(text);
  if (!match) throw new Error(`${text} is no duration: write a number and s, m, h or d, like 7d`);
  return Number(match[1]) * UNITS[match[2]];
}

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
};

/** What is asked for, as the API wants it. */
function request(values) {
  // An empty value is a variable that was not set: it must not widen what was meant.
  for (const [name, value] of Object.entries(values)) {
    if (value === "") throw new Error(`--${name} is empty`);
  }
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

async function call(issuer, method, path, body) {
  const secret = process.env.ADMIN_TOKEN;
  if (!secret) throw new Error("Set ADMIN_TOKEN in the environment to the operator's secret of the Worker");
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== "https:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname)) {
    throw new Error(`${issuer} is not https: the operator's secret would be sent for all to read`);
  }
  const url = `${issuer.replace(/\/+$/, "")}/admin/initial-access-tokens${path}`;
  const headers = { authorization: `Bearer ${secret}`, ...(body && { "content-type": "application/json" }) };
  const init = { method, headers, body: body && JSON.stringify(body), redirect: "error", signal: AbortSignal.timeout(15_000) };
  const answer = await fetch(url, init).catch((error) => {
    throw new Error(`${url} cannot be reached: ${error.cause?.message ?? error.message}`);
  });
  const told = await answer.text();
  if (answer.status === 404 && method !== "DELETE") {
    throw new Error(`There is no operator's API at ${url}: is ADMIN_TOKEN set as a secret of the Worker?`);
  }
  if (!answer.ok) {
    let reason = told;
    try {
      reason = JSON.parse(told).error_description;
    } catch {} // not ours: show it as it is
    throw new Error(`${answer.status}: ${reason}`);
  }
  return told ? JSON.parse(told) : undefined;
}

const date = (epoch) => new Date(epoch * 1000).toISOString().slice(0, 16).replace("T", " ");

async function main() {
  // An id may begin with a dash, and is no option all the same.
  const args = process.argv.slice(2);
  const at = args.indexOf("revoke");
  const revoked = at < 0 ? [] : args.splice(at, 2);
  const { values, positionals: rest } = parseArgs({ args, options, allowPositionals: true });
  const positionals = [...revoked, ...rest];
  const issuer = values.issuer ?? process.env.ISSUER ?? "http://localhost:8787";
  const [action = "mint", id] = positionals;
  if (action === "mint") {
    const minted = await call(issuer, "POST", "", request(values));
    if (values.json) return console.log(JSON.stringify(minted));
    console.log(minted.initial_access_token);
    console.error(`${minted.uses} uses until ${date(minted.expires_at)} UTC; id ${minted.id}. It is not shown again.`);
  } else if (action === "list") {
    const { initial_access_tokens: tokens } = await call(issuer, "GET", "");
    if (values.json) return console.log(JSON.stringify(tokens));
    const rows = tokens.map((t) => [t.id, `${t.used}/${t.uses}`, date(t.expires_at), t.label]);
    const all = [["ID", "USED", "EXPIRES (UTC)", "LABEL"], ...rows];
    const widths = all[0].map((_, at) => Math.max(...all.map((row) => row[at].length)));
    for (const row of all) console.log(row.map((cell, at) => cell.padEnd(widths[at])).join("  ").trimEnd());
  } else if (action === "revoke" && id) {
    await call(issuer, "DELETE", `/${encodeURIComponent(id)}`);
    console.log(`${id} is revoked.`);
  } else {
    throw new Error(`What is "${positionals.join(" ")}"? Say nothing to make a token, list, or revoke ID`);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
