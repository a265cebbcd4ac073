// One Rollcall with everything that the suite can test: all algorithms, metadata documents, initial access tokens, and an
// authorization server that asks it.

import { certificate } from "../../e2e/support/trusted.mjs";

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "../../../scripts/lib/ports.mjs";
import { startServer } from "../../e2e/support/server.mjs";
import { AuthorizationServer } from "./authorization-server.mjs";

const AS_TOKEN = "an authorization server's secret of 32 bytes at least";
const { everything } = JSON.parse(readFileSync(new URL("../../vectors/servers.json", import.meta.url)));

/** `{ issuer, args, stop }`: what `conformance/run.mjs` needs to test it. */
export async function startRollcall() {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-suite-"));
  const files = Object.fromEntries(["cert", "key"].map((name) => [name, join(folder, `${name}.pem`)]));
  for (const [name, path] of Object.entries(files)) writeFileSync(path, certificate[name]);
  const as = await new AuthorizationServer(AS_TOKEN).start();
  const METADATA = { ...everything, authorization_endpoint: `${as.url}/authorize`, token_endpoint: `${as.url}/token`, jwks_uri: `${as.url}/jwks`, authorization_response_iss_parameter_supported: true };
  const DOCUMENTS = { mode: "open", allow_loopback: true };
  const vars = (url) => ({ ISSUER: `${url}/t1`, METADATA, DOCUMENTS, AS_TOKEN, LIMITS: { exempt_networks: ["127.0.0.0/8", "::1"] } });
  const server = await startServer({ vars, assets: false });
  as.registrar = `${server.url}/t1`;
  const port = await freePort();
  const documents = ["--documents", `https://localhost:${port}`, "--documents-listen", `127.0.0.1:${port}`, "--documents-cert", files.cert, "--documents-key", files.key];
  const stop = async () => {
    as.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { issuer: as.registrar, args: ["--insecure", "--rate", "0", "--parallel", "8", ...documents], stop, server };
}
