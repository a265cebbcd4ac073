// Clients that the operator creates and edits, recent rejections, and metadata documents: the command line, on real workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { AS_TOKEN, ask, authenticate, cli, listed, output, own, parsed, vars } from "./support/operator.mjs";
import { startServer } from "./support/server.mjs";

const POLICY = { redirect_hosts: ["app.example"] };
const REGISTRATION = { ...vars.REGISTRATION, extension_members: { x_team: "text" } };

let server;
before(async () => (server = await startServer({ vars: { ...vars, POLICY, REGISTRATION, DOCUMENTS: { mode: "listed" } } })));
after(() => server?.stop());

const input = (value) => ({ input: JSON.stringify(value) });
const URI = "https://app.example/cb";

test("the command line creates and edits a client, and a policy is overridden on demand only", { timeout: 60_000 }, async () => {
  const created = JSON.parse(await output(server, ["create", "-"], input({ redirect_uris: [URI], x_team: "payments" })));
  const { client_id: id, client_secret } = created;
  assert.equal((await authenticate(server, created, client_secret)).status, 200);
  const edited = JSON.parse(await output(server, ["edit", id, "-", "--json"], input({ client_name: "Renamed", x_team: null })));
  assert.deepEqual([edited.client.metadata.client_name, edited.client.metadata.x_team], ["Renamed", undefined]);
  assert.equal((await own(server, created, created.registration_access_token)).body.client_name, "Renamed");
  const elsewhere = input({ redirect_uris: ["https://elsewhere.example/cb"] });
  const refused = await cli(server, ["edit", id, "-"], elsewhere);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^409: A policy does not allow this, .+ repeat the command with --override-policy/);
  const forced = JSON.parse(await output(server, ["edit", id, "-", "--override-policy"], elsewhere));
  assert.deepEqual(forced.client.provenance.overridden, ["policy_redirect_host"]);
  for (const [args, text, sentence] of [
    [["create", "-"], "{", /- is not JSON/],
    [["edit", id], "", /edit ID FILE/],
    [["create", "-"], JSON.stringify({ redirect_uris: [URI], client_id: id }), /only the server assigns it/],
  ]) {
    const { code, stderr } = await cli(server, args, { input: text });
    assert.equal(code, 1, stderr);
    assert.match(stderr, sentence);
  }
});

test("clients are listed by an extension member", async () => {
  const created = JSON.parse(await output(server, ["create", "-"], input({ redirect_uris: [URI], x_team: "risk" })));
  assert.deepEqual(await listed(server, "--member", "x_team=risk"), [created.client_id]);
  assert.deepEqual(await listed(server, "--member", "x_team=nobody"), []);
  const { code, stderr } = await cli(server, ["list", "--member", "x_team"]);
  assert.equal(code, 1);
  assert.match(stderr, /write one like x_team=payments/);
});

test("recent rejections are counted in the Durable Object, and named in the log", async () => {
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  const body = JSON.stringify({ redirect_uris: ["https://elsewhere.example/cb"], logo_uri: "ftp://app.example/" });
  assert.equal((await fetch(`${server.url}/reg`, { ...init, body })).status, 400);
  const line = await server.logLine(({ action, errors }) => action === "register" && errors);
  assert.deepEqual(line.errors, [{ member: "logo_uri", rule: line.errors[0].rule }]);
  let shown;
  for (const deadline = Date.now() + 5_000; Date.now() < deadline && !/logo_uri/.test(shown);) {
    shown = await output(server, ["rejections"]);
  }
  assert.match(shown, /^RULE +MEMBER +HOW OFTEN +LAST\n\S+ +logo_uri +1 +\d{4}-/);
});

test("the command line pins, lists, blocks and refreshes metadata documents", async () => {
  const url = "https://client.example/oauth/client.json";
  const lookUp = async () => {
    const { status, body } = await ask(server, "POST", "/as/clients/look-up", { bearer: AS_TOKEN, body: JSON.stringify({ client_id: url }) });
    return [status, body.source ?? body.error];
  };
  assert.match(await output(server, ["documents"]), /^No metadata documents. DOCUMENTS.mode is "listed".\n$/);
  assert.deepEqual(await lookUp(), [403, "unapproved_client"]);
  const document = { client_id: url, client_name: "Example", redirect_uris: [URI], token_endpoint_auth_method: "none" };
  assert.match(await output(server, ["documents", "pin", url, "-"], input(document)), /^https:\S+ is pinned\./);
  assert.deepEqual(await lookUp(), [200, "pinned"]);
  assert.match(await output(server, ["documents", "block", url]), /^https:\S+ is blocked\./);
  assert.deepEqual(await lookUp(), [403, "unapproved_client"]);
  assert.match(await output(server, ["documents", "list"]), /^NAME +SOURCE .+\n- .+blocked, pinned +https:\/\/client\.example/);
  const [decision] = parsed(await output(server, ["documents", "--json"]));
  assert.deepEqual(Object.keys(decision), ["client_id", "blocked_at", "pinned_at"]);
  await output(server, ["documents", "unblock", url]);
  // Nothing is at this URL, so the pinned document is the response to a refresh.
  assert.equal(JSON.parse(await output(server, ["documents", "refresh", url])).source, "pinned");
  await output(server, ["documents", "unpin", url]);
  assert.deepEqual(await lookUp(), [403, "unapproved_client"]);
  const line = await server.logLine(({ action }) => action === "admin.block_document");
  assert.equal(line.client_id, url);
  for (const args of [["documents", "remove", url], ["documents", "block"], ["documents", "block", url, "file"], ["documents", "list", url]]) {
    const { code, stderr } = await cli(server, args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, /is not valid\. Usage: documents/);
  }
});
