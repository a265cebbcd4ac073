// Secrets on the page at /: nowhere in the document before the user asks for them, and never beyond the tab.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, test } from "node:test";

import { block, everything, field, onPage, register, shippedServer, startFrom } from "./support/page.mjs";

let server;
before(async () => (server = await shippedServer()));

const token = (page) => page.getByLabel("Initial access token");
const view = (page, title) => page.locator(".code-view").filter({ has: page.getByRole("heading", { name: title }) });

test("no secret is in the document before it is revealed, and none after it is hidden again", () =>
  onPage(server, async (page) => {
    await startFrom(page, "Web server");
    await token(page).fill("iat_typed-by-somebody");
    const { request, body } = await register(page);
    assert.equal(request.headers().authorization, "Bearer iat_typed-by-somebody");
    await page.locator(".client").getByRole("button", { name: /^Read / }).click();
    await page.getByText("This is the registration as it is now.").waitFor();
    const secrets = [body.client_secret, body.registration_access_token, "iat_typed-by-somebody"];
    const found = async () => {
      const text = await everything(page);
      return secrets.filter((secret) => text.includes(secret));
    };
    assert.deepEqual(await found(), []);
    const reveals = page.getByRole("button", { name: /^Reveal / });
    // The answer's, the request's and curl's token; the client's two secrets; and the one that was typed.
    assert.equal(await reveals.count(), 6);
    for (const button of await reveals.all()) {
      assert.equal(await button.getAttribute("aria-pressed"), "false");
      await button.click();
      assert.equal(await button.getAttribute("aria-pressed"), "true");
      assert.equal((await found()).length, 1, await button.innerText());
      await button.click();
      assert.deepEqual(await found(), []);
    }
  }));

test("a masked curl command takes the secret from the shell, a revealed one has it in itself", () =>
  onPage(server, async (page) => {
    await token(page).fill(`it's "$SECRET"`);
    const run = async () => {
      const shell = `curl() { printf '%s\\0' "$@"; }\n${await block(page, "curl")}`;
      const env = { PATH: process.env.PATH, INITIAL_ACCESS_TOKEN: "from the shell" };
      return spawnSync("sh", ["-c", shell], { encoding: "utf8", env }).stdout.split("\0");
    };
    assert.ok((await run()).includes("Authorization: Bearer from the shell"));
    await view(page, "curl").getByRole("button", { name: "Reveal initial_access_token" }).click();
    assert.ok((await run()).includes(`Authorization: Bearer it's "$SECRET"`));
    assert.match(await block(page, "Request"), /^Authorization: Bearer \u2022{8}$/m);
    // A secret that the user writes into the JSON is one too.
    await page.getByRole("radio", { name: "JSON" }).check();
    await page.getByLabel("Client metadata as JSON").fill(JSON.stringify({ client_secret: 'sec"ret' }));
    assert.match(await block(page, "Request"), /"client_secret": "\u2022{8}"/);
    assert.match(await block(page, "curl"), /"client_secret": "'"\$CLIENT_SECRET"'"/);
  }));

test("copying a block copies what it shows; copying a secret copies the secret without showing it", () =>
  onPage(
    server,
    async (page) => {
      await startFrom(page, "Web server");
      const { body } = await register(page);
      const pasted = async () => {
        await token(page).fill("");
        await token(page).focus();
        await page.keyboard.press("Control+V");
        return token(page).inputValue();
      };
      await page.locator(".client").getByRole("button", { name: "Copy client_secret" }).click();
      await page.getByRole("status").getByText("Copied client_secret").waitFor();
      assert.equal(await pasted(), body.client_secret);
      await token(page).fill("");
      // With the same metadata, the page would ask whether a second client is wanted.
      await field(page, "client_name").fill("Another name");
      await register(page);
      await view(page, "Response: 201 Created").getByRole("button", { name: /^Copy/ }).click();
      await page.getByRole("status").getByText("Copied Response: 201 Created").waitFor();
      assert.match(await pasted(), /"client_secret": "\u2022{8}"/);
    },
    { permissions: ["clipboard-write"] },
  ));

test("no data outlives the tab: the session has the clients, local storage and cookies stay empty", () =>
  onPage(server, async (page) => {
    await token(page).fill("iat_typed-by-somebody");
    const { body } = await register(page);
    const kept = await page.evaluate(() => JSON.stringify([sessionStorage, localStorage, document.cookie]));
    const [session, ...beyond] = JSON.parse(kept);
    assert.ok(session["rollcall.clients"].includes(body.registration_access_token));
    assert.ok(!session["rollcall.clients"].includes("iat_typed-by-somebody"));
    assert.deepEqual(beyond, [{}, ""]);
    const other = await page.context().newPage();
    await other.goto(server.url);
    await other.getByText("None yet.").waitFor();
  }));

test("text of a server or a user is shown as text, never as HTML", () =>
  onPage(server, async (page) => {
    const name = "<img src=x onerror=alert(1)><b>bold</b>";
    await page.getByLabel(/ client_name$/).fill(name);
    await register(page);
    assert.equal(await page.locator(".client h3").innerText(), name);
    assert.equal(await page.locator(".client :is(img, b), pre :is(img, b)").count(), 0);
  }));
