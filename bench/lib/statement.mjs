// An issuer of software statements, and a statement of it that does not expire.

import { generateKeyPairSync, sign } from "node:crypto";

const ISS = "https://directory.example";
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** The setting with which Rollcall trusts the issuer. */
export const SOFTWARE_STATEMENTS = { issuers: [{ iss: ISS, jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1" }] } }] };

/** A statement with these claims. */
export function statementOf(claims) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "ES256", kid: "1" })}.${encode({ iss: ISS, ...claims })}`;
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}
