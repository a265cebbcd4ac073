// Real client libraries, each a program of its own, with two issuers of Rollcall on workerd;
// docs/clients.md says what they did.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { spawnGuarded } from "../../scripts/lib/process.mjs";
import { pythonOf, rustClients } from "../../scripts/lib/programs.mjs";
import { startServer } from "../e2e/support/server.mjs";
import { libraries, steps } from "./support/libraries.mjs";
import { page } from "./support/page.mjs";
import { startStandIn } from "./support/stand-in.mjs";

const SECONDS = 60; // for a client; each needs one to three
const root = fileURLToPath(new URL("../..", import.meta.url));

let server;
let standIn;
let issuers;
let tools;
before(async () => {
  tools = { python: await pythonOf("clients", "python"), rust: await rustClients() };
  standIn = await startStandIn();
  server = await startServer({
    vars: (url) => ({ ISSUERS: { [url]: {}, [`${url}/t1`]: {} }, METADATA: metadata(standIn.url) }),
  });
  issuers = [server.url, `${server.url}/t1`];
});
after(() => Promise.all([server?.stop(), standIn?.stop()]));

const metadata = (server) => ({
  authorization_endpoint: `${server}/authorize`,
  token_endpoint: `${server}/token`,
  jwks_uri: `${server}/jwks`,
  scopes_supported: ["openid", "profile", "email", "offline_access"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"],
  token_endpoint_auth_signing_alg_values_supported: ["RS256", "ES256"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
  authorization_response_iss_parameter_supported: true,
});

/** Runs a client with some issuers to its end: the lines that it printed, and all of its output. */
function drive([command, ...args], issuers) {
  const urls = issuers.flatMap((issuer) => [issuer, standIn.protect(issuer)]);
  const child = spawnGuarded(command, [...args, ...urls], { signal: "SIGKILL" });
  const late = setTimeout(() => child.stdin.end(), SECONDS * 1000);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  return new Promise((resolve) => {
    child.on("close", () => {
      clearTimeout(late);
      const lines = output.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
      resolve({ lines, output });
    });
  });
}

const did = new Map();
for (const library of libraries) {
  test(library.name, async () => {
    const expected = steps.filter((step) => !library.cannot?.[step]).sort();
    for (const some of library.oneIssuer ? issuers.map((issuer) => [issuer]) : [issuers]) {
      const printed = await drive(library.command(tools), some);
      for (const issuer of some) {
        const lines = printed.lines.filter((line) => library.oneIssuer || line.issuer === issuer);
        for (const { step, ok, detail } of lines) assert.ok(ok, `${step} at ${issuer}: ${detail}`);
        assert.deepEqual(lines.map(({ step }) => step).sort(), expected, printed.output);
        assert.ok(library.name.startsWith(lines[0].library), lines[0].library);
        did.set(library, lines);
      }
    }
  });
}

test("docs/clients.md says what they did", () => {
  assert.equal(did.size, libraries.length, "not every client has done what it should");
  const path = join(root, "docs", "clients.md");
  const expected = page(did);
  if (process.env.UPDATE_DOCS) writeFileSync(path, expected);
  const found = readFileSync(path, "utf8");
  assert.ok(found === expected, "docs/clients.md is not what they did: run UPDATE_DOCS=1 npm test -- client");
});
