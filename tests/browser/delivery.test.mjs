// How the pages are delivered: headers, what may run in them, and that they stay out of the API's way.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { bareServer, onPage, shippedServer } from "./support/page.mjs";

const folder = fileURLToPath(new URL("../../public/", import.meta.url));
const files = readdirSync(folder, { recursive: true }).filter((name) => /\.\w+$/.test(name));

let server;
before(async () => (server = await shippedServer()));

const get = async (path, options) => {
  const answer = await fetch(server.url + path, { redirect: "manual", ...options });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

test("every file comes with the headers that keep a page to itself", async () => {
  assert.ok(files.length > 10);
  for (const file of files.map((name) => name.replace(/(^|\/)index\.html$/, "$1"))) {
    const { status, headers } = await get(`/${file}`);
    assert.equal(status, 200, file);
    assert.deepEqual(headers.get("content-security-policy").split("; ").sort(), [
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.match(headers.get("permissions-policy"), /camera=\(\)/);
    assert.equal(headers.get("cache-control"), "public, max-age=0, must-revalidate");
    assert.ok(headers.get("etag"));
  }
});

test("the policy holds in the browser: no inline script, no inline style, no other origin", () =>
  onPage(server, async (page) => {
    const blocked = await page.evaluate(async () => {
      const violations = [];
      const sent = new Promise((resolve) =>
        document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
          violations.push(violatedDirective);
          if (violations.length === 3) resolve();
        }),
      );
      document.head.append(Object.assign(document.createElement("script"), { textContent: "globalThis.ran = true" }));
      document.body.setAttribute("style", "color: red");
      await fetch("https://elsewhere.example/").catch(() => {});
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 5_000))]);
      return [globalThis.ran, ...violations.sort()];
    });
    assert.deepEqual(blocked, [undefined, "connect-src", "script-src-elem", "style-src-attr"]);
  }, { mayViolate: true }));

test("no file has a script, a style or a link of another origin in it", () => {
  for (const name of files) {
    const text = readFileSync(join(folder, name), "utf8");
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage/, name);
    if (!name.endsWith(".html")) continue;
    assert.doesNotMatch(text, /<script(?![^>]* src="\/)|<style|\sstyle=|\son\w+=|(src|href)="(?![/#])/, name);
  }
});

test("paths of the API and paths that are no file are the Worker's", async () => {
  const json = async (method, path, expected) => {
    const { status, headers, text } = await get(path, { method });
    assert.deepEqual([status, headers.get("content-security-policy")], [expected, null], path);
    if (status !== 204) JSON.parse(text);
  };
  await json("GET", "/.well-known/oauth-authorization-server", 200);
  await json("GET", "/jwks", 200);
  await json("GET", "/authorize", 501);
  await json("POST", "/token", 501);
  await json("OPTIONS", "/reg", 204);
  for (const path of ["/reg", "/reg/", "/register", "/register/"]) await json("GET", path, 405);
  await json("GET", "/reg/AAAAAAAAAAAAAAAAAAAAAA", 401);
  for (const path of ["/admin/initial-access-tokens", "/admin/clients", "/t1/admin/clients", "/admin/nope", "/t1/reg", "/as/x", "/nope", "/_headers"]) {
    await json("GET", path, 404);
  }
});

test("/admin leads to the page, which no search engine shows", async () => {
  const { status, headers } = await get("/admin?issuer=/t1");
  assert.deepEqual([status, headers.get("location")], [307, "/admin/?issuer=/t1"]);
  assert.match((await get("/admin/")).text, /<meta name="robots" content="noindex">/);
});

test("without its table in wrangler.toml there is no page", async () => {
  const without = await bareServer();
  for (const path of ["/", "/index.html", "/ui/style.css", "/admin", "/admin/"]) {
    const answer = await fetch(without.url + path);
    assert.deepEqual([answer.status, (await answer.json()).error], [404, "invalid_request"]);
  }
});
