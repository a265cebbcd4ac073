// The example of an app in a browser, with the example of an authorization server that is a Worker.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { spawnGuarded } from "../../scripts/lib/process.mjs";
import { startServer } from "../e2e/support/server.mjs";
import { configure } from "../e2e/support/worker-as.mjs";
import { launched } from "./support/page.mjs";

const SERVE = fileURLToPath(new URL("../../examples/browser-app/serve.mjs", import.meta.url));

let app;
let server;
before(async () => {
  server = await startServer({ configure });
  app = await serve(server.url);
});
after(() => (app?.stop(), server?.stop()));

/** Serves the app for an issuer. */
async function serve(issuer) {
  const serving = spawnGuarded(process.execPath, [SERVE, "0", issuer]);
  const [text] = await once(serving.stdout.setEncoding("utf8"), "data");
  return { url: /http:\S+/.exec(text)[0], stop: () => serving.stdin.end() };
}

/** Opens the app in a browser of its own; fails on what it throws and does not say. */
async function inApp(action, { url } = app) {
  const context = await (await launched()).newContext();
  context.setDefaultTimeout(10_000);
  const thrown = [];
  context.on("weberror", (error) => thrown.push(error.error()));
  try {
    const page = await context.newPage();
    await page.goto(url);
    await action(page);
    assert.deepEqual(thrown, []);
  } finally {
    await context.close();
  }
}

const says = (page, text) => page.getByRole("status").filter({ hasText: text }).waitFor();
const clientOf = (page) => page.evaluate((issuer) => JSON.parse(localStorage.getItem(issuer)), server.url);
const signIn = (page) => page.getByRole("button", { name: "Sign in" }).click();
/** The user's steps at the server. */
async function consent(page, answer) {
  await page.getByLabel("Who are you?").fill("alice");
  await page.getByRole("button", { name: answer }).click();
}

test("it registers, signs its user in, is the same client when it is opened again, and deletes its registration", () =>
  inApp(async (page) => {
    await says(page, "Registered as");
    const { client_id, registration_client_uri, registration_access_token } = await clientOf(page);
    await signIn(page);
    await consent(page, "Allow");
    await says(page, "Signed in, with a token for read.");
    assert.equal(page.url(), app.url, "the code is not in the history");
    await page.reload();
    await says(page, `Registered as ${client_id}.`);
    await page.getByRole("button", { name: "Delete my registration" }).click();
    await says(page, "The registration is deleted.");
    const left = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
    assert.deepEqual(left, [0, 0]);
    const headers = { authorization: `Bearer ${registration_access_token}` };
    assert.equal((await fetch(registration_client_uri, { headers })).status, 401);
  }));

test("two tabs that are opened together are one client", () =>
  inApp(async (page) => {
    await page.getByRole("button", { name: "Delete my registration" }).click();
    await says(page, "The registration is deleted.");
    const other = await page.context().newPage();
    await Promise.all([page.reload(), other.goto(app.url)]);
    await Promise.all([says(page, "Registered as"), says(other, "Registered as")]);
    const status = (page) => page.getByRole("status").innerText();
    assert.equal(await status(page), await status(other));
  }));

test("where its registration is gone it registers anew", () =>
  inApp(async (page) => {
    await says(page, "Registered as");
    const { client_id, registration_client_uri, registration_access_token } = await clientOf(page);
    const headers = { authorization: `Bearer ${registration_access_token}` };
    assert.equal((await fetch(registration_client_uri, { method: "DELETE", headers })).status, 204);
    await page.reload();
    await says(page, "Registered as");
    assert.notEqual((await clientOf(page)).client_id, client_id);
  }));

test("a user who declines reads that, and can try again", () =>
  inApp(async (page) => {
    await signIn(page);
    await consent(page, "Deny");
    await says(page, "access_denied");
    await signIn(page);
    await consent(page, "Allow");
    await says(page, "Signed in");
  }));

test("an answer that was not asked for here, or is another server's, is refused", () =>
  inApp(async (page) => {
    await says(page, "Registered as");
    await page.goto(`${app.url}?code=stolen&state=unknown&iss=${encodeURIComponent(server.url)}`);
    await says(page, "This sign-in was not begun here.");
    await page.route(`${server.url}/authorize?*`, (route) => {
      const state = new URL(route.request().url()).searchParams.get("state");
      const location = `${app.url}?code=another&state=${state}&iss=https%3A%2F%2Felsewhere.example`;
      return route.fulfill({ status: 302, headers: { location } });
    });
    await signIn(page);
    await says(page, "The answer is from https://elsewhere.example.");
    assert.equal(page.url(), app.url);
  }));

for (const [what, issuer, text] of [
  ["a server that is not there", () => "http://127.0.0.1:9", "/.well-known/oauth-authorization-server cannot be reached."],
  ["a server with another issuer", () => server.url.replace("127.0.0.1", "localhost"), "says that it is http://127.0.0.1"],
]) {
  test(`${what} is named, and nothing is registered there`, async () => {
    const app = await serve(issuer());
    try {
      await inApp(async (page) => {
        await says(page, text);
        assert.equal(await page.getByRole("button").count(), 0);
      }, app);
    } finally {
      app.stop();
    }
  });
}
