// The form for metadata documents on the page at /, in a real browser.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { check } from "./support/accessibility.mjs";
import { onPage, shippedServer } from "./support/page.mjs";

let server;
before(async () => (server = await shippedServer()));

test("a pasted document is checked by its own rules and by the server's, and the server gets only metadata", () =>
  onPage(server, async (page) => {
    const url = "https://client.example/client.json?v=1";
    const sent = [];
    page.on("request", (request) => sent.push([request.method(), new URL(request.url()).pathname + new URL(request.url()).search, request.postDataJSON()]));
    const paste = async (text) => {
      await page.getByLabel("URL of the document").fill(url);
      await page.getByLabel("Document", { exact: true }).fill(text);
      await page.getByRole("button", { name: "Check the document" }).click();
    };
    await paste('{"client_id": ');
    await page.getByText(/^This is not JSON: /).last().waitFor();
    assert.deepEqual(sent, []);
    const metadata = { client_name: "Client", redirect_uris: ["http://client.example/cb"] };
    await paste(JSON.stringify({ client_id: "https://other.example/", client_secret: "s", ...metadata }));
    const outcome = page.locator("#document-outcome");
    await page.getByText("4 problems.").waitFor();
    assert.deepEqual(sent, [["POST", "/reg?dry_run=true", { ...metadata, token_endpoint_auth_method: "none" }]]);
    const shown = await outcome.innerText();
    for (const expected of ["must not contain a query", "/client_id", "/client_secret", "/redirect_uris/0", "RFC 8252 section 7.3", "Keycloak 26.6 to 26.8: the URL has a query"]) {
      assert.ok(shown.includes(expected), `${expected} in: ${shown}`);
    }
    await check(page, "a document with problems");
    await paste(JSON.stringify({ client_id: url, ...metadata, redirect_uris: ["http://127.0.0.1/cb"], token_endpoint_auth_method: "none" }));
    await page.getByText("One problem.").waitFor();
  }));
