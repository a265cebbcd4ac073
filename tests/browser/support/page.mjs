// A browser on the registration page. What goes wrong in it without a word is collected and fails the test.

import assert from "node:assert/strict";
import { after } from "node:test";

import { chromiumBinary } from "../../../scripts/lib/chromium.mjs";
import { requirePackage } from "../../../scripts/lib/require.mjs";

const { chromium } = requirePackage("playwright-core");

let launching;
after(async () => (await launching)?.close());

/** One browser for all tests of a program, and one process of it for all their pages: to start more takes time. */
export const launched = () =>
  (launching ??= chromium.launch({ executablePath: chromiumBinary(), args: ["--renderer-process-limit=1"] }));

/** Opens the page at `path` in a context of its own, runs `test`, and fails on what went wrong, unless it `mayViolate`. */
export async function onPage(server, test, { path = "/", mayViolate = false, ...options } = {}) {
  const context = await (await launched()).newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(10_000);
  const trouble = [];
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective}`));
  });
  const page = await context.newPage();
  // Chromium also reports every answer from 400 on, which the page handles.
  const expected = (message) => message.text().startsWith("Failed to load resource: the server responded");
  page.on("console", (message) => {
    if (message.type() === "error" && !expected(message)) trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== server.url) trouble.push(`asked ${request.url()}`);
  });
  try {
    await page.goto(server.url + path);
    // It asks for the discovery document first; then it is about an issuer, or says why not.
    await page.locator("#workspace:not([hidden]), #unlock:not([hidden]), #problem:not(:empty)").waitFor();
    await test(page);
    if (!mayViolate) assert.deepEqual(trouble, []);
  } finally {
    await context.close();
  }
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
