// The page at /admin/: clients that the operator creates and edits, and what clients were rejected for.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { check } from "./support/accessibility.mjs";
import { ask, listStatus, operatorServer, record, seed, unlock } from "./support/operator.mjs";
import { field, onPage } from "./support/page.mjs";

let server;
before(async () => (server = await operatorServer()));

async function unlocked(path, records, action) {
  await seed(server, records, path);
  await onPage(server, async (page) => (await unlock(page), await action(page)), { path: `/admin/?issuer=${path}` });
}

const dialog = (page) => page.getByRole("dialog");
const override = (page) => page.getByRole("alertdialog").getByRole("button", { name: "Override the policy" }).click();
const get = async (path, id) => (await ask(server, "GET", `${path}/admin/clients/${id}`)).body;

test("a client is created after a question about the policy, and its credentials are shown once", () =>
  unlocked("/create", [], async (page) => {
    await listStatus(page, "No client has registered yet.");
    await page.getByRole("button", { name: "New client" }).click();
    await field(page, "client_name").fill("Partner");
    await dialog(page).getByRole("button", { name: "Register" }).click();
    await dialog(page).getByText(/The server found one problem/).waitFor();
    await field(page, "redirect_uris").fill("https://elsewhere.example/cb");
    await check(page, "a new client");
    await dialog(page).getByRole("button", { name: "Register" }).click();
    await page.getByRole("alertdialog").getByText(/policy_redirect_host/).waitFor();
    await override(page);
    await dialog(page).getByText(/^Registered as /).waitFor();
    const id = await dialog(page).locator("p > code.value").innerText();
    await check(page, "its credentials");
    await dialog(page).getByRole("button", { name: "Reveal client_secret" }).click();
    assert.match(await dialog(page).locator(".once").innerText(), /[\w-]{86}/);
    const known = await get("/create", id);
    assert.deepEqual([known.self_asserted, known.provenance.overridden], [false, ["policy_redirect_host"]]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Partner", exact: true }).click();
    await dialog(page).getByText("elsewhere.example", { exact: true }).waitFor();
    assert.match(await dialog(page).locator("dl").first().innerText(), /Overridden rules\s+policy_redirect_host/);
    assert.ok(!(await page.content()).includes("Reveal client_secret"));
  }));

test("an edit saves what was changed and nothing else, and shows a new secret", () => {
  const client = record("Old name");
  client.metadata.token_endpoint_auth_method = "none";
  client.secrets = [];
  client.metadata.contacts = ["a@app.example"];
  const { client_id: id } = client;
  return unlocked("/edit", [client], async (page) => {
    await page.getByRole("button", { name: "Old name" }).click();
    await dialog(page).getByText("Edit", { exact: true }).click();
    await field(page, "client_name").fill("New name");
    await field(page, "scope").fill("read");
    await field(page, "token_endpoint_auth_method").selectOption("client_secret_basic");
    const [request] = await Promise.all([
      page.waitForRequest((request) => request.method() === "PATCH"),
      dialog(page).getByRole("button", { name: "Save" }).click(),
    ]);
    const metadata = { client_name: "New name", scope: "read", token_endpoint_auth_method: "client_secret_basic" };
    assert.deepEqual(request.postDataJSON(), { metadata });
    assert.ok(request.headers()["if-match"]);
    await dialog(page).getByText("Saved.").waitFor();
    await dialog(page).getByRole("heading", { name: "New name" }).waitFor();
    await dialog(page).getByRole("button", { name: "Reveal client_secret" }).waitFor();
    const known = await get("/edit", id);
    assert.deepEqual({ ...known.metadata, ...metadata }, known.metadata);
    assert.deepEqual(known.metadata.contacts, ["a@app.example"]);
    // Somebody else has changed it since: nothing is overwritten.
    const other = JSON.stringify({ metadata: { client_name: "Theirs" } });
    assert.equal((await ask(server, "PATCH", `/edit/admin/clients/${id}`, other)).status, 200);
    await dialog(page).getByText("Edit", { exact: true }).click();
    await field(page, "client_name").fill("Mine");
    await dialog(page).getByRole("button", { name: "Save" }).click();
    await dialog(page).getByText(/^Precondition failed/).waitFor();
    assert.equal((await get("/edit", id)).metadata.client_name, "Theirs");
  });
});

test("recent rejections are shown with rule, member and how often", () =>
  unlocked("/rejections", [], async (page) => {
    const region = page.getByRole("region", { name: "Recent rejections" });
    await region.getByText("None in the last week.").waitFor();
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const body = JSON.stringify({ redirect_uris: ["https://elsewhere.example/cb"] });
    assert.equal((await fetch(`${server.url}/rejections/reg`, { ...init, body })).status, 400);
    for (let tries = 0; tries < 50 && (await region.locator("tbody tr").count()) === 0; tries += 1) {
      await region.getByRole("button", { name: "Refresh" }).click();
      await page.waitForTimeout(100);
    }
    const row = (await region.locator("tbody tr").innerText()).replace(/\s+/g, " ");
    assert.match(row, /^policy_redirect_host redirect_uris 1 /);
    await check(page, "with rejections");
  }));

test("metadata documents are shown with their decisions, and blocked only after a question", () =>
  unlocked("/documents", [], async (page) => {
    const url = "https://client.example/oauth/client.json";
    const region = page.getByRole("region", { name: "Metadata documents" });
    await region.getByText("No document was resolved lately.").waitFor();
    const document = { client_id: url, client_name: "Example", redirect_uris: ["https://app.example/cb"] };
    const pinned = await ask(server, "POST", "/documents/admin/documents/pin", JSON.stringify({ client_id: url, document }));
    assert.equal(pinned.status, 204);
    await region.getByRole("button", { name: "Refresh" }).click();
    const row = region.locator("tbody tr");
    await row.getByText("pinned", { exact: true }).waitFor();
    await row.getByRole("button", { name: "Block" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
    await row.getByRole("button", { name: "Block" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Block this document" }).click();
    await region.getByText(`${url} is blocked.`).waitFor();
    await row.getByText("blocked", { exact: true }).waitFor();
    await check(page, "with a blocked document");
    await row.getByRole("button", { name: "Unblock" }).click();
    await region.getByText(`${url} is not blocked.`).waitFor();
    await row.getByRole("button", { name: "Unpin" }).click();
    await region.getByText(`${url} is not pinned.`).waitFor();
    assert.equal(await row.count(), 0);
  }));

test("metadata documents are not shown where none are resolved", () =>
  unlocked("/rejections", [], async (page) => {
    await page.getByRole("region", { name: "Recent rejections" }).waitFor();
    assert.equal(await page.getByRole("region", { name: "Metadata documents" }).count(), 0);
  }));
