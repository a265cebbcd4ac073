// A certificate for servers on this machine, which an example or a test makes and trusts itself (RFC 5280 §4.1).

import { generateKeyPairSync, randomUUID, sign } from "node:crypto";

const [SEQUENCE, SET, INTEGER, BITS, OCTETS, OID, TEXT, TIME] = [0x30, 0x31, 0x02, 0x03, 0x04, 0x06, 0x0c, 0x17];
const DAY_MS = 86_400_000;

/** A value of DER: tag, length in as few bytes as possible, content. */
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const [high, low] = [content.length >> 8, content.length & 255];
  const length = high ? [0x82, high, low] : low < 128 ? [low] : [0x81, low];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const oid = (hex) => der(OID, Buffer.from(hex, "hex"));
const ECDSA_WITH_SHA256 = der(SEQUENCE, oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const ALTERNATIVE_NAMES = oid("551d11");

const time = (ms) => der(TIME, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));

/** A self-signed certificate for `names`, valid for a day: `{ cert, key }` as PEM. */
export function createCertificate(...names) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // Where two such certificates are trusted, OpenSSL finds the right one by its subject.
  const subject = Buffer.from(`Rollcall ${randomUUID()}`);
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(TEXT, subject))));
  const alternatives = der(SEQUENCE, ...names.map((text) => der(0x82, Buffer.from(text))));
  const extensions = der(SEQUENCE, der(SEQUENCE, ALTERNATIVE_NAMES, der(OCTETS, alternatives)));
  const now = Date.now();
  const content = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    name,
    der(SEQUENCE, time(now - DAY_MS / 24), time(now + DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = der(BITS, Buffer.from([0]), sign("sha256", content, privateKey));
  const encoded = der(SEQUENCE, content, ECDSA_WITH_SHA256, signature).toString("base64");
  const cert = `-----BEGIN CERTIFICATE-----\n${encoded.match(/.{1,64}/g).join("\n")}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }) };
}
