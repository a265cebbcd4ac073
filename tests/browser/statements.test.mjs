// Software statements on the pages, in a real browser: a field on the page at /, and what a statement has changed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { SignJWT, exportJWK, generateKeyPair } from "jose";

import { ADMIN_TOKEN } from "../e2e/support/operator.mjs";
import { startServer } from "../e2e/support/server.mjs";
import { field, onPage, register, startFrom } from "./support/page.mjs";

const iss = "https://directory.example";
const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });

let server;
before(async () => {
  const SOFTWARE_STATEMENTS = { issuers: [{ iss, jwks: { keys: [await exportJWK(publicKey)] } }] };
  server = await startServer({ vars: { SOFTWARE_STATEMENTS, ADMIN_TOKEN } });
});
after(() => server?.stop());

test("a statement overrides the name on the page, which says so", () =>
  onPage(server, async (page) => {
    const statement = await new SignJWT({ iss, client_name: "My Bank" }).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
    await startFrom(page, "SPA");
    await page.locator("summary").filter({ hasText: "More" }).first().click();
    await field(page, "software_statement").fill(statement);
    const { body } = await register(page);
    assert.equal(body.client_name, "My Bank");
    await page.getByRole("heading", { name: "What the software statement changed" }).waitFor();
    await page.getByText("client_name is what the software statement says, not what the request says", { exact: true }).waitFor();
  }));
