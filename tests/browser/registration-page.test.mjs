// The page at /, in a real browser: registering, reading, updating and deleting clients with it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";

import { startServer } from "../e2e/support/server.mjs";
import { operatorServer } from "./support/operator.mjs";
import { block, field, onPage, press, register, startFrom } from "./support/page.mjs";

let server;
before(async () => (server = await startServer({ vars: { REGISTRATION: { registration_access_token_rotation: "on_update" } } })));
after(() => server?.stop());

const card = (page) => page.locator(".client").first();
const sure = (page, name) => page.getByRole("alertdialog").getByRole("button", { name }).click();
const button = (page, name) => card(page).getByRole("button", { name: new RegExp(`^${name} `) });

for (const [name, expected] of [
  ["SPA", { token_endpoint_auth_method: "none", application_type: "web" }],
  ["Web server", { token_endpoint_auth_method: "client_secret_basic", application_type: "web" }],
  ["Native app", { token_endpoint_auth_method: "none", application_type: "native" }],
  ["MCP client", { token_endpoint_auth_method: "none", application_type: "web" }],
  ["Machine", { token_endpoint_auth_method: "client_secret_basic", grant_types: ["client_credentials"] }],
]) {
  test(`the preset "${name}" registers, and what it sent is what is registered`, () =>
    onPage(server, async (page) => {
      await startFrom(page, name);
      const { sent, body } = await register(page);
      assert.deepEqual({ ...body, ...expected, ...sent }, body);
      assert.equal("client_secret" in body, expected.token_endpoint_auth_method !== "none");
      assert.equal("redirect_uris" in sent, name !== "Machine");
      assert.ok(await card(page).getByText(body.client_id, { exact: true }).isVisible());
    }));
}

test("a shared client is the same one each time, and can only be forgotten", async () => {
  const forgetting = async (page) => {
    await startFrom(page, "SPA");
    const [first, second] = [await register(page), await register(page)];
    assert.deepEqual(second.body, first.body);
    assert.equal(await page.locator(".client").count(), 1);
    for (const name of ["Read", "Edit", "Delete"]) assert.equal(await button(page, name).count(), 0, name);
    await button(page, "Forget").click();
    await page.getByRole("alertdialog").getByText("for all who register its metadata").waitFor();
    await sure(page, "Forget this client");
    await page.getByText("None yet.").waitFor();
    assert.equal(await page.locator(".client").count(), 0);
  };
  await onPage(await operatorServer(), forgetting, { path: "/?issuer=/shared-clients" });
});

test("the exchange shows the request and the answer as they went over the wire", () =>
  onPage(server, async (page) => {
    await startFrom(page, "Native app");
    assert.match(await block(page, "Request"), /^POST \/reg HTTP\/1\.1\nHost: 127\.0\.0\.1:\d+\nContent-Type: application\/json\n\n\{/);
    assert.ok(await page.getByText("Not sent yet.").isVisible());
    const { request, body } = await register(page);
    const shown = await block(page, "Request");
    assert.equal(shown.slice(shown.indexOf("{")), request.postData());
    const answer = await block(page, "Response: 201 Created");
    assert.match(answer, new RegExp(`^HTTP/1\\.1 201 Created\n(.+\n)*location: ${body.registration_client_uri}\n`));
    const secret = { registration_access_token: "\u2022".repeat(8) };
    assert.deepEqual(JSON.parse(answer.slice(answer.indexOf("\n{"))), { ...body, ...secret });
  }));

test("the curl command is one that a shell reads as the request, whatever is in it", () =>
  onPage(server, async (page) => {
    const name = `O'Brien's "$HOME" \`id\` $(id) \\ 'end`;
    await field(page, "client_name").fill(name);
    const { request } = await register(page);
    const shell = `curl() { printf '%s\\0' "$@"; }\n${await block(page, "curl")}`;
    const { stdout, stderr } = spawnSync("sh", ["-c", shell], { encoding: "utf8" });
    const expected = ["-i", "-X", "POST", request.url(), "-H", "Content-Type: application/json", "--data-raw"];
    assert.deepEqual([stdout.split("\0"), stderr], [[...expected, request.postData(), ""], ""]);
    assert.equal(request.postDataJSON().client_name, name);
  }));

test("fields and JSON stay in step, and what has no field is kept", () =>
  onPage(server, async (page) => {
    await field(page, "client_name").fill("From a field");
    await page.getByRole("radio", { name: "JSON" }).check();
    const editor = page.getByLabel("Client metadata as JSON");
    const written = JSON.parse(await editor.inputValue());
    assert.equal(written.client_name, "From a field");
    const more = { ...written, client_name: "From JSON", default_max_age: 60, grant_types: ["authorization_code"] };
    await editor.fill(JSON.stringify(more));
    await page.getByRole("radio", { name: "Fields" }).check();
    assert.equal(await field(page, "client_name").inputValue(), "From JSON");
    assert.equal(await page.getByLabel("refresh_token").isChecked(), false);
    await page.getByLabel("refresh_token").check();
    const { sent } = await register(page);
    assert.deepEqual(sent, { ...more, grant_types: ["authorization_code", "refresh_token"] });
  }));

test("text that is not JSON is kept, explained and not sent", () =>
  onPage(server, async (page) => {
    await page.getByRole("radio", { name: "JSON" }).check();
    const editor = page.getByLabel("Client metadata as JSON");
    await editor.fill('{"client_name": ');
    let sent = 0;
    page.on("request", () => (sent += 1));
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await page.getByRole("radio", { name: "Fields" }).click();
    assert.ok(await page.getByText(/^This is not JSON: /).isVisible());
    assert.deepEqual([await editor.inputValue(), await editor.getAttribute("aria-invalid"), sent], ['{"client_name": ', "true", 0]);
  }));

test("a member that its field cannot show is edited as JSON only", () =>
  onPage(server, async (page) => {
    await page.getByRole("radio", { name: "JSON" }).check();
    await page.getByLabel("Client metadata as JSON").fill('{"redirect_uris": "https://spa.example/cb"}');
    await page.getByRole("radio", { name: "Fields" }).check();
    assert.ok(await field(page, "redirect_uris").isDisabled());
    const { sent, status, body } = await press(page, "Dry run");
    assert.deepEqual([sent, status, body.errors[0].rule], [{ redirect_uris: "https://spa.example/cb" }, 400, "type"]);
  }));

test("changed, ignored and filled-in members are shown separately", () =>
  onPage(server, async (page) => {
    await page.getByRole("radio", { name: "JSON" }).check();
    const sent = { redirect_uris: ["https://spa.example/cb"], scope: "openid unheard-of", unheard_of: 1, token_endpoint_auth_method: "none" };
    await page.getByLabel("Client metadata as JSON").fill(JSON.stringify(sent));
    const { body } = await press(page, "Dry run");
    assert.equal(body.scope, "openid");
    const listed = async (title) => page.locator(".outcome dt").filter({ hasText: title }).locator("+ dd li").allInnerTexts();
    await page.getByRole("heading", { name: "What the server changed" }).waitFor();
    assert.deepEqual([await listed("Changed to"), await listed("Ignored")], [["scope openid"], ["unheard_of 1"]]);
    assert.ok((await listed("Filled in")).includes("application_type web"));
    await startFrom(page, "SPA");
    await register(page);
    await page.getByText("The server accepted everything unchanged.").waitFor();
  }));

test("a dry run says what would be registered, and registers nothing", () =>
  onPage(server, async (page) => {
    const { request, status, body } = await press(page, "Dry run");
    assert.deepEqual([new URL(request.url()).search, status, "client_id" in body], ["?dry_run=true", 200, false]);
    await page.getByText("This would be registered. Nothing was written.").waitFor();
    assert.ok(await page.getByText("None yet.").isVisible());
  }));

test("a problem stands at its field, or in an alert if there is no field", () =>
  onPage(server, async (page) => {
    await page.getByRole("radio", { name: "JSON" }).check();
    const wrong = { redirect_uris: ["http://app.example/cb", "https://app.example/*"], logo_uri: "ftp://x/", default_max_age: -1 };
    await page.getByLabel("Client metadata as JSON").fill(JSON.stringify(wrong));
    await page.getByRole("radio", { name: "Fields" }).check();
    const { body } = await press(page, "Dry run");
    assert.equal(body.errors.length, 4);
    const at = (pointer) => body.errors.filter(({ member }) => member.startsWith(pointer));
    for (const member of ["redirect_uris", "logo_uri"]) {
      const input = field(page, member);
      await page.waitForFunction((id) => document.getElementById(id).ariaInvalid === "true", `field-${member}`);
      assert.ok(await input.isVisible(), "it is not behind a closed heading");
      const described = await input.evaluate((node) =>
        node.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" "),
      );
      for (const { message } of at(`/${member}`)) assert.ok(described.includes(message), described);
    }
    const alert = page.getByRole("alert").filter({ hasText: "The server found 4 problems." });
    assert.ok((await alert.innerText()).includes(at("/default_max_age")[0].message));
    assert.ok(!(await alert.innerText()).includes(at("/logo_uri")[0].message), "it is at its field");
    await alert.getByRole("link", { name: "Redirect URIs" }).click();
    assert.ok(await field(page, "redirect_uris").evaluate((node) => node === document.activeElement));
    // With no field in sight, everything is in the alert.
    await page.getByRole("radio", { name: "JSON" }).check();
    for (const { message } of body.errors) assert.ok((await alert.innerText()).includes(message));
    await page.getByLabel("Client metadata as JSON").fill('{"redirect_uris": ["https://app.example/cb"]}');
    await press(page, "Dry run");
    await page.getByText("This would be registered. Nothing was written.").waitFor();
    assert.equal(await page.locator("[aria-invalid], [role=alert] li").count(), 0);
  }));

test("an update goes by If-Match with the newest token, and a reload in between loses nothing", () =>
  onPage(server, async (page) => {
    await startFrom(page, "Web server");
    const { body: created } = await register(page);
    await page.reload();
    await button(page, "Edit").click();
    await field(page, "client_name").fill("Renamed");
    const first = await press(page, "Update");
    assert.deepEqual([first.status, first.body.client_name, first.sent.client_id], [200, "Renamed", created.client_id]);
    assert.ok(first.request.headers()["if-match"]);
    assert.ok(!("registration_access_token" in first.sent));
    assert.notEqual(first.body.registration_access_token, created.registration_access_token);
    await page.getByText("The registration was replaced.").waitFor();
    await field(page, "client_name").fill("Renamed again");
    const second = await press(page, "Update");
    assert.equal(second.status, 200);
    assert.equal(second.request.headers().authorization, `Bearer ${first.body.registration_access_token}`);
    assert.notEqual(second.request.headers()["if-match"], first.request.headers()["if-match"]);
    await card(page).getByRole("button", { name: "Reveal client_secret" }).click();
    assert.ok(await card(page).getByText(created.client_secret).isVisible(), "the secret was told only once");
  }));

test("a change that somebody else made is not overwritten", () =>
  onPage(server, async (page) => {
    const { body } = await register(page);
    await button(page, "Edit").click();
    const headers = { authorization: `Bearer ${body.registration_access_token}`, "content-type": "application/json" };
    const { client_id, redirect_uris } = body;
    const other = JSON.stringify({ client_id, redirect_uris, client_name: "Theirs" });
    assert.equal((await fetch(body.registration_client_uri, { method: "PUT", headers, body: other })).status, 200);
    await field(page, "client_name").fill("Mine");
    assert.equal((await press(page, "Update")).status, 412);
    await page.getByText(/^This registration has changed since it was read/).waitFor();
    await button(page, "Read").click();
    await page.getByText("This is the registration as it is now.").waitFor();
    assert.equal(await field(page, "client_name").inputValue(), "Theirs");
    await field(page, "client_name").fill("Ours");
    assert.deepEqual((({ status, body }) => [status, body.client_name])(await press(page, "Update")), [200, "Ours"]);
  }));

test("a deleted client is gone from the server and from the list; a forgotten one only from the list", () =>
  onPage(server, async (page) => {
    const read = ({ registration_client_uri, registration_access_token }) =>
      fetch(registration_client_uri, { headers: { authorization: `Bearer ${registration_access_token}` } });
    const { body: forgotten } = await register(page);
    await button(page, "Forget").click();
    await sure(page, "Forget this client");
    await page.getByText("None yet.").waitFor();
    assert.equal((await read(forgotten)).status, 200);
    const { body: deleted } = await register(page);
    await button(page, "Delete").click();
    await sure(page, "Delete this client");
    await page.getByText("Deleted permanently. Its identifier is never issued again.").waitFor();
    assert.ok(await page.getByText("None yet.").isVisible());
    assert.match(await block(page, "Response: 204 No Content"), /^HTTP\/1\.1 204 No Content\n/);
    assert.equal((await read(deleted)).status, 401);
    assert.equal(await page.evaluate(() => sessionStorage.getItem("rollcall.clients")), "[]");
  }));
