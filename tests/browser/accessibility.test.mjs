// The page at / for everybody: by keyboard alone, by rules that a program can check, in light and dark, on a phone.

import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { check, desk, keyboard, phone, picture } from "./support/accessibility.mjs";
import { field, onPage, press, register, shippedServer, startFrom } from "./support/page.mjs";

const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));

let server;
before(async () => (server = await shippedServer()));

for (const [name, options] of [
  ["light", { colorScheme: "light", viewport: desk }],
  ["dark", { colorScheme: "dark", viewport: desk }],
  ["narrow", { colorScheme: "light", viewport: phone }],
  ["narrow and dark", { colorScheme: "dark", viewport: phone }],
]) {
  test(`axe finds nothing, and nothing is wider than the window: ${name}`, { timeout: 120_000 }, () =>
    onPage(
      server,
      async (page) => {
        await page.getByRole("heading", { name: "Register a client" }).waitFor();
        await check(page, "at first");
        await startFrom(page, "Web server");
        await register(page);
        await check(page, "registered");
        if (process.env.UPDATE_SCREENSHOTS === "1" && !name.includes(" ")) {
          await picture(page, join(images, `registration-${name}.png`));
        }
        for (const reveal of await page.getByRole("button", { name: /^Reveal / }).all()) await reveal.click();
        await page.getByText("Another issuer on this host").click();
        await page.getByText("More about the client").click();
        await field(page, "logo_uri").fill("ftp://app.example/logo");
        await field(page, "redirect_uris").fill("http://app.example/cb");
        assert.equal((await press(page, "Dry run")).status, 400);
        await check(page, "refused");
        await page.getByRole("radio", { name: "JSON" }).check();
        await check(page, "refused, as JSON");
        await page.getByRole("button", { name: /^Edit / }).click();
        await check(page, "being edited");
      },
      options,
    ),
  );
}

test("a client is registered, its secret read, and it is deleted, by keyboard alone", () =>
  onPage(server, async (page) => {
    await page.getByRole("heading", { name: "Register a client" }).waitFor();
    const { focused, tabTo } = keyboard(page);
    await tabTo("Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo("Web server");
    await page.keyboard.press("Space");
    await tabTo("Name client_name");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("By keyboard");
    await tabTo("client_credentials");
    await page.keyboard.press("Space");
    await tabTo("Register");
    const [response] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      page.keyboard.press("Enter"),
    ]);
    const client = await response.json();
    assert.deepEqual([response.status(), client.client_name, client.grant_types.length], [201, "By keyboard", 3]);
    await page.getByRole("status").getByText(`Registered as ${client.client_id}.`).waitFor();
    const list = page.getByRole("region", { name: "Your clients" });
    await list.getByRole("heading", { name: "By keyboard" }).waitFor();
    // The exchange has one too.
    const inList = () => page.evaluate(() => Boolean(document.activeElement.closest(".client")));
    await tabTo("Reveal client_secret");
    if (!(await inList())) await tabTo("Reveal client_secret");
    assert.ok(await inList());
    await page.keyboard.press("Space");
    await list.getByText(client.client_secret).waitFor();
    await tabTo("Delete");
    await page.keyboard.press("Enter");
    await tabTo("Delete this client", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText(/^Deleted permanently/).waitFor();
    assert.equal(await focused(), "Your clients", "the focus is not lost with what was deleted");
  }));

test("the page has landmarks, one first heading, and no level left out", () =>
  onPage(server, async (page) => {
    await page.getByRole("heading", { name: "Register a client" }).waitFor();
    for (const role of ["banner", "navigation", "main", "contentinfo"]) assert.equal(await page.getByRole(role).count(), 1, role);
    const levels = await page.locator("h1, h2, h3").evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    assert.deepEqual([levels[0], levels.filter((level) => level === 1).length], [1, 1]);
    levels.slice(1).forEach((level, at) => assert.ok(level <= levels[at] + 1, levels.join()));
  }));
