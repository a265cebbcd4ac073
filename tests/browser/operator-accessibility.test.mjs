// The page at /admin/ for everybody: by rules that a program can check, by keyboard alone, in light and dark, on a
// phone.

import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { check, desk, keyboard, phone, picture } from "./support/accessibility.mjs";
import { ADMIN_TOKEN, DAY, ask, listStatus, now, operatorServer, record, seed, unlock } from "./support/operator.mjs";
import { onPage } from "./support/page.mjs";

const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));

let server;
before(async () => {
  server = await operatorServer();
  await seed(server, crowd());
  await seed(server, [record("By keyboard")], "/keys");
  const token = JSON.stringify({ label: "partner", policy: { scopes: ["a"] } });
  assert.equal((await ask(server, "POST", "/admin/initial-access-tokens", token)).status, 201);
});

/** Clients as a server may have them: more lately than before, most of them never used. */
function crowd() {
  const names = ["Field notes", "Weather dashboard", "Code editor", "Nightly reports", "Tool inspector", "Partner portal"];
  const token = { id: "8lZyPLDpwLZ1", label: "partner" };
  const partner = { provenance: { self_asserted: false, token, policy: "kUJnbrqpgwSW" } };
  return Array.from({ length: 140 }, (_, at) => {
    const issued_at = now() - 600 - Math.floor(31 * DAY * (((at * 37) % 140) / 140) ** 1.5);
    const used = at % 3 === 1 && { last_used: Math.min(now(), issued_at + (at % 9) * DAY) };
    const off = at % 35 === 3 && { disabled_at: now() };
    return record(names[at % 6], { issued_at, ...used, ...off, ...(at % 6 === 5 && partner) });
  });
}

for (const [name, options] of [
  ["light", { colorScheme: "light", viewport: desk }],
  ["dark", { colorScheme: "dark", viewport: desk }],
  ["narrow", { colorScheme: "light", viewport: phone }],
  ["narrow and dark", { colorScheme: "dark", viewport: phone }],
]) {
  test(`axe finds nothing on the operator's page, and all of it fits into the window: ${name}`, { timeout: 120_000 }, () =>
    onPage(
      server,
      async (page) => {
        await check(page, "locked");
        await unlock(page, "wrong");
        await page.getByText("This is not the operator\u2019s token").waitFor();
        await check(page, "not let in");
        await unlock(page);
        await listStatus(page, "100 clients so far");
        await check(page, "a page of clients");
        await page.getByRole("button", { name: "Load all" }).click();
        await listStatus(page, /^140 clients\.$/);
        if (process.env.UPDATE_SCREENSHOTS === "1" && !name.includes(" ")) {
          if (name !== "narrow") await page.setViewportSize({ width: 1280, height: 1180 });
          await picture(page, join(images, `operator-${name}.png`));
          await page.setViewportSize(options.viewport);
        }
        await page.getByText("The same as a table").click();
        await page.getByText("More conditions").click();
        await page.getByText("Policy of its clients").click();
        await page.getByLabel("Not used for").fill("long");
        await page.getByRole("button", { name: "Search" }).click();
        await check(page, "not understood");
        await page.getByLabel("Not used for").fill("");
        await page.getByLabel("Name contains").fill("partner");
        await page.getByRole("button", { name: "Search" }).click();
        await listStatus(page, "23 clients found.");
        await page.getByRole("button", { name: "Delete all found" }).click();
        await page.getByRole("alertdialog").waitFor();
        await check(page, "the question");
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "Partner portal" }).first().click();
        await page.getByText("New credential").click();
        await page.getByRole("button", { name: "Replace\u2026" }).click();
        await page.getByRole("button", { name: "Replace it" }).click();
        await page.getByText("It is not shown again.").waitFor();
        await check(page, "a client");
        await page.getByRole("button", { name: "Close" }).click();
        await page.getByRole("button", { name: "Create a token" }).click();
        await page.getByText("It is not shown again.").waitFor();
        await check(page, "a token");
      },
      { path: "/admin/", ...options },
    ),
  );
}

test("an operator unlocks the page, finds a client, disables and deletes it, and locks the page, by keyboard alone", () =>
  onPage(
    server,
    async (page) => {
      const { focused, tabTo } = keyboard(page);
      await tabTo("Skip to the content");
      await page.keyboard.press("Enter");
      await tabTo("Operator\u2019s token");
      await page.keyboard.type(ADMIN_TOKEN);
      await page.keyboard.press("Enter");
      await listStatus(page, /^1 client\.$/);
      assert.equal(await focused(), "Clients");
      await tabTo("Name contains");
      await page.keyboard.type("keyboard");
      await page.keyboard.press("Enter");
      await listStatus(page, "1 client found.");
      await tabTo("By keyboard");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "By keyboard" }).waitFor();
      assert.equal(await focused(), "By keyboard", "the heading of the dialog");
      await tabTo("Disable");
      await page.keyboard.press("Enter");
      await page.getByText(/^Disabled: /).waitFor();
      assert.equal(await focused(), "Enable");
      await tabTo("Delete");
      await page.keyboard.press("Enter");
      await page.getByRole("alertdialog").waitFor();
      assert.equal(await focused(), "Cancel");
      await tabTo("Delete this client", "Shift+Tab");
      await page.keyboard.press("Enter");
      await listStatus(page, "By keyboard is deleted.");
      // The focus is not lost with what was deleted.
      await page.locator("#clients-title:focus").waitFor();
      await tabTo("Lock", "Shift+Tab");
      await page.keyboard.press("Enter");
      await page.getByText("Locked. The token was removed from this page.").waitFor();
      assert.equal(await focused(), "Operator\u2019s token ADMIN_TOKEN");
    },
    { path: "/admin/?issuer=/keys" },
  ));

test("the operator's page has landmarks, one first heading, and no level left out", () =>
  onPage(
    server,
    async (page) => {
      await unlock(page);
      await listStatus(page, "100 clients so far");
      for (const role of ["banner", "navigation", "main", "search", "contentinfo"]) {
        assert.equal(await page.getByRole(role).count(), 1, role);
      }
      const levels = await page.locator("h1, h2, h3").evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
      assert.deepEqual([levels[0], levels.filter((level) => level === 1).length], [1, 1]);
      levels.slice(1).forEach((level, at) => assert.ok(level <= levels[at] + 1, levels.join()));
      // A screen reader has a table, also where it looks like cards.
      await page.setViewportSize(phone);
      assert.equal(await page.getByRole("table", { name: "Clients" }).getByRole("row").count(), 100);
      assert.equal(await page.getByRole("table", { name: "Clients" }).getByRole("rowheader").count(), 100);
    },
    { path: "/admin/" },
  ));
