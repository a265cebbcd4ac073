// A browser on the registration page. What goes wrong in it without a word is collected and fails the test.

import assert from "node:assert/strict";
import { after } from "node:test";

import { chromiumBinary } from "../../../scripts/lib/chromium.mjs";
import { requirePackage } from "../../../scripts/lib/require.mjs";
import { ADMIN_TOKEN } from "../../e2e/support/operator.mjs";
import { startServer } from "../../e2e/support/server.mjs";

const { chromium } = requirePackage("playwright-core");

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };

let launching;
after(async () => (await launching)?.close());

/** One browser for all tests of a program, with one process for all pages of a context. */
export const launched = () => (launching ??= chromium.launch({ executablePath: chromiumBinary(), args: ["--renderer-process-limit=1"] }));

let shipped;

/** A server as it is shipped, for all tests of a program. It is stopped after the last one. */
export const shippedServer = () => (shipped ??= startServer());

let bare;

/** A server without pages, for all tests of a program. */
export const bareServer = () => (bare ??= startServer({ assets: false }));

let limiting;

/**
 * A server with rate limits, for all tests of a program. Each test reaches another limit, because a limit is lifted only after
 * a minute.
 */
export const limitedServer = () =>
  (limiting ??= startServer({ vars: (url) => ({ ISSUER: url, METADATA, ADMIN_TOKEN }), limits: true }));

let sharing;

/** One context for the pages of all servers: they share a process, and starting a process takes longer than most tests. */
const shared = () => (sharing ??= newContext());

async function newContext() {
  const context = await (await launched()).newContext({ locale: "en-GB" });
  context.setDefaultTimeout(10_000);
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective}`));
  });
  return context;
}

/**
 * Opens the page at `path` in a tab of its own, runs `test`, and fails on what went wrong, unless it `mayViolate`. The server's
 * pages leave no data beyond their tab. They are shown in light colors and without motion, unless `media` says otherwise.
 */
export async function onPage(server, test, { path = "/", mayViolate = false, viewport, permissions = [], ...media } = {}) {
  const context = await shared();
  const before = context.pages();
  const page = await context.newPage();
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce", ...media });
  if (viewport) await page.setViewportSize(viewport);
  await context.clearPermissions();
  if (permissions.length > 0) await context.grantPermissions(permissions);
  const trouble = [];
  // Chromium also reports every answer from 400 on, which the page handles.
  const expected = (message) => message.text().startsWith("Failed to load resource: the server responded");
  page.on("console", (message) => {
    if (message.type() === "error" && !expected(message)) trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== server.url) trouble.push(`asked ${request.url()}`);
  });
  await page.goto(server.url + path);
  // A process ends with its last page, so the former pages stay until this one is there.
  await Promise.all(before.map((one) => one.close()));
  // It asks for the discovery document first; then it is about an issuer, or says why not.
  await page.locator("#workspace:not([hidden]), #unlock:not([hidden]), #problem:not(:empty)").waitFor();
  await test(page);
  if (!mayViolate) assert.deepEqual(trouble, []);
}

/** Chooses where to start from. */
export const startFrom = (page, name) => page.getByRole("button", { name, exact: true }).click();

export const field = (page, member) => page.getByLabel(new RegExp(` ${member}$`));

/** Presses a button of the form that sends, and returns the request and its answer. */
export async function press(page, name) {
  const [response] = await Promise.all([
    page.waitForResponse((response) => ["POST", "PUT"].includes(response.request().method())),
    page.getByRole("button", { name, exact: true }).click(),
  ]);
  const text = await response.text();
  const request = response.request();
  return { request, sent: request.postDataJSON(), status: response.status(), body: text ? JSON.parse(text) : undefined };
}

/** Registers what is in the form. */
export async function register(page) {
  const answer = await press(page, "Register");
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  await page.getByText(`Registered as ${answer.body.client_id}.`).waitFor();
  return answer;
}

/** The text of one of the blocks: "Request", "curl", or one that begins with "Response". */
export const block = (page, title) =>
  page.locator(".code-view").filter({ has: page.getByRole("heading", { name: title }) }).locator("pre").innerText();

/** All there is in the document, and in what was typed into it. */
export const everything = (page) =>
  page.evaluate(() => {
    const typed = [...document.querySelectorAll("textarea, input:not([type=password])")].map(({ value }) => value);
    return [document.documentElement.outerHTML, ...typed].join("\n");
  });
