// The OpenAPI document against the implementation: a fuzzer makes up requests from the one, and holds the
// answers of the other to it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { pythonOf } from "../../scripts/lib/programs.mjs";
import { startServer } from "../e2e/support/server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const document = join(here, "..", "..", "public", "openapi.json");
const secrets = {
  AS_TOKEN: "the authorization server's secret of 32 bytes",
  AS_SECRETS_TOKEN: "the secret of one that may ask for client secrets",
  SEALING_KEY: `1:${"A".repeat(43)}`,
  ADMIN_TOKEN: "an operator's secret of 32 bytes at least",
};
const METADATA = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  jwks_uri: "/jwks",
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"],
};
// Not held: that what is made up wrong is rejected, for we ignore and narrow a lot of it on purpose; that what
// is made up right is accepted, for the rules between members are not in the document.
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "unsupported_method",
  "allow_header_conformance",
  "ignored_auth",
];
const ACTIONS = ["discover", "register", "dry_run", "read", "update", "delete", "look_up", "check_redirect_uri"];
ACTIONS.push("admin.mint_token", "admin.list_tokens", "admin.list_clients", "admin.get_client");
ACTIONS.push("admin.disable_client", "admin.enable_client", "admin.rotate_credential", "admin.delete_client");
ACTIONS.push("admin.delete_clients", "admin.export_clients", "admin.import_clients", "admin.list_rejections", "list_issuers");
// The number of random requests for each operation. As many again and more are made by its schemas; with
// CONTRACT_EXAMPLES=100 the random ones take minutes.
const EXAMPLES = "30";

test("the OpenAPI document is there for everybody", async () => {
  const server = await startServer();
  try {
    const answer = await fetch(`${server.url}/openapi.json`);
    assert.match(answer.headers.get("content-type"), /^application\/json/);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await answer.json(), JSON.parse(readFileSync(document, "utf8")));
  } finally {
    await server.stop();
  }
});

test("every answer is one that the OpenAPI document knows", { timeout: 600_000 }, async () => {
  const python = await pythonOf("contract");
  const vars = (url) => ({ ISSUER: url, METADATA, REGISTRATION: { record_uses: true }, ...secrets });
  // With pages, two more Workers of the runtime would handle each request before ours does.
  const server = await startServer({ vars, assets: false });
  const scratch = mkdtempSync(join(tmpdir(), "rollcall-contract-"));
  try {
    const args = ["run", document, "--url", server.url, "--checks", CHECKS.join(",")];
    args.push("--max-examples", process.env.CONTRACT_EXAMPLES ?? EXAMPLES);
    args.push("--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--seed", "7591", "--no-color");
    // No later run would read the database.
    args.push("--generation-database", "none");
    const env = { ...process.env, ...secrets, ROLLCALL_URL: server.url };
    env.SCHEMATHESIS_HOOKS = join(here, "hooks.py");
    env.HYPOTHESIS_STORAGE_DIRECTORY = scratch;
    const child = spawn(join(dirname(python), "schemathesis"), args, { env, cwd: scratch });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    const [code] = await once(child, "close");
    assert.equal(code, 0, output);
    const [, cases] = /(\d+) generated/.exec(output) ?? [];
    console.log(`${cases} requests`);
    assert.ok(Number(cases) > 1_000, output);
    // A fuzzer that never gets past the door proves nothing.
    const done = new Set(server.logLines().filter(({ outcome }) => outcome === "ok").map(({ action }) => action));
    const never = ACTIONS.filter((action) => !done.has(action));
    assert.deepEqual(never, [], "was never done");
  } finally {
    await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
});
