// The page at / for issuers with a path, and at a gate that is not open to everybody.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startServer } from "../e2e/support/server.mjs";
import { ADMIN_TOKEN } from "./support/operator.mjs";
import { block, everything, field, onPage, press, register, shippedServer, startFrom } from "./support/page.mjs";

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token", scopes_supported: ["a", "b"] };

const SETTINGS = {
  "/invited": { REGISTRATION: { mode: "token" } },
  "/closed": { REGISTRATION: { mode: "closed" } },
  "/t1": {},
  "/t2": {},
};

let server;
before(async () => {
  const issuers = (url) => Object.fromEntries(Object.entries(SETTINGS).map(([path, own]) => [url + path, own]));
  server = await startServer({ vars: (url) => ({ ISSUERS: issuers(url), METADATA, ADMIN_TOKEN }) });
});
after(() => server?.stop());

test("a gated server explains that it wants an initial access token, and registers with one", async () => {
  const minted = await fetch(`${server.url}/invited/admin/initial-access-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: "{}",
  });
  const { initial_access_token: token } = await minted.json();
  const using = async (page) => {
    const entered = page.getByLabel("Initial access token");
    assert.equal((await press(page, "Register")).status, 401);
    await page.getByText(/^Registration on this server needs an initial access token\./).waitFor();
    await entered.fill("iat_wrong");
    assert.equal((await press(page, "Register")).status, 401);
    await page.getByText(/unknown, expired, revoked or used up\. Ask the server\u2019s operator/).waitFor();
    await entered.fill(token);
    assert.equal((await press(page, "Dry run")).status, 200);
    const { request } = await register(page);
    assert.equal(request.headers().authorization, `Bearer ${token}`);
    assert.ok(!(await everything(page)).includes(token));
    // Its uses are over; what it registered is still managed.
    await field(page, "client_name").fill("Another");
    assert.equal((await press(page, "Register")).status, 401);
    await page.getByRole("button", { name: /^Read / }).click();
    await page.getByText("This is the registration as it is now.").waitFor();
  };
  await onPage(server, using, { path: "/?issuer=/invited" });
});

test("a closed server is said to be closed, and nothing can be sent to it", () =>
  onPage(
    server,
    async (page) => {
      await page.getByText(/^Registration is closed/).waitFor();
      for (const name of ["Register", "Dry run"]) {
        assert.ok(await page.getByRole("button", { name, exact: true }).isDisabled());
      }
    },
    { path: "/?issuer=/closed" },
  ));

test("without an issuer at the root the page asks for a path, and is then about that issuer", async () => {
  await onPage(server, async (page) => {
    await page.getByRole("alert").getByText(/^There is no issuer at http:\/\/127\.0\.0\.1:\d+\/\./).waitFor();
    await page.getByLabel("Path of the issuer").fill("/t1");
    await page.getByRole("button", { name: "Open" }).click();
    await page.waitForURL((url) => url.searchParams.get("issuer") === "/t1");
    await page.getByRole("heading", { name: "Register a client" }).waitFor();
    assert.equal(await page.locator("#issuer").innerText(), `${server.url}/t1`);
    await startFrom(page, "Web server");
    const { request, body } = await register(page);
    assert.equal(request.url(), `${server.url}/t1/reg`);
    assert.match(await block(page, "Request"), /^POST \/t1\/reg HTTP\/1\.1/);
    // Clients of one issuer are not offered to another.
    await page.goto(`${server.url}/?issuer=/t2`);
    await page.getByText("None yet.").waitFor();
    await page.goto(`${server.url}/?issuer=%2Ft1%2F`);
    await page.getByText(body.client_id, { exact: true }).waitFor();
  });
  for (const elsewhere of ["//evil.example", "https://evil.example/t1", "/\\evil.example", "t1", "/t1?x", "/a/..//evil.example"]) {
    const path = `/?issuer=${encodeURIComponent(elsewhere)}`;
    await onPage(server, (page) => page.getByText(/ is not a path on this host/).waitFor(), { path });
  }
});

test("an issuer on another origin is shown, and its requests are left to curl", async () => {
  const elsewhere = await startServer({ vars: { ISSUER: "https://auth.example.com", METADATA } });
  try {
    await onPage(elsewhere, async (page) => {
      assert.equal(await page.locator("#issuer").innerText(), "https://auth.example.com");
      await page.getByRole("button", { name: "Register", exact: true }).click();
      await page.getByText("This page cannot call https://auth.example.com. Use the curl command.").waitFor();
      assert.match(await block(page, "curl"), /^curl -i -X POST 'https:\/\/auth\.example\.com\/reg' /);
      await page.getByRole("button", { name: "Dry run" }).click();
      assert.match(await block(page, "curl"), /^curl -i -X POST 'https:\/\/auth\.example\.com\/reg\?dry_run=true' /);
    });
  } finally {
    await elsewhere.stop();
  }
});

test("the discovery document is shown whole, in groups, with a link to itself", async () =>
  onPage(await shippedServer(), async (page) => {
    const link = page.getByRole("link", { name: "the JSON" });
    const document = await (await fetch(await link.getAttribute("href"))).json();
    const shown = page.getByRole("region", { name: "Discovery document of this server" });
    assert.deepEqual(await shown.getByRole("heading", { level: 3 }).allInnerTexts(), [
      "Endpoints",
      "What clients may ask for",
      "Algorithms",
    ]);
    const names = await shown.locator("dt").allInnerTexts();
    assert.deepEqual(["issuer", ...names].sort(), Object.keys(document).sort());
    const text = (await shown.innerText()).split(/\s+/);
    for (const value of Object.values(document).flat().slice(1)) assert.ok(text.includes(value), value);
    // The fields offer the values that clients may ask for.
    assert.deepEqual(
      await field(page, "token_endpoint_auth_method").locator("option").allInnerTexts(),
      ["server default", ...document.token_endpoint_auth_methods_supported],
    );
  }));
