// The running version is that of Cargo.toml wherever it is reported.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

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

    const doctor = (...args) => promisify(execFile)(process.execPath, ["scripts/doctor.mjs", server.url, ...args], { cwd: root });
    const lines = (await doctor()).stdout.split("\n");
    assert.equal(lines[0], `Rollcall ${version}`);
    assert.ok(lines.includes(`  runs: Rollcall ${version}`), lines.join("\n"));
    const [report] = JSON.parse((await doctor("--json")).stdout);
    assert.equal(report.version, version);
  } finally {
    await server.stop();
  }
});
