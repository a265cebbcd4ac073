// The MCP conformance suite, as far as it is about registration. Its command `authorization` tests an issuer: the
// document, and a sign-in of a client that is registered. Its command `client` tests an MCP client against servers of
// its own, so here it tests the client of examples/mcp-server. Its command `server` tests an MCP server without
// authorization, so nothing of it applies.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { freePort } from "../../scripts/lib/ports.mjs";
import { spawnGuarded } from "../../scripts/lib/process.mjs";
import { root } from "../../scripts/lib/repository.mjs";
import { Browser } from "../e2e/support/browser.mjs";
import { runClient } from "../e2e/support/example.mjs";
import { startServer } from "../e2e/support/server.mjs";
import { configure } from "../e2e/support/worker-as.mjs";

const program = join(root, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
const folder = mkdtempSync(join(tmpdir(), "rollcall-conformance-"));

let server;
before(async () => (server = await startServer({ configure })));
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Runs the suite. `action` gets what the first parentheses of `ready` match in its output; after it, `client` is stopped,
 * because it would wait for more. Returns the status of each check, by the name of the check, and the output.
 */
async function check(args, ready, action) {
  const results = mkdtempSync(join(folder, "results-"));
  const child = spawnGuarded(process.execPath, [program, ...args, "--output-dir", results], { signal: "SIGINT" });
  const ended = once(child, "close");
  let output = "";
  const matched = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        const [, found] = ready?.exec((output += text)) ?? [];
        if (found) resolve(found);
      });
    }
    ended.then(() => resolve());
  });
  try {
    const found = await matched;
    if (action) {
      assert.ok(found, output);
      await action(found);
    }
  } finally {
    if (args[0] === "client") child.stdin.end();
    await ended;
  }
  const files = readdirSync(results, { recursive: true }).filter((name) => name.endsWith("checks.json"));
  const checks = files.flatMap((name) => JSON.parse(readFileSync(join(results, name), "utf8")));
  // A check can occur several times: a failure among them counts.
  checks.sort((a, b) => (a.status === "FAILURE") - (b.status === "FAILURE"));
  return { output, status: Object.fromEntries(checks.map(({ id, status }) => [id, status])) };
}

test("an issuer and a client that it has registered pass the suite's checks of authorization servers", async () => {
  const port = await freePort();
  const registration = {
    client_name: "Conformance",
    redirect_uris: [`http://127.0.0.1:${port}/callback`],
    token_endpoint_auth_method: "none",
    application_type: "native",
  };
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(registration) };
  const { client_id } = await (await fetch(`${server.url}/reg`, init)).json();
  const resource = "https://mcp.example/mcp";
  const args = ["authorization", "--url", server.url, "--client-id", client_id, "--port", port, "--resource", resource];
  const { output, status } = await check(args.map(String), /^(http\S+\/authorize\?\S+)$/m, async (link) => {
    const back = await new Browser().visit(link, { target: registration.redirect_uris[0], fields: { user: "alice", answer: "allow" } });
    await (await fetch(back)).text();
  });
  const expected = {
    "authorization-server-metadata": "SUCCESS",
    "authorization-server-metadata-cimd": "SUCCESS",
    "authorization-code-grant": "SUCCESS",
  };
  assert.deepEqual(status, expected, output);
});

test("an issuer with a path, and with metadata documents, passes the suite's checks of metadata", async () => {
  const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
  const DOCUMENTS = { mode: "open" };
  const issuers = await startServer({ vars: (url) => ({ ISSUERS: { [`${url}/t1`]: {} }, METADATA, DOCUMENTS }) });
  const scenario = "authorization-server-metadata-endpoint";
  const { output, status } = await check(["authorization", "--url", `${issuers.url}/t1`, "--scenario", scenario]);
  await issuers.stop();
  assert.deepEqual(Object.values(status), ["SUCCESS", "SUCCESS"], output);
});

// Where the metadata are, and which method a registration gets. MCP 2026-07-28 asks for all that its predecessor does, and
// for an application type.
const scenarios = ["metadata-default", "metadata-var1", "metadata-var2", "metadata-var3"];
scenarios.push("token-endpoint-auth-none", "token-endpoint-auth-basic", "token-endpoint-auth-post");
for (const [version, own] of Object.entries({ "2025-11-25": ["metadata-default"], "2026-07-28": scenarios })) {
  for (const scenario of own) {
    test(`the client of examples/mcp-server registers as the suite asks: ${scenario}, ${version}`, async () => {
      const args = ["client", "--scenario", `auth/${scenario}`, "--spec-version", version];
      const { output, status } = await check(args, /^Server URL: (\S+)$/m, async (url) => {
        const ran = await runClient("mcp-server/client.mjs", url, {});
        assert.match(ran.output, /^Registered as /m);
      });
      assert.equal(status["client-registration"], "SUCCESS", output);
      if (version === "2026-07-28") assert.equal(status["sep-837-application-type-present"], "SUCCESS", output);
      const failed = Object.keys(status).filter((id) => status[id] === "FAILURE");
      assert.deepEqual(failed, [], output);
    });
  }
}
