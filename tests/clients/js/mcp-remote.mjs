// mcp-remote, a program that local MCP clients reach remote servers through. It keeps in files what it
// found and what it registered, and then waits for a user, who does not come.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "../../../scripts/lib/ports.mjs";
import { holds, issuer, kinds, mcp, stepsOf } from "../support/steps.mjs";

const step = stepsOf("mcp-remote");
const program = fileURLToPath(new URL("../../../node_modules/mcp-remote/dist/proxy.js", import.meta.url));
const noBrowser = new URL("../support/no-browser.mjs", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "rollcall-mcp-remote-"));
const port = await freePort();
const { client_name, scope } = kinds.loopback;

const options = ["--transport", "http-only", "--host", "127.0.0.1"];
options.push("--static-oauth-client-metadata", JSON.stringify({ client_name, scope }));
const child = spawn(process.execPath, ["--import", noBrowser, program, mcp, port, ...options].map(String), {
  env: { ...process.env, MCP_REMOTE_CONFIG_DIR: folder },
  stdio: ["pipe", "pipe", "pipe"],
});
let output = "";
for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
process.on("exit", () => {
  child.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** The content that the program has written into a file of this name. */
async function kept(part) {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const name = readdirSync(folder, { recursive: true }).find((path) => path.includes(part));
    const text = name && readFileSync(join(folder, name), "utf8");
    // It may be written just now.
    if (text?.trimEnd().endsWith("}")) return JSON.parse(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it has kept no ${part}:\n${output}`);
}

await step("discover", async () => {
  const { authorizationServerUrl, authorizationServerMetadata } = await kept("discovery_state");
  assert.equal(authorizationServerUrl, issuer);
  assert.equal(authorizationServerMetadata.registration_endpoint, `${issuer}/reg`);
});
await step("register loopback", async () => {
  const redirect_uris = [`http://127.0.0.1:${port}/oauth/callback`];
  // It adds the scope for refresh tokens, which the server publishes.
  holds("loopback", await kept("client_info"), { redirect_uris, scope: `${scope} offline_access` });
});
child.kill();
