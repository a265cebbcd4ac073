// The command line: reports, exit codes, comparison, and mistakes of the person who runs it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Server } from "./server.mjs";

const program = fileURLToPath(new URL("../run.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "registration-conformance-"));
const file = (name) => join(folder, name);
let server;
before(async () => (server = await new Server({ gate: "the-initial-access-token" }).start()));
after(() => {
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args) =>
  new Promise((resolve) => execFile(process.execPath, [program, ...args], (error, output, errors) => resolve({ code: error?.code ?? 0, output, errors })));
const runHere = (...args) => run(server.url, "--insecure", "--rate", "0", "--token", "the-initial-access-token", ...args);

test("a right server gets exit code 0, a summary of each level, and no client is left", async () => {
  const { code, output, errors } = await runHere("--group", "rfc7591", "--group", "rfc7592");
  assert.equal(code, 0, output);
  assert.match(output, /^level +passed +failed +skipped +cases$/m);
  assert.match(output, /^MUST +\d+ +0 /m);
  assert.match(errors, /rfc7592/, "progress");
  assert.doesNotMatch(output, /could not be deleted/);
  assert.equal(server.clients.size, 0);
});

test("the cases of a gate run with --token, and the token is in no report", async () => {
  const { output } = await runHere("--only", "rfc7591/gate", "--json", file("gate.json"));
  assert.match(output, /^rfc7591 +4 +0 +0 +4$/m);
  server.fault = ({ request, response }) => request.path === "/register" && (response.status = 200);
  const { output: failing } = await runHere("--only", "rfc7591/created", "--junit", file("gate.xml"));
  server.fault = () => {};
  assert.match(failing, /FAILED rfc7591\/created/);
  assert.match(failing, /the initial access token/);
  for (const text of [output, failing, readFileSync(file("gate.json"), "utf8"), readFileSync(file("gate.xml"), "utf8")]) assert.doesNotMatch(text, /the-initial-access-token/);
});

test("a failure shows its sentence, section, request, response and difference, and makes the exit code 1 from its level on", async () => {
  server.fault = ({ request, response }) => request.path === "/register" && response.status === 201 && (response.headers["cache-control"] = "public");
  const args = ["--only", "rfc7591/not-cacheable"];
  const { code, output } = await runHere(...args);
  const { code: strict } = await runHere(...args, "--fail-on", "hardening");
  server.fault = () => {};
  assert.deepEqual([code, strict], [0, 1]);
  for (const part of ["FAILED rfc7591/not-cacheable (hardening, RFC 6749 §5.1)", "has Cache-Control: no-store.", `POST ${server.url}/register`, "HTTP 201", 'cache-control is "public"']) assert.ok(output.includes(part), `${part}\n${output}`);
});

test("--json and --junit have every case, and --compare shows what differs", async () => {
  await runHere("--group", "rfc6750", "--json", file("before.json"), "--junit", file("before.xml"));
  server.fault = ({ response }) => delete response.headers["www-authenticate"];
  await runHere("--group", "rfc6750", "--json", file("after.json"), "--junit", file("after.xml"));
  server.fault = () => {};
  const [before, after] = ["before", "after"].map((name) => JSON.parse(readFileSync(file(`${name}.json`), "utf8")));
  assert.deepEqual(before.all, { passed: before.cases.length, failed: 0, skipped: 0 });
  assert.ok(after.levels.MUST.failed >= 6);
  assert.match(readFileSync(file("before.xml"), "utf8"), /^<\?xml.*\n<testsuites tests="20" failures="0"/);
  assert.match(readFileSync(file("after.xml"), "utf8"), /<failure message="www-authenticate is absent/);
  const worse = await run("--compare", file("before.json"), file("after.json"));
  assert.equal(worse.code, 1);
  assert.match(worse.output, /^passed +-> failed +rfc6750\/challenge-read \(MUST, RFC 6750 §3\)$/m);
  const same = await run("--compare", file("before.json"), file("before.json"));
  assert.deepEqual([same.code, same.output], [0, "no differences\n"]);
});

test("a report on the standard output is alone there", async () => {
  const { output } = await runHere("--only", "rfc7591/created", "--json", "-");
  assert.equal(JSON.parse(output).all.passed, 2);
});

test("requests keep to the rate", async () => {
  const started = Date.now();
  await run(server.url, "--insecure", "--rate", "20", "--token", "the-initial-access-token", "--only", "rfc8414/issuer");
  // Twelve requests to explore the target, and three cases.
  assert.ok(Date.now() - started > 500, `${Date.now() - started} ms`);
});

test("a limited request is repeated after its Retry-After", async () => {
  let limited = 0;
  server.fault = ({ request, response }) => {
    if (request.path === "/register" && limited++ === 0) Object.assign(response, { status: 429, headers: { "retry-after": "0" }, body: {} });
  };
  const { code, output } = await runHere("--only", "rfc7591/created");
  server.fault = () => {};
  assert.equal(code, 0, output);
  assert.match(output, /^rfc7591 +2 +0 +0/m);
});

test("without its token nothing can be tested but discovery, and the report says why", async () => {
  const { output } = await run(server.url, "--insecure", "--rate", "0");
  assert.match(output, /accepts no registration of this program/);
  assert.match(output, /The first registration was rejected: HTTP 401/);
});

test("mistakes on the command line are sentences with exit code 2", async () => {
  for (const [args, text] of [
    [[], "one issuer is needed"],
    [["issuer.example"], "must be a URL"],
    [["http://issuer.example"], "must be https"],
    [["http://127.0.0.1:1"], "with --insecure"],
    [["https://issuer.example?a=b"], "no query"],
    [["https://issuer.example", "--rate", "fast"], "must be a number"],
    [["https://issuer.example", "--fail-on", "MAY"], "must be one of MUST"],
    [["https://issuer.example", "--unknown"], "Unknown option"],
    [["--compare", "one.json"], "two reports"],
    [["http://127.0.0.1:1", "--insecure"], "cannot be tested"],
  ]) {
    const { code, errors } = await run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.ok(errors.includes(text), `${args.join(" ")}: ${errors}`);
  }
});

test("--list shows every case without a request, and --help the options", async () => {
  const { output } = await run("--list", "--group", "rfc8414");
  assert.match(output, /^rfc8414\/issuer {2}\(MUST, RFC 8414 §3\.3\)\n {4}The issuer in the document/m);
  const help = await run("--help");
  assert.equal(help.code, 0);
  for (const name of ["--token", "--redirect-host", "--documents", "--junit"]) assert.ok(help.output.includes(name));
});

test("a report that cannot be read is named", async () => {
  writeFileSync(file("broken.json"), "{");
  const { code } = await run("--compare", file("broken.json"), file("broken.json"));
  assert.equal(code, 2);
});
