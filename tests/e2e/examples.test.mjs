// The examples as a reader starts them, on another port than theirs, beside a Rollcall that is running.

import { certificate } from "./support/trusted.mjs";

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import tls from "node:tls";
import { fileURLToPath } from "node:url";

import { freePort } from "../../scripts/lib/ports.mjs";
import { spawnGuarded } from "../../scripts/lib/process.mjs";
import { DocumentServer } from "./support/document-server.mjs";
import { runClient } from "./support/example.mjs";
import { startServer } from "./support/server.mjs";

const examples = new URL("../../examples/", import.meta.url);

let rollcall;
before(async () => (rollcall = await startServer()));
after(() => rollcall?.stop());

/** Runs `examples/PATH` with variables, calls `action` once its output matches `ready`, and ends it. */
async function started(path, variables, ready, action) {
  const file = fileURLToPath(new URL(path, examples));
  const env = { ...process.env, ROLLCALL_SKIP_BUILD: "1", ...variables };
  const child = spawnGuarded(process.execPath, [file], { env });
  const ended = once(child, "close");
  let output = "";
  try {
    await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => ready.test((output += text)) && resolve());
      }
      ended.then(() => reject(new Error(`it ended:\n${output}`)));
    });
    await action();
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** The issuer in the discovery document of a server. */
async function issuerOf(url) {
  const answer = await fetch(`${url}/.well-known/oauth-authorization-server`);
  return (await answer.json()).issuer;
}

for (const [example, client, fields] of [
  ["worker-as", "worker-as/client.mjs", { user: "alice", answer: "allow" }],
  ["oidc-provider", "oidc-provider/client.mjs", { login: "alice", password: "any" }],
]) {
  test(`${example} runs on the port in PORT, and its client with it`, { timeout: 120_000 }, async () => {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    await started(`${example}/start.mjs`, { PORT: String(port) }, /Rollcall is ready/, async () => {
      assert.equal(await issuerOf(url), url);
      const { code, output } = await runClient(client, url, fields);
      assert.equal(code, 0, output);
      assert.equal((await fetch(`${rollcall.url}/.well-known/oauth-authorization-server`)).status, 200);
    });
  });
}

test("cimd-bridge lets in a client that only registers, without an adapter", { skip: !tls.setDefaultCACertificates && "needs Node 22.19", timeout: 120_000 }, async () => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  await started("cimd-bridge/start.mjs", { PORT: String(port) }, /Rollcall is ready/, async () => {
    assert.equal(await issuerOf(url), url);
    const { code, output } = await runClient("oidc-provider/client.mjs", url, { login: "alice", password: "any" });
    assert.equal(code, 0, output);
    const [, document] = /^Registered as (\S+)$/m.exec(output);
    assert.match(document, new RegExp(`^https://localhost:${port + 2}/clients/[\\w-]{22}$`));
    assert.match(output, /^The registration is deleted: 204$/m);
  });
});

test("mcp-server lets in an official client, registered or with a document, which calls a tool", { timeout: 120_000 }, async () => {
  const port = await freePort();
  const [url, mcp] = [`http://localhost:${port}`, `http://localhost:${port + 1}/mcp`];
  await started("mcp-server/start.mjs", { PORT: String(port) }, /MCP server:/, async () => {
    const { code, output } = await runClient("mcp-server/client.mjs", mcp, { user: "alice", answer: "allow" });
    assert.equal(code, 0, output);
    const [, client_id] = /^Registered as (\S+)$/m.exec(output);
    assert.match(output, new RegExp(`^The tool says: alice, by the client ${client_id}$`, "m"));
    const declined = await runClient("mcp-server/client.mjs", mcp, { user: "alice", answer: "deny" });
    assert.equal(declined.code, 1);
    assert.match(declined.output, /\nNot signed in: access_denied\n$/);
    // The same client, identified by the URL of its document: the SDK does not register it.
    const documents = await new DocumentServer(certificate).listen();
    try {
      const document = documents.publish("/client.json");
      const known = await runClient("mcp-server/client.mjs", mcp, { user: "bob", answer: "allow" }, document);
      assert.equal(known.code, 0, known.output);
      assert.doesNotMatch(known.output, /^Registered/m);
      assert.match(known.output, new RegExp(`^Identified by ${document}$`, "m"));
      assert.match(known.output, new RegExp(`^The tool says: bob, by the client ${document}$`, "m"));
      assert.equal(documents.requests.length, 1);
    } finally {
      documents.close();
    }
    // Without a token a client is told where to begin; a token for another server is worth nothing.
    const bare = await fetch(mcp, { method: "POST" });
    const [, metadata] = /resource_metadata="([^"]+)"/.exec(bare.headers.get("www-authenticate"));
    const resource = await (await fetch(metadata)).json();
    assert.deepEqual([bare.status, resource.resource, resource.authorization_servers], [401, mcp, [url]]);
    for (const [asked, status] of [[{ resource: "https://other.example/mcp" }, 401], [{}, 401], [{ resource: mcp }, 406]]) {
      const headers = { authorization: `Bearer ${await machineToken(url, asked)}`, "content-type": "application/json" };
      const answer = await fetch(mcp, { method: "POST", headers, body: "{}" });
      assert.equal(answer.status, status, JSON.stringify(asked));
    }
  });
});

/** A token for a client that acts for itself. */
async function machineToken(url, asked) {
  const grant_types = ["client_credentials"];
  const init = (headers, body) => ({ method: "POST", headers, body });
  const registration = init({ "content-type": "application/json" }, JSON.stringify({ grant_types }));
  const { client_id, client_secret } = await (await fetch(`${url}/reg`, registration)).json();
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret, ...asked });
  return (await (await fetch(`${url}/token`, init({}, body))).json()).access_token;
}

test("browser-app takes its port and its issuer from variables, too", async () => {
  const port = await freePort();
  const variables = { PORT: String(port), ISSUER: rollcall.url };
  await started("browser-app/serve.mjs", variables, /The app is at/, async () => {
    const page = await (await fetch(`http://localhost:${port}/`)).text();
    assert.match(page, new RegExp(`<meta name="issuer" content="${rollcall.url}">`));
  });
});
