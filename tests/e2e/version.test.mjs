// The running version is that of Cargo.toml wherever it is reported.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { doctor } from "../../scripts/doctor.mjs";
import { root } from "../../scripts/lib/repository.mjs";
import { startServer } from "./support/server.mjs";

const [, version] = /^version = "(.+)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"));

test("openapi_log_and_doctor_report_the_running_version", async () => {
  const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
  const server = await startServer({ vars: (url) => ({ ISSUER: url, METADATA }) });
  try {
    const { info } = await (await fetch(`${server.url}/openapi.json`)).json();
    assert.equal(info.version, version);

    await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    const line = await server.logLine(({ action }) => action === "start");
    assert.deepEqual(line, { action: "start", version });

    const output = [];
    const say = (text) => output.push(text);
    await doctor([server.url], say);
    const lines = output.splice(0).join("\n").split("\n");
    assert.equal(lines[0], `Rollcall ${version}`);
    assert.ok(lines.includes(`  runs: Rollcall ${version}`), lines.join("\n"));
    await doctor([server.url, "--json"], say);
    const [report] = JSON.parse(output[0]);
    assert.equal(report.version, version);
  } finally {
    await server.stop();
  }
});
