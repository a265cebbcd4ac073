// Both pages, when answers come late, are none of the API's, or do not come at all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startServer } from "../e2e/support/server.mjs";
import { listStatus, record, seed, unlock, vars } from "./support/operator.mjs";
import { everything, field, onPage, press, register, startFrom } from "./support/page.mjs";

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };

let server;
before(async () => {
  const issuers = (url) => ({ ISSUERS: Object.fromEntries(["", "/crowd"].map((path) => [url + path, {}])), METADATA });
  server = await startServer({ vars: (url) => ({ ...vars, ...issuers(url) }) });
  await seed(server, [record("Confidential")]);
  await seed(server, Array.from({ length: 101 }, (_, at) => record(`client ${at}`)), "/crowd");
});
after(() => server.stop());

const operating = (action, path = "") =>
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
  onPage(server, async (page) => {
    for (const [answer, told] of [
      [html(200), "The server answered 200, but not as its API does."],
      [html(502), "The server answered 502."],
      [html(503, { "retry-after": "7" }), "The server answered 503 (in 7 seconds)."],
      [html(429), "The server answered 429."],
    ]) {
      await page.route("**/reg", answer, { times: 1 });
      await page.getByRole("button", { name: "Register", exact: true }).click();
      await said(page, told);
    }
    await register(page);
  }));

test("what the discovery document is missing for is a sentence of its own", () =>
  onPage(server, async (page) => {
    const json = { error: "temporarily_unavailable", error_description: "It is too much just now" };
    await page.route("**/.well-known/**", (route) => route.fulfill({ status: 503, json }));
    await page.reload();
    await page.getByRole("alert").getByText(/^It is too much just now\. If there is/).waitFor();
    assert.ok(await page.getByRole("navigation").isHidden(), "it leads nowhere");
  }));

test("an answer that is none of the API's opens no desk", () =>
  onPage(
    server,
    async (page) => {
      await page.route("**/clients?limit=1", html(200));
      await unlock(page);
      await page.locator("#unlock-status").getByText("The server answered 200, but not as its API does.").waitFor();
      assert.ok(await page.getByRole("button", { name: "Lock", exact: true }).isHidden());
    },
    { path: "/admin/" },
  ));
