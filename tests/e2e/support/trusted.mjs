// A certificate for https://localhost that workerd and Node trust. Both read NODE_EXTRA_CA_CERTS when they start, so import
// this module before all others; programs that a test starts inherit the variable. From Node 22.19 on, the test's own process
// trusts the certificate too.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";

import { createCertificate } from "../../../scripts/lib/certificate.mjs";

export const certificate = createCertificate("localhost");

const folder = mkdtempSync(join(tmpdir(), "rollcall-trusted-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const { NODE_EXTRA_CA_CERTS: former } = process.env;
process.env.NODE_EXTRA_CA_CERTS = join(folder, "trusted.pem");
writeFileSync(process.env.NODE_EXTRA_CA_CERTS, `${former ? readFileSync(former, "utf8") : ""}\n${certificate.cert}`);
tls.setDefaultCACertificates?.([...tls.getCACertificates("default"), certificate.cert]);
