// Both pages, when answers come late, are none of the API's, or do not come at all.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { listStatus, operatorServer, record, seed, unlock } from "./support/operator.mjs";
import { everything, field, onPage, press, register, startFrom } from "./support/page.mjs";

let server;
before(async () => {
  server = await operatorServer();
  await seed(server, [record("Confidential")], "/answers");
  await seed(server, Array.from({ length: 101 }, (_, at) => record(`client ${at}`)), "/crowd");
});

const registering = (action) => onPage(server, action, { path: "/?issuer=/answers" });
const operating = (action, path = "/answers") =>
  onPage(server, async (page) => (await unlock(page), await action(page)), { path: `/admin/?issuer=${path}` });
const status = (page) => page.locator("#status");
const said = (page, text) => status(page).getByText(text, { exact: true }).waitFor();
const html = (code, headers) => (route) =>
  route.fulfill({ status: code, headers, contentType: "text/html", body: "<h1>Welcome to the hotel</h1>" });

/** Holds what is asked of `url` by `method` until the function that is returned is called. */
async function hold(page, url, method, answer = (route) => route.continue()) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    if (route.request().method() !== method) return route.fallback();
    await held;
    await answer(route);
  });
  return release;
}

test("an answer that is none of the API's is said to be one, and the page goes on", () =>
  registering(async (page) => {
    for (const [answer, sentence] of [
      [html(200), "The server responded with 200, but not in the form of its API."],
      [html(502), "The server responded with 502."],
      [html(503, { "retry-after": "7" }), "The server responded with 503 (in 7 seconds)."],
      [html(429), "The server responded with 429."],
    ]) {
      await page.route("**/reg", answer, { times: 1 });
      await page.getByRole("button", { name: "Register", exact: true }).click();
      await said(page, sentence);
    }
    await register(page);
  }));

test("members that the server does not keep are named, misspelt ones among them", () =>
  registering(async (page) => {
    await page.getByRole("radio", { name: "JSON" }).check();
    const editor = page.getByLabel("Client metadata as JSON");
    const misspelt = { redirect_uris: ["https://app.example/cb"], client_nmae: "x", logo_uri: "", client_name: "y" };
    await editor.fill(JSON.stringify(misspelt));
    await page.getByRole("button", { name: "Dry run", exact: true }).click();
    await status(page).getByText(/ Ignored, because the server does not store it: client_nmae\.$/).waitFor();
    // Every object has these by inheritance.
    const inherited = { redirect_uris: misspelt.redirect_uris, constructor: "a", toString: "b", hasOwnProperty: "c" };
    await editor.fill(JSON.stringify(inherited));
    await page.getByRole("button", { name: "Dry run", exact: true }).click();
    await status(page).getByText(/ does not store it: constructor, toString, hasOwnProperty\.$/).waitFor();
    const listed = page.locator(".outcome dt").filter({ hasText: "Ignored" }).locator("+ dd li");
    assert.deepEqual(await listed.allInnerTexts(), ["constructor a", "toString b", "hasOwnProperty c"]);
    await editor.fill(JSON.stringify({ ...misspelt, client_nmae: undefined }));
    const { body } = await press(page, "Register");
    await said(page, `Registered as ${body.client_id}.`);
  }));

test("a missing discovery document has a sentence of its own", () =>
  registering(async (page) => {
    const json = { error: "temporarily_unavailable", error_description: "It is too much just now" };
    await page.route("**/.well-known/**", (route) => route.fulfill({ status: 503, json }));
    await page.reload();
    await page.getByRole("alert").getByText(/^It is too much just now\. If there is/).waitFor();
    assert.ok(await page.getByRole("navigation").isHidden(), "it leads nowhere");
  }));

test("an answer of another server unlocks nothing", () =>
  onPage(
    server,
    async (page) => {
      await page.route("**/clients?limit=1", html(200));
      await unlock(page);
      await page.locator("#unlock-status").getByText("The server responded with 200, but not in the form of its API.").waitFor();
      assert.ok(await page.getByRole("button", { name: "Lock", exact: true }).isHidden());
    },
    { path: "/admin/" },
  ));

test("a refusal that comes after another client is being edited is not put at that one's fields", () =>
  registering(async (page) => {
    await register(page);
    await field(page, "redirect_uris").fill("http://app.example/cb");
    const release = await hold(page, "**/reg", "POST");
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await page.getByRole("button", { name: /^Edit / }).click();
    release();
    await page.getByText("Rejected: invalid_redirect_uri.").waitFor();
    assert.equal(await page.locator("[aria-invalid], #summary p").count(), 0);
  }));

test("text typed during an update is kept when it is done", () =>
  registering(async (page) => {
    await register(page);
    await page.getByRole("button", { name: /^Edit / }).click();
    await field(page, "client_name").fill("First");
    const release = await hold(page, "**/reg/*", "PUT");
    await page.getByRole("button", { name: "Update", exact: true }).click();
    await field(page, "client_name").fill("Second");
    release();
    await said(page, "The registration was replaced.");
    await page.locator(".client").getByRole("heading", { name: "First" }).waitFor();
    assert.equal(await field(page, "client_name").inputValue(), "Second");
    const { sent, status: code } = await press(page, "Update");
    assert.deepEqual([sent.client_name, code], ["Second", 200]);
  }));

test("a request that cannot be sent is explained where it was made", () =>
  registering(async (page) => {
    await register(page);
    const release = await hold(page, "**/reg", "POST");
    await field(page, "client_name").fill("Second");
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await page.getByRole("button", { name: "Read" }).click();
    await page.locator("#clients-status").getByText("Another request is in progress. Wait for its response.").waitFor();
    release();
    await page.getByText(/^Registered as /).waitFor();
    await field(page, "client_name").fill("Third");
    await page.getByLabel("Initial access token").fill("na\u2713ve");
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await said(page, "The token has characters that are not allowed in a header.");
  }));

test("a forgotten client's secrets leave the document with it", () =>
  registering(async (page) => {
    await startFrom(page, "Web server");
    const { body } = await register(page);
    for (const reveal of await page.locator("#exchange").getByRole("button", { name: /^Reveal / }).all()) await reveal.click();
    const found = async () => {
      const text = await everything(page);
      return [body.client_secret, body.registration_access_token].filter((secret) => text.includes(secret)).length;
    };
    assert.equal(await found(), 2);
    await page.getByRole("button", { name: /^Forget / }).click();
    await page.getByRole("button", { name: "Forget this client" }).click();
    await page.locator("#clients-status").getByText("Removed from this list. It is still registered.").waitFor();
    assert.equal(await found(), 0);
  }));

test("a problem of one draft is not shown for the next", () =>
  registering(async (page) => {
    await field(page, "redirect_uris").fill("http://app.example/cb");
    assert.equal((await press(page, "Dry run")).status, 400);
    await page.getByText("The server found one problem.").waitFor();
    await startFrom(page, "SPA");
    assert.equal(await page.locator("[aria-invalid], #summary p").count(), 0);
  }));

test("a wrong choice stays marked while another field is edited", () =>
  registering(async (page) => {
    const errors = [{ member: "/grant_types", message: "is not for you", rule: "policy" }];
    await page.route("**/reg", (route) => route.fulfill({ status: 400, json: { error: "invalid_client_metadata", errors } }));
    assert.equal((await press(page, "Register")).status, 400);
    await page.getByText("is not for you [policy]").waitFor();
    await field(page, "client_name").fill("Another");
    assert.equal(await page.getByLabel("refresh_token").getAttribute("aria-invalid"), "true");
  }));

test("the way to a problem leads also to a field that cannot be edited", () =>
  registering(async (page) => {
    await page.getByRole("radio", { name: "JSON" }).check();
    await page.getByLabel("Client metadata as JSON").fill('{"redirect_uris": "https://spa.example/cb"}');
    await page.getByRole("radio", { name: "Fields" }).check();
    assert.equal((await press(page, "Dry run")).status, 400);
    await page.getByRole("alert").getByRole("link", { name: "Redirect URIs" }).click();
    await page.locator(".field:focus", { has: page.locator("#field-redirect_uris") }).waitFor();
  }));

test("a list that could not be loaded is not said to be whole, and can be asked for again", () =>
  onPage(
    server,
    async (page) => {
      await page.route("**/clients?limit=100", html(503, { "retry-after": "7" }), { times: 1 });
      await unlock(page);
      await listStatus(page, "The server responded with 503. Try again in 7 seconds.");
      assert.equal(await page.locator("#basis").innerText(), "Based on 0 loaded clients of this issuer. There may be more.");
      await page.getByRole("button", { name: "Load more" }).click();
      await listStatus(page, "100 clients so far; there are more.");
    },
    { path: "/admin/?issuer=/crowd" },
  ));

test("the focus is not lost with the button that loads all", () =>
  operating(async (page) => {
    await listStatus(page, "100 clients so far; there are more.");
    await page.getByRole("button", { name: "Load all" }).focus();
    await page.keyboard.press("Enter");
    await listStatus(page, /^101 clients\.$/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "overview-title");
  }, "/crowd"));

test("a token that ends takes the focus to where the next one is entered", () =>
  operating(async (page) => {
    await page.getByRole("button", { name: "Confidential" }).click();
    await page.route("**/disable", (route) => route.fulfill({ status: 401, json: { error: "invalid_token" } }));
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText("Locked: This is not the operator\u2019s token of this server.").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "token");
  }));

test("a client that was disabled is shown as disabled also where it cannot be read again", () =>
  operating(async (page) => {
    await page.getByRole("button", { name: "Confidential" }).click();
    await page.getByRole("dialog").waitFor();
    await page.route("**/admin/clients/*", html(503));
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText(/^Disabled: /).waitFor();
    const shown = page.getByRole("dialog").locator(".facts-list").first();
    assert.match(await shown.innerText(), /^State\s+disabled/);
    await page.unroute("**/admin/clients/*");
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText(/^Enabled: /).waitFor();
  }));

/** Orders a new credential in the dialog of the client; its answer comes once the function that is returned is called. */
async function replace(page) {
  await page.getByRole("button", { name: "Confidential" }).click();
  await page.getByText("New credential").click();
  const release = await hold(page, "**/rotate", "POST");
  await page.getByRole("button", { name: "Replace\u2026" }).click();
  await page.getByRole("button", { name: "Replace it" }).click();
  return release;
}

test("a new credential is shown until the dialog is closed, and one question makes one", () =>
  operating(async (page) => {
    const release = await replace(page);
    await page.getByRole("button", { name: "Replace\u2026" }).click();
    assert.equal(await page.getByRole("alertdialog").count(), 0, "the first one is still under way");
    release();
    await page.getByText("It is not shown again.").waitFor();
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText(/^Disabled: /).waitFor();
    assert.ok(await page.getByText("It is not shown again.").isVisible());
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText(/^Enabled: /).waitFor();
  }));

test("a new credential that comes after its dialog was closed is shown all the same", () =>
  operating(async (page) => {
    const release = await replace(page);
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator("dialog.sheet").waitFor({ state: "detached" });
    release();
    await page.getByText("It is not shown again.").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator("dialog.sheet").waitFor({ state: "detached" });
  }));
