// The conformance suite over https: a certificate authority of one's own, and the cases that need https.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { createCertificate } from "../../scripts/lib/certificate.mjs";
import { runSuite } from "./support/suite.mjs";

const folder = mkdtempSync(join(tmpdir(), "rollcall-https-"));
const [ca, json] = ["ca.pem", "report.json"].map((name) => join(folder, name));
const certificate = createCertificate("localhost");
let server;
let issuer;
before(async () => {
  writeFileSync(ca, certificate.cert);
  server = createServer(certificate, (request, response) => {
    const document = { issuer, token_endpoint: `${issuer}/token`, jwks_uri: issuer.replace("https", "http"), response_types_supported: ["code"] };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `https://localhost:${server.address().port}`;
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a certificate authority is trusted with --ca only, and cases of https are not skipped", async () => {
  const untrusted = await runSuite([issuer, "--rate", "0", "--group", "rfc8414"]);
  assert.equal(untrusted.code, 2, untrusted.output);
  assert.match(untrusted.output, /cannot be tested: .*certificate/);
  const { code, output } = await runSuite([issuer, "--rate", "0", "--group", "rfc8414", "--ca", ca, "--json", json]);
  assert.equal(code, 1, output);
  const outcomes = Object.fromEntries(JSON.parse(readFileSync(json, "utf8")).cases.map(({ id, outcome }) => [id, outcome]));
  assert.deepEqual([outcomes["rfc8414/issuer-https"], outcomes["rfc8414/jwks-https"]], ["passed", "failed"]);
});
