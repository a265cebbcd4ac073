// The secrets of the page at /admin/: what it keeps and forgets, and its message when it is not let in.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { ADMIN_TOKEN, AS_TOKEN, listStatus, operatorServer, record, seed, unlock } from "./support/operator.mjs";
import { everything, limitedServer, onPage, shippedServer } from "./support/page.mjs";

const PATH = "/secrets";

let server;
before(async () => {
  server = await operatorServer();
  await seed(server, [record("Confidential")], PATH);
});

const on = (action, options) => onPage(server, action, { path: `/admin/?issuer=${PATH}`, ...options });
const said = (page, text) => page.locator("#unlock-status").getByText(text).waitFor();
const opened = (page) => listStatus(page, /^1 client\.$/);
const name = (page) => page.getByRole("button", { name: "Confidential" });

/** Everywhere that a page can leave something, as one text. */
const traces = async (page) => {
  const kept = await page.evaluate(() => JSON.stringify([sessionStorage, localStorage, document.cookie, history.state]));
  const typed = await page.locator("input").evaluateAll((all) => all.map(({ value }) => value).join("\n"));
  return [page.url(), kept, typed, await everything(page)].join("\n");
};

test("the operator's token is in the Authorization header of requests, and nowhere else once it is entered", () =>
  on(async (page) => {
    const seen = [];
    page.on("console", (message) => seen.push(message.text()));
    page.on("request", (request) => seen.push(request.url(), request.postData() ?? ""));
    await unlock(page);
    await opened(page);
    await name(page).click();
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText(/^Enabled/).waitFor();
    const asked = page.waitForRequest((request) => request.url().endsWith("/admin/clients?limit=100"));
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Clear" }).click();
    assert.equal((await asked).headers().authorization, `Bearer ${ADMIN_TOKEN}`);
    assert.ok(![...seen, await traces(page)].join("\n").includes(ADMIN_TOKEN));
    const entered = page.locator("#token");
    assert.deepEqual([await entered.getAttribute("type"), await entered.getAttribute("autocomplete")], ["password", "off"]);
  }));

test("Lock, a reload and leaving the page forget the token, and what was shown with it", () =>
  on(async (page) => {
    const locked = async (how) => {
      await page.getByRole("button", { name: "Unlock" }).waitFor();
      assert.doesNotMatch(await traces(page), /Confidential/, how);
      assert.ok(await page.getByRole("button", { name: "Lock", exact: true }).isHidden());
    };
    const lock = () => page.getByRole("button", { name: "Lock", exact: true }).click();
    await unlock(page);
    await opened(page);
    await lock();
    await locked("Lock");
    assert.equal(await page.evaluate(() => document.activeElement.id), "token");
    await unlock(page);
    await opened(page);
    await page.reload();
    await locked("reload");
    await unlock(page);
    await opened(page);
    await name(page).click();
    // The event that the browser sends to a page it keeps for going back.
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
    await locked("left");
    // An answer that comes after the lock is not shown.
    await unlock(page);
    await opened(page);
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route("**/admin/clients?*", async (route) => (await held, route.continue()));
    await page.getByRole("button", { name: "Clear" }).click();
    await lock();
    const late = page.waitForResponse("**/admin/clients?*");
    release();
    await (await late).finished();
    await locked("late");
  }));

test("a new credential of a client, and a new initial access token, are masked until they are revealed", () =>
  on(
    async (page) => {
      await unlock(page);
      await opened(page);
      await name(page).click();
      await page.getByText("New credential").click();
      const seen = () => page.waitForResponse((response) => response.request().method() === "POST");
      const secrets = [];
      for (const [at, credential] of ["client_secret", "registration_access_token"].entries()) {
        await page.getByRole("radio", { name: credential }).check();
        await page.getByLabel(/^The old one works until/).setChecked(at === 1);
        await page.getByRole("button", { name: "Replace\u2026" }).click();
        const question = page.getByRole("alertdialog");
        await question.getByText(at === 1 ? /^The old one still works/ : /^The old one stops working at once/).waitFor();
        const [answer] = await Promise.all([seen(), question.getByRole("button", { name: "Replace it" }).click()]);
        secrets.push(await answer.json());
        await page.getByText(`This client has a new ${credential}.`).waitFor();
        const value = secrets[at][credential];
        assert.ok(value.length > 40 && !(await traces(page)).includes(value), credential);
        const place = page.locator(".once");
        await place.getByRole("button", { name: `Copy ${credential}` }).click();
        await page.getByRole("dialog").getByRole("status").getByText(`Copied ${credential}`).waitFor();
        assert.ok(!(await traces(page)).includes(value), credential);
        await place.getByRole("button", { name: `Reveal ${credential}` }).click();
        assert.equal(await place.locator(".secret code").innerText(), value);
      }
      // The new secret is the client's.
      const { client_id, client_secret } = secrets[0];
      const answer = await fetch(`${server.url}${PATH}/as/clients/authenticate`, {
        method: "POST",
        headers: { authorization: `Bearer ${AS_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ client_id, client_secret }),
      });
      assert.equal(answer.status, 200);
      await page.getByRole("button", { name: "Close" }).click();
      const [minted] = await Promise.all([seen(), page.getByRole("button", { name: "Create a token" }).click()]);
      const { initial_access_token: token } = await minted.json();
      await page.getByText(/^Made /).waitFor();
      assert.ok(!(await traces(page)).includes(token));
      await page.getByRole("button", { name: "Reveal initial_access_token" }).click();
      assert.equal(await page.locator("#minted .secret code").innerText(), token);
      await page.getByRole("button", { name: "Reveal initial_access_token" }).click();
      assert.ok(!(await traces(page)).includes(token), "hidden again");
    },
    { permissions: ["clipboard-write"] },
  ));

test("a rejected operator reads why, and what to do", async () => {
  await on(async (page) => {
    await unlock(page, " ");
    await said(page, "Enter the operator\u2019s token.");
    await unlock(page, "na\u00efve \u2713");
    await said(page, "The token has characters that are not allowed in a header.");
    await unlock(page, "not the operator's secret of 32 bytes or more");
    await said(page, "This is not the operator\u2019s token of this server.");
    assert.ok(!(await traces(page)).includes("not the operator's secret"));
  });
  const nowhere = (page) => page.getByRole("alert").getByText(/^There is no issuer at .*\/nope\./).waitFor();
  await on(nowhere, { path: "/admin/?issuer=/nope" });
  const turnedOff = (page) => page.getByRole("alert").getByText(/^This server has no operator\u2019s API\./).waitFor();
  await onPage(await shippedServer(), turnedOff, { path: "/admin/" });
});

test("over the limit of wrong tokens the page says how long to wait", async () => {
  const limited = await limitedServer();
  await onPage(
    limited,
    async (page) => {
      const guess = () => fetch(`${limited.url}/admin/clients`, { headers: { authorization: "Bearer wrong" } });
      for (let n = 0; n < 100 && (await guess()).status !== 429; n += 1);
      await unlock(page, "wrong");
      await said(page, "Too many wrong tokens came from your network. Try again in 60 seconds.");
    },
    { path: "/admin/" },
  );
});

test("a temporary failure says when to ask again, and a token that ends locks the page", () =>
  on(async (page) => {
    const answer = (status, headers, body) => (route) => route.fulfill({ status, headers, json: body });
    const busy = "Another request is changing this registration; try again";
    const body = { error: "temporarily_unavailable", error_description: busy };
    await page.route("**/.well-known/**", answer(503, {}, { ...body, error_description: "Gone" }));
    await page.reload();
    await page.getByRole("alert").getByText("The discovery document cannot be read: Gone").waitFor();
    await unlock(page);
    await opened(page);
    await page.route("**/disable", answer(503, { "retry-after": "2" }, body));
    await name(page).click();
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByRole("dialog").getByText(/ is changing this registration\. Try again in 2 seconds\.$/).waitFor();
    await page.route("**/enable", answer(401, {}, { error: "invalid_token" }));
    await page.unroute("**/disable");
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByRole("button", { name: "Enable" }).click();
    await said(page, "Locked: This is not the operator\u2019s token of this server.");
    assert.doesNotMatch(await traces(page), /Confidential/);
  }));
