// The questions that the pages ask before they act, the places of their errors, and their links to each other.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startServer } from "../e2e/support/server.mjs";
import { check, desk, phone } from "./support/accessibility.mjs";
import { listStatus, operatorServer, unlock } from "./support/operator.mjs";
import { field, onPage, press, register } from "./support/page.mjs";

const METADATA = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  service_documentation: "https://docs.example/",
};
const ADMIN = "/admin/?issuer=/empty";

let server;
let admin;
before(async () => {
  const listed = { DISCOVERY: { listed: true } };
  const issuers = (url) => ({ [url]: listed, [`${url}/t1`]: listed, [`${url}/hidden`]: {} });
  [server, admin] = await Promise.all([
    startServer({ vars: (url) => ({ ISSUERS: issuers(url), METADATA }) }),
    operatorServer(),
  ]);
});
after(() => server?.stop());

const question = (page) => page.getByRole("alertdialog");
const answer = (page, name) => question(page).getByRole("button", { name }).click();
const card = (page) => page.locator(".client");
/** Whether the node can be seen without scrolling. */
const inView = (node) =>
  node.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
async function comesIntoView(page, node) {
  for (let tries = 0; tries < 100 && !(await inView(node)); tries += 1) await page.waitForTimeout(20);
  assert.ok(await inView(node));
}

test("Delete and Forget ask first, and Cancel changes nothing", () =>
  onPage(server, async (page) => {
    await register(page);
    let deletions = 0;
    page.on("request", (request) => (deletions += request.method() === "DELETE"));
    for (const name of ["Delete", "Forget"]) {
      await card(page).getByRole("button", { name: new RegExp(`^${name} `) }).click();
      await question(page).getByRole("heading", { name: `${name} Example SPA?` }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cancel");
      await page.keyboard.press("Enter");
      await question(page).waitFor({ state: "detached" });
    }
    assert.deepEqual([await card(page).count(), deletions], [1, 0]);
    await card(page).getByRole("button", { name: /^Forget / }).click();
    await answer(page, "Forget this client");
    await page.getByText("Removed from this list. It is still registered.").waitFor();
    assert.equal(await card(page).count(), 0);
  }));

test("a second click on Register is no second client", () =>
  onPage(server, async (page) => {
    let registrations = 0;
    page.on("request", (request) => (registrations += request.method() === "POST"));
    await page.getByRole("button", { name: "Register", exact: true }).dblclick();
    await card(page).waitFor();
    await page.getByRole("button", { name: "Register", exact: true }).click({ force: true });
    await answer(page, "Cancel");
    assert.deepEqual([registrations, await card(page).count()], [1, 1]);
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await answer(page, "Register another client");
    await card(page).nth(1).waitFor();
    // Changed metadata are another registration, which needs no question.
    await field(page, "client_name").fill("Another name");
    await register(page);
    assert.deepEqual([registrations, await card(page).count()], [3, 3]);
  }));

test("an update says what is kept when it is left out", () =>
  onPage(server, async (page) => {
    const hint = page.getByText(/Only token_endpoint_auth_method is kept when it is left out/);
    assert.ok(await hint.isHidden());
    await register(page);
    await card(page).getByRole("button", { name: /^Edit / }).click();
    await hint.waitFor();
    await page.getByRole("radio", { name: "JSON" }).check();
    const editor = page.getByLabel("Client metadata as JSON");
    const { token_endpoint_auth_method: method, ...rest } = JSON.parse(await editor.inputValue());
    await editor.fill(JSON.stringify(rest));
    const { status, body } = await press(page, "Update");
    assert.deepEqual([status, body.token_endpoint_auth_method], [200, method]);
  }));

test("on a phone, what went wrong scrolls into view", () =>
  onPage(
    server,
    async (page) => {
      await page.locator(".presets").getByRole("button", { name: "SPA" }).click();
      await field(page, "redirect_uris").fill("http://app.example/cb\nhttps://app.example/*");
      await press(page, "Dry run");
      await comesIntoView(page, page.locator("#summary"));
      await field(page, "redirect_uris").fill("https://app.example/cb");
      await register(page);
      await page.route("**/reg/*", (route) => route.fulfill({ status: 503, json: { error: "temporarily_unavailable" } }));
      await card(page).getByRole("button", { name: /^Read / }).scrollIntoViewIfNeeded();
      await page.evaluate(() => scrollBy(0, 600));
      await card(page).getByRole("button", { name: /^Read / }).click();
      await page.locator("#clients-status").getByText(/503/).waitFor();
      await comesIntoView(page, page.locator("#clients-status"));
    },
    { viewport: { width: 390, height: 844 }, reducedMotion: "no-preference" },
  ));

test("on a phone, what went wrong on the operator's page scrolls into view", () =>
  onPage(
    admin,
    async (page) => {
      await unlock(page, "wrong");
      await comesIntoView(page, page.getByText("This is not the operator\u2019s token"));
      await unlock(page);
      await listStatus(page, "No client has registered yet.");
      await page.getByRole("button", { name: "New client" }).click();
      await field(page, "redirect_uris").fill("http://app.example/cb\nhttps://app.example/*");
      await page.getByRole("dialog").getByRole("button", { name: "Register" }).click();
      await comesIntoView(page, page.getByRole("dialog").locator(".summary"));
    },
    { path: ADMIN, viewport: { width: 390, height: 844 }, reducedMotion: "no-preference" },
  ));

/** Presses a button by keyboard: how the heading that then has the focus looks. */
async function focusAfter(page, button) {
  await button.focus();
  await page.keyboard.press("Enter");
  return page.evaluate(() => {
    const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
    return [document.activeElement.id, outlineStyle, boxShadow !== "none"];
  });
}

test("the focus on a heading is a line at its side, not a frame", async () => {
  await onPage(server, async (page) => {
    await register(page);
    const style = await focusAfter(page, card(page).getByRole("button", { name: /^Edit / }));
    assert.deepEqual(style, ["register-title", "none", true]);
  });
  const operate = async (page) => {
    await unlock(page);
    await listStatus(page, "No client has registered yet.");
    const style = await focusAfter(page, page.getByRole("button", { name: "New client" }));
    assert.deepEqual(style, ["new-client-title", "none", true]);
  };
  await onPage(admin, operate, { path: ADMIN });
});

test("issuers that are listed can be picked, the others not", () =>
  onPage(server, async (page) => {
    await page.getByText("Another issuer on this host").click();
    const links = page.locator("#issuer-list a");
    await links.first().waitFor();
    assert.deepEqual(await links.allInnerTexts(), [`${server.url}/t1`]);
    await check(page, "with a list of issuers");
    await links.first().click();
    await page.waitForURL((url) => url.searchParams.get("issuer") === "/t1");
    await page.locator("#issuer").getByText(`${server.url}/t1`, { exact: true }).waitFor();
  }));

test("the operator's page says at once that there is no operator's API", () =>
  onPage(
    server,
    async (page) => {
      await page.getByRole("alert").getByText(/It is turned on by the secret ADMIN_TOKEN of the Worker\.$/).waitFor();
      assert.ok(await page.getByLabel("Operator\u2019s token").isHidden());
      await check(page, "switched off");
    },
    { path: "/admin/" },
  ));

test("the pages lead to each other and to the documentation of the server", () =>
  onPage(server, async (page) => {
    const documentation = page.getByRole("link", { name: "Documentation of this server" });
    assert.equal(await documentation.getAttribute("href"), "https://docs.example/");
    for (const path of ["/", "/admin/", "/api/"]) {
      await page.goto(server.url + path);
      const links = await page.locator(".pages a[href^='/']").evaluateAll((all) => all.map((link) => link.pathname));
      assert.deepEqual(links, ["/", "/admin/", "/api/", "/openapi.json"], path);
      assert.equal(await page.locator(".pages [aria-current]").evaluate((link) => link.pathname), path);
    }
  }));

for (const [name, viewport] of [["desk", desk], ["phone", phone]]) {
  test(`the page of the API shows every operation and every object: ${name}`, () =>
    onPage(
      admin,
      async (page) => {
        await page.goto(`${admin.url}/api/#getClient`);
        await page.getByRole("heading", { name: "Objects" }).waitFor();
        const { paths, components } = await (await fetch(`${admin.url}/openapi.json`)).json();
        const operations = Object.values(paths).flatMap((item) => Object.values(item).filter((one) => one.operationId));
        const ids = await page.locator("#groups article").evaluateAll((all) => all.map(({ id }) => id));
        const expected = [...operations.map((one) => one.operationId), ...Object.keys(components.schemas)];
        assert.deepEqual([...ids].sort(), expected.sort());
        await check(page, "the page of the API");
        assert.deepEqual(await page.locator("#problem").innerText(), "");
        // Which codes an error can have; and no line about a token where none is needed.
        const discovery = page.locator("#discoverOAuth");
        await discovery.getByText(/with this identifier\. Error with error: invalid_request or not_found$/).waitFor();
        assert.equal(await discovery.getByText("Token:").count(), 0);
        await page.locator("#getClient").getByText("in the path, required", { exact: true }).waitFor();
      },
      { viewport },
    ));
}
