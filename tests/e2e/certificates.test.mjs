// Client certificates as a policy, on real workerd: the report of the runtime is injected where Cloudflare makes it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startServer } from "./support/server.mjs";

const SHA256 = "acf77cf37b4156a2708e34c4eb755f9b5dbbe5ebb55adfec8f11493438d19e6a";
const certificate = {
  certPresented: "1",
  certVerified: "SUCCESS",
  certRevoked: "0",
  certSubjectDN: "C=GB,O=Example Bank,CN=Bank, Ltd",
  certIssuerDN: "C=GB,O=Example,CN=Partner CA",
  certSubjectDNRFC2253: "CN=Bank\\, Ltd,O=Example Bank,C=GB",
  certIssuerDNRFC2253: "CN=Partner CA,O=Example,C=GB",
  certSubjectDNLegacy: "/C=GB/O=Example Bank/CN=Bank, Ltd",
  certIssuerDNLegacy: "/C=GB/O=Example/CN=Partner CA",
  certFingerprintSHA1: "6b9109f323999e52259cda7373ff0b4d26bd232e",
  certFingerprintSHA256: SHA256,
};
/** What Cloudflare reports on a host without client certificates. */
const placeholder = { ...Object.fromEntries(Object.keys(certificate).map((name) => [name, ""])), certPresented: "0", certVerified: "NONE", certRevoked: "0" };

const vars = (url) => ({
  ISSUER: url,
  METADATA: { authorization_endpoint: "/authorize", token_endpoint: "/token" },
  POLICY: { require_certificate: true, certificate: { issuers: [certificate.certIssuerDNRFC2253] }, bind: "subject_dn" },
});

const presenting = (report) => ({ "x-test-presented": JSON.stringify(report) });

test("a certificate counts only where the runtime reports it, and never from a header", { timeout: 60_000 }, async () => {
  const server = await startServer({ vars, entry: "tests/e2e/support/presented.mjs", assets: false });
  try {
    const register = (headers) =>
      fetch(`${server.url}/reg`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ redirect_uris: ["https://app.example/cb"] }),
      });
    const refused = async (answer, error) => {
      const { status } = answer;
      assert.deepEqual([status, (await answer.json()).error], [403, error]);
    };

    const registered = await register(presenting(certificate));
    assert.equal(registered.status, 201);
    const client = await registered.json();

    await refused(await register({}), "certificate_required");
    await refused(await register(presenting(placeholder)), "certificate_required");
    for (const wrong of [
      { certVerified: "FAILED:unable to get local issuer certificate" },
      { certRevoked: "1" },
      { certIssuerDNRFC2253: "CN=Other CA,O=Example,C=GB" },
      { certSubjectDNRFC2253: "CN=a\ncontent-type:text/plain" },
    ]) {
      await refused(await register(presenting({ ...certificate, ...wrong })), "certificate_not_accepted");
    }
    const report = JSON.stringify(Object.values(certificate));
    for (const [name, value] of Object.entries({
      "client-cert": ":MIIB:",
      "cf-client-cert-der-base64": "MIIB",
      "x-client-cert-subject-dn": certificate.certSubjectDNRFC2253,
      tlsclientauth: report,
      "cf-certificate": report,
    })) {
      await refused(await register({ [name]: value }), "certificate_required");
    }

    const manage = (method, headers) =>
      fetch(client.registration_client_uri, { method, headers: { authorization: `Bearer ${client.registration_access_token}`, ...headers } });
    await refused(await manage("GET", {}), "certificate_required");
    await refused(await manage("DELETE", presenting({ ...certificate, certSubjectDNRFC2253: "CN=Shop" })), "certificate_not_accepted");
    const read = await manage("GET", presenting({ ...certificate, certFingerprintSHA256: SHA256.replaceAll("a", "b") }));
    assert.equal(read.status, 200, "a renewed certificate has the same subject and issuer");
    assert.equal((await manage("DELETE", presenting(certificate))).status, 204);
  } finally {
    await server.stop();
  }
});
