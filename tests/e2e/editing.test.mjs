// Clients that the operator creates and edits, and recent rejections: the command line, on real workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { authenticate, cli, listed, output, own, vars } from "./support/operator.mjs";
import { startServer } from "./support/server.mjs";

const POLICY = { redirect_hosts: ["app.example"] };
const REGISTRATION = { ...vars.REGISTRATION, extension_members: { x_team: "text" } };

let server;
before(async () => (server = await startServer({ vars: { ...vars, POLICY, REGISTRATION } })));
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
