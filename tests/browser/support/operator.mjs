// The operator's page with a server that has clients.

import { ADMIN_TOKEN, AS_TOKEN, lines } from "../../e2e/support/operator.mjs";
import { startServer } from "../../e2e/support/server.mjs";

export { ADMIN_TOKEN, AS_TOKEN, DAY } from "../../e2e/support/operator.mjs";
export { now, record } from "../../e2e/support/records.mjs";

const vars = { ADMIN_TOKEN, AS_TOKEN, REGISTRATION: { mode: "tiered", record_uses: "2020-01-01" } };

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const EDITED = {
  METADATA: { scopes_supported: ["read", "write"], token_endpoint_auth_methods_supported: ["none", "client_secret_basic"] },
  POLICY: { redirect_hosts: ["app.example"] },
};

/** The issuers of the shared server, by the file whose tests use them: no file sees the clients of another. */
const ISSUERS = {
  answers: { "/answers": {}, "/crowd": {} },
  confirmations: { "/empty": {} },
  "operator-accessibility": { "": {}, "/keys": {} },
  "operator-editing": { "/create": EDITED, "/edit": EDITED, "/rejections": EDITED, "/documents": { ...EDITED, DOCUMENTS: { mode: "listed" } } },
  "operator-page": {
    ...Object.fromEntries(["/paging", "/filters", "/chart", "/one", "/many", "/untold", "/tokens", "/approval", "/shared"].map((path) => [path, {}])),
    "/unrecorded": { REGISTRATION: { record_uses: false } },
  },
  "operator-secrets": { "/secrets": {} },
  "registration-page": { "/shared-clients": { REGISTRATION: { shared_public_clients: true } } },
};

let starting;

/** One server with the operator's API for all tests of a program: starting a server takes longer than most tests. */
export const operatorServer = () =>
  (starting ??= startServer({
    vars: (url) => {
      const issuers = Object.values(ISSUERS).flatMap(Object.entries).map(([path, settings]) => [url + path, settings]);
      return { ...vars, METADATA, SHARED_ID_KEY: "A".repeat(43), ISSUERS: Object.fromEntries(issuers) };
    },
  }));

/** Asks the operator's API, past any page. */
export async function ask(server, method, path, body, type = "application/json") {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { "content-type": type }) };
  const answer = await fetch(`${server.url}${path}`, { method, headers, body });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
}

/** Puts records into the store. */
export async function seed(server, records, path = "") {
  for (let at = 0; at < records.length; at += 190) {
    const some = lines(records.slice(at, at + 190));
    const { status, body } = await ask(server, "POST", `${path}/admin/clients/import`, some, "application/x-ndjson");
    if (status !== 200 || body.refused.length > 0) throw new Error(JSON.stringify(body));
  }
}

/** Enters the token, and waits for what the page makes of it. */
export async function unlock(page, token = ADMIN_TOKEN) {
  await page.getByLabel("Operator\u2019s token").fill(token);
  await page.getByRole("button", { name: "Unlock" }).click();
}

/** The status line of the list: the number of clients, or an error. */
export const listStatus = (page, text) => page.locator("#list-status").getByText(text).waitFor();
