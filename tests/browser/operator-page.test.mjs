// The page at /admin/ with clients in the store: everything that an operator does there.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { DAY, ask, listStatus, now, operatorServer, record, seed, unlock } from "./support/operator.mjs";
import { onPage } from "./support/page.mjs";

let server;
before(async () => (server = await operatorServer()));

/** Opens the page for the issuer at `path`, which no other test uses and whose clients are `records`, and unlocks it. */
async function unlocked(path, records, action, options) {
  await seed(server, records, path);
  await onPage(
    server,
    async (page) => {
      await unlock(page);
      await page.getByRole("heading", { name: "Clients", exact: true }).waitFor();
      await action(page);
    },
    { path: `/admin/?issuer=${path}`, ...options },
  );
}

const rows = (page) => page.locator("#list tbody tr");
const names = (page) => page.locator("#list button.name").allInnerTexts();
const search = (page) => page.getByRole("button", { name: "Search" }).click();
const dialog = (page) => page.getByRole("dialog");
const sure = (page, name) => page.getByRole("alertdialog").getByRole("button", { name }).click();
const unavailable = (route) =>
  route.fulfill({
    status: 503,
    headers: { "retry-after": "7" },
    json: { error: "temporarily_unavailable", error_description: "It is too much just now; try again" },
  });
const get = async (path, id) => (await ask(server, "GET", `${path}/admin/clients/${id}`)).body;

test("more than a page of clients is loaded page by page, or all at once, and the page says how many it knows", () =>
  unlocked("/paging", Array.from({ length: 250 }, (_, at) => record(`client ${at}`)), async (page) => {
    const basis = page.locator("#basis");
    await listStatus(page, "100 clients so far; there are more.");
    assert.equal(await rows(page).count(), 100);
    assert.match(await basis.innerText(), /^Based on 100 loaded clients of this issuer\. There may be more\./);
    await page.route("**/clients?*cursor=*", unavailable, { times: 1 });
    await page.getByRole("button", { name: "Load more" }).click();
    await listStatus(page, "It is too much just now. Try again in 7 seconds.");
    assert.equal(await rows(page).count(), 100, "what is there stays");
    await page.getByRole("button", { name: "Load more" }).click();
    await listStatus(page, "200 clients so far; there are more.");
    await page.getByRole("button", { name: "Load all" }).click();
    await listStatus(page, /^250 clients\.$/);
    assert.equal(new Set(await page.locator("#list code").allInnerTexts()).size, 250);
    assert.equal(await basis.innerText(), "Based on all clients of this issuer: 250.");
    for (const name of ["Load more", "Load all"]) assert.ok(await page.getByRole("button", { name }).isHidden(), name);
  }));

test("a shared client shows about how often it was requested, and has nothing to edit and no credential", () => {
  const metadata = { client_name: "Connector", redirect_uris: ["https://app.example/cb"], token_endpoint_auth_method: "none" };
  const shared = record("Connector", { v: 4, shared: true, tokens: [], secrets: [], metadata });
  return unlocked("/shared", [shared], async (page) => {
    assert.match(await rows(page).innerText(), /active\s+shared: about 0 requests/);
    await page.getByRole("button", { name: "Connector" }).click();
    await dialog(page).getByText("by all that register these metadata").waitFor();
    for (const absent of ["Edit", "New credential"]) assert.equal(await dialog(page).getByText(absent, { exact: true }).count(), 0, absent);
    assert.ok(await dialog(page).getByRole("button", { name: "Disable" }).isVisible());
  });
});

test("each condition narrows the list, all of them hold together, and Clear takes them away", () => {
  const at = (days) => now() - days * DAY;
  const token = { id: "8lZyPLDpwLZ1", label: "partner" };
  const vouched = { provenance: { self_asserted: false, token, policy: "kUJnbrqpgwSW" } };
  const old = record("Old and used", { issued_at: at(40), last_used: at(35) });
  const dead = record("Old and dead", { issued_at: at(40) });
  const off = record("Fresh and off", { disabled_at: now() });
  const partner = record("Fresh partner", vouched);
  const all = ["Fresh and off", "Fresh partner", "Old and dead", "Old and used"];
  return unlocked("/filters", [old, dead, off, partner], async (page) => {
    await listStatus(page, /^4 clients\.$/);
    assert.deepEqual((await names(page)).slice(2).sort(), all.slice(2), "the newest come first");
    await page.getByText("More conditions").click();
    for (const [wanted, filled, chosen = {}] of [
      [["Fresh and off", "Fresh partner"], { "Name contains": "FRESH" }],
      [["Old and dead"], { "Identifier begins with": dead.client_id.slice(0, 12) }],
      [["Old and dead", "Old and used"], { "Registered longer ago than": "7d" }],
      [["Fresh and off", "Fresh partner"], { "Registered more recently than": "12h" }],
      [["Old and dead", "Old and used"], { "Not used for": "30d" }],
      [["Old and dead"], { "Not used for": "36d" }],
      [["Fresh and off", "Fresh partner", "Old and dead"], {}, { Use: "never used" }],
      [["Old and used"], {}, { Use: "used" }],
      [["Fresh partner"], {}, { "Vouched for": "by somebody" }],
      [["Fresh and off", "Old and dead", "Old and used"], {}, { "Vouched for": "by nobody: self-asserted" }],
      [["Fresh and off"], {}, { State: "disabled" }],
      [["Old and dead"], { "Name contains": "old" }, { Use: "never used", State: "enabled" }],
    ]) {
      for (const [label, text] of Object.entries(filled)) await page.getByLabel(label).fill(text);
      for (const [label, text] of Object.entries(chosen)) await page.getByLabel(label, { exact: true }).selectOption(text);
      await search(page);
      await listStatus(page, wanted.length === 1 ? "1 client found." : `${wanted.length} clients found.`);
      assert.deepEqual((await names(page)).sort(), wanted, JSON.stringify([filled, chosen]));
      await page.getByRole("button", { name: "Clear" }).click();
      await listStatus(page, /^4 clients\.$/);
    }
    await page.getByLabel("Name contains").fill("nobody is called so");
    await search(page);
    await listStatus(page, "No client matches.");
    await page.getByLabel("Not used for").fill("a while");
    await search(page);
    await page.getByRole("alert").getByText("Not used for: write it like 30m, 12h or 7d.").waitFor();
    assert.equal(await page.getByLabel("Not used for").getAttribute("aria-invalid"), "true");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByLabel("Order").selectOption("by name");
    await listStatus(page, /^4 clients\.$/);
    assert.deepEqual(await names(page), all);
  });
});

test("the figures and the chart count what is loaded, by day", () => {
  const day = (ago) => Math.floor(now() / DAY - ago) * DAY + DAY / 2;
  const used = { last_used: now() };
  const records = [
    record("a", { issued_at: day(3) }),
    record("b", { issued_at: day(3) }),
    record("c", { issued_at: day(3), ...used }),
    record("d", { issued_at: day(29), ...used, disabled_at: now() }),
    record("e", { issued_at: day(30) }),
  ];
  return unlocked("/chart", records, async (page) => {
    await listStatus(page, /^5 clients\.$/);
    const figures = (await page.locator("#figures").innerText()).replace(/\s+/g, " ");
    assert.equal(figures, "Clients 5 Never used 3 60 % Self-asserted 5 100 % Disabled 1 20 %");
    assert.match(await page.locator("#basis").innerText(), /: 5\. 1 registered more than 30 days ago\.$/);
    await page.getByText("The same as a table").click();
    const date = (ago) => new Date(day(ago) * 1000).toISOString().slice(0, 10);
    const cells = await page
      .locator(".numbers tbody tr")
      .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(cells, [[date(3), "3", "2"], [date(29), "1", "0"]]);
    const picture = page.getByRole("img", { name: /^Registrations per day: 4 in all, at most 3 a day; a table/ });
    const bars = (kind) => picture.locator(`.${kind}`);
    const heights = (kind) =>
      bars(kind).evaluateAll((all) => all.map((bar) => Math.round(bar.getAttribute("height"))));
    const [never, since] = [await heights("never"), await heights("used")];
    assert.deepEqual([never.length, never[26], since[26], never[0], since[0]], [30, 67, 33, 0, 33]);
    assert.equal([...never, ...since].reduce((sum, height) => sum + height), 133, "no other bar");
    await page.getByLabel("Name contains").fill("d");
    await search(page);
    await page.getByText("Based on all clients that your search found: 1.").waitFor();
  });
});

test("one client is shown whole, switched off and on, and deleted after a question", () => {
  const client = record("Weather <b>app</b>", { expires_at: now() + DAY });
  client.metadata.contacts = ["a@app.example"];
  const { client_id: id } = client;
  return unlocked("/one", [client, record("Another")], async (page) => {
    const open = () => page.getByRole("button", { name: client.metadata.client_name }).click();
    await open();
    const known = await get("/one", id);
    assert.deepEqual(JSON.parse(await dialog(page).locator("pre").innerText()), known);
    const facts = await dialog(page).locator("dl").allInnerTexts();
    for (const value of [id, "active", "by nobody", "a@app.example", "https://app.example/cb"]) {
      assert.ok(facts.join().includes(value), value);
    }
    assert.equal(await dialog(page).locator("b").count(), 0);
    await dialog(page).getByRole("button", { name: "Disable" }).click();
    await dialog(page).getByText("Disabled: its credentials do not work.").waitFor();
    assert.equal((await get("/one", id)).status, "disabled");
    assert.match(await dialog(page).locator("dl").first().innerText(), /Disabled since/);
    await page.keyboard.press("Escape");
    assert.equal(await rows(page).filter({ hasText: id }).locator("td").last().innerText(), "disabled");
    // The focus comes back.
    await page.locator(`#open-${id}:focus`).waitFor();
    await open();
    await dialog(page).getByRole("button", { name: "Enable" }).click();
    await dialog(page).getByText("Enabled: its credentials work again.").waitFor();
    assert.equal((await get("/one", id)).status, "active");
    await dialog(page).getByRole("button", { name: "Delete" }).click();
    await sure(page, "Cancel");
    assert.equal((await get("/one", id)).status, "active");
    await dialog(page).getByRole("button", { name: "Delete" }).click();
    await sure(page, "Delete this client");
    await listStatus(page, `${client.metadata.client_name} is deleted.`);
    assert.deepEqual([(await get("/one", id)).error, await names(page)], ["not_found", ["Another"]]);
  });
});

test("many clients are deleted by what the list was searched for: tried first, shown, and only then done", () => {
  const records = Array.from({ length: 230 }, (_, at) => record(`Spam ${at}`));
  const stored = async () => (await ask(server, "GET", "/many/admin/clients?limit=1000")).body.clients;
  return unlocked("/many", [...records, record("Honest")], async (page) => {
    const many = page.getByRole("button", { name: "Delete all found" });
    assert.ok(await many.isHidden(), "not without a condition");
    await page.getByLabel("Name contains").fill("spam");
    await search(page);
    await listStatus(page, "230 clients found.");
    await many.click();
    const question = page.getByRole("alertdialog", { name: "Delete 230 clients?" });
    await question.waitFor();
    assert.equal(await question.getByRole("listitem").count(), 10);
    assert.match(await question.innerText(), /Spam \d+ [\w-]{22}[\s\S]*and 220 more/);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cancel");
    await page.keyboard.press("Enter");
    await listStatus(page, "Nothing was deleted.");
    assert.equal((await stored()).length, 231);
    // It comes to the second page of 200, and may be asked to go on then.
    const second = (url) => url.pathname.endsWith("/clients/delete");
    const busy = (route) => (route.request().postDataJSON().cursor ? unavailable(route) : route.continue());
    await page.route(second, busy);
    await many.click();
    await sure(page, "Delete 230 clients");
    await listStatus(page, /^(199|200) clients deleted\. Then the deletion stopped\. It is too much just now\. Try again in 7 seconds\.$/);
    const left = (await stored()).length - 1;
    assert.equal(await rows(page).count(), left);
    await page.unroute(second);
    // A page that could not be done whole is asked for again.
    let asked = 0;
    await page.route(second, async (route) => {
      const response = await route.fetch();
      const half = !route.request().postDataJSON().dry_run && (asked += 1) === 1;
      await route.fulfill({ response, json: { ...(await response.json()), ...(half && { incomplete: true }) } });
    });
    await many.click();
    await sure(page, `Delete ${left} clients`);
    await listStatus(page, `${left} clients deleted.`);
    assert.equal(asked, 2);
    await page.unroute(second);
    assert.equal(await rows(page).count(), 0);
    assert.deepEqual((await stored()).map(({ client_name }) => client_name), ["Honest"]);
  });
});

test("a client that lists tell nothing of is shown, and counted in no share", () =>
  unlocked("/untold", [], async (page) => {
    await listStatus(page, "No client has registered yet.");
    const listed = { client_id: "B".repeat(22), issued_at: now(), self_asserted: true };
    const clients = [{ client_id: "A".repeat(22) }, { ...listed, uses_recorded_since: listed.issued_at }];
    await page.route("**/clients?*", (route) => route.fulfill({ json: { clients } }));
    await page.getByRole("button", { name: "Clear" }).click();
    await listStatus(page, /^2 clients\.$/);
    assert.match(await rows(page).last().innerText(), /A{22}(\s+unknown){5}$/);
    assert.match(await page.locator("#figures").innerText(), /Never used\s+1\s+100\s%/);
    await page.getByText(/ Not counted, because the list has only their identifiers: 1\.$/).waitFor();
  }));

test("clients that wait are shown with what a person needs to decide, and approved or rejected at once", () => {
  const waits = { v: 4, approval: { since: now() } };
  const good = record("A good app", waits);
  const bad = record("A bad app", { ...waits, metadata: { ...good.metadata, client_name: "A bad app", redirect_uris: ["https://evil.example/cb"] } });
  return unlocked("/approval", [good, bad, record("Somebody else's")], async (page) => {
    const region = page.getByRole("region", { name: "Waiting for approval" });
    await region.getByText("2 waiting.").waitFor();
    const shown = (await region.getByRole("listitem").filter({ hasText: "A bad app" }).innerText()).replace(/\s+/g, " ");
    assert.match(shown, /^A bad app Redirect hosts evil\.example Vouched for by nobody.* Registered .* Waiting since /);
    await region.getByRole("button", { name: "Approve A good app" }).click();
    await region.getByText("A good app is approved.").waitFor();
    assert.equal((await get("/approval", good.client_id)).status, "active");
    await region.getByRole("button", { name: "Reject A bad app" }).click();
    await page.getByLabel("Reason, which its owner can read").fill("We do not know you");
    await sure(page, "Reject this client");
    await region.getByText("A bad app is rejected.").waitFor();
    const { status, approval } = await get("/approval", bad.client_id);
    assert.deepEqual([status, approval.reason], ["rejected", "We do not know you"]);
    assert.equal(await region.getByRole("listitem").count(), 0);
    await region.getByRole("button", { name: "Refresh" }).click();
    await region.getByText("No client waits.").waitFor();
  });
});

test("unrecorded uses are shown as such, and a condition about them names the setting", () =>
  unlocked("/unrecorded", [record("Somebody's")], async (page) => {
    await listStatus(page, "1 client.");
    assert.match(await rows(page).first().innerText(), /not recorded/);
    assert.match(await page.locator("#figures").innerText(), /Never used\s+not recorded/);
    await page.getByText("registered; uses are not recorded").waitFor();
    await page.getByText("More conditions").click();
    await page.getByLabel("Use", { exact: true }).selectOption("never used");
    await search(page);
    await listStatus(page, /set REGISTRATION\.record_uses first\.$/);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: "Somebody's" }).click();
    await dialog(page).locator("dl").first().waitFor();
    assert.match((await dialog(page).locator("dl").allInnerTexts()).join(), /Last used\s+not recorded/);
  }));

test("initial access tokens are made, listed and revoked", () =>
  unlocked("/tokens", [], async (page) => {
    const region = page.getByRole("region", { name: "Initial access tokens" });
    await listStatus(page, "No client has registered yet.");
    await region.getByText("There are no valid tokens.").waitFor();
    await region.getByLabel("Label").fill("partner");
    await region.getByLabel("Uses").fill("no number");
    await region.getByRole("button", { name: "Create a token" }).click();
    await region.getByText("Uses: write a whole number, at least 1.").waitFor();
    await region.getByLabel("Uses").fill("5");
    await region.getByLabel("Expires in").fill("12h");
    await region.getByText("Policy of its clients").click();
    await region.getByLabel("Policy as JSON").fill('{"scopes": "openid"}');
    await region.getByRole("button", { name: "Create a token" }).click();
    await region.getByText(/^policy\.scopes is "openid", but must be /).waitFor();
    await region.getByLabel("Policy as JSON").fill('{"client_ttl": 3600}');
    await region.getByRole("button", { name: "Create a token" }).dblclick();
    await region.getByText("Made partner.").waitFor();
    const [made, ...others] = (await ask(server, "GET", "/tokens/admin/initial-access-tokens")).body.initial_access_tokens;
    assert.deepEqual(others, [], "a second click is no second order");
    const { label, uses, created_at: created, expires_at: expires, policy } = made;
    assert.deepEqual([label, uses, expires - created, policy], ["partner", 5, 12 * 3600, { client_ttl: 3600 }]);
    const row = (await region.locator("tbody").innerText()).replace(/\s+/g, " ");
    assert.ok(row.startsWith(`partner ${made.id} 0 of 5 `) && row.includes('{"client_ttl":3600}'), row);
    await region.getByRole("button", { name: "Reveal initial_access_token" }).click();
    const token = await region.locator("#minted .secret code").innerText();
    const register = () =>
      fetch(`${server.url}/tokens/reg`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ redirect_uris: ["https://app.example/cb"] }),
      });
    assert.equal((await register()).status, 201);
    await region.getByRole("button", { name: "Revoke partner" }).click();
    await sure(page, "Revoke this token");
    await region.getByText("partner is revoked.").waitFor();
    assert.equal((await register()).status, 401);
    await region.getByText("There are no valid tokens.").waitFor();
  }));
