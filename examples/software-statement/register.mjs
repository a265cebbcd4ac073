// Issues a software statement (RFC 7591 section 2.3), and registers a client with it. README.md says how to run it.

import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const [server = "http://localhost:8787"] = process.argv.slice(2);
const file = process.env.KEY_FILE ?? new URL("key.pem", import.meta.url);
if (!existsSync(file)) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
}
const key = createPrivateKey(readFileSync(file));
const iss = "https://directory.example";

if (server === "--settings") {
  const jwk = { ...createPublicKey(key).export({ format: "jwk" }), kid: "2026-1", alg: "ES256", use: "sig" };
  console.log(JSON.stringify({ issuers: [{ iss, jwks: { keys: [jwk] }, max_age: 600 }] }));
} else {
  const iat = Math.floor(Date.now() / 1000);
  const client = { client_name: "My Bank", redirect_uris: ["https://app.example/cb"], software_id: "my-bank" };
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { alg: "ES256", kid: "2026-1", typ: "JWT" };
  const signed = `${encode(header)}.${encode({ iss, iat, exp: iat + 600, jti: randomUUID(), ...client })}`;
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const body = JSON.stringify({ client_name: "Another name", software_statement: `${signed}.${signature}` });
  const answer = await fetch(`${server}/reg`, { method: "POST", headers: { "content-type": "application/json" }, body });
  console.log(JSON.stringify(await answer.json(), null, 2));
  process.exitCode = answer.ok ? 0 : 1;
}
