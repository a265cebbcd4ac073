// Software statements on workerd: Web Crypto, the Durable Object, and keys at a URL. A JOSE library that is not ours makes
// the tokens.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Response } from "miniflare";
import { CompactSign, SignJWT, UnsecuredJWT, exportJWK, generateKeyPair, importJWK } from "jose";

import { ADMIN_TOKEN, cli, listed, output } from "./support/operator.mjs";
import { startServer } from "./support/server.mjs";

const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const PINNED = "https://pinned.example";
const REMOTE = "https://remote.example";
const ONCE = "https://once.example";
const JWKS = `${REMOTE}/jwks`;

const keys = {};
// An RSA key takes long to generate, so the six RSA algorithms share one. EdDSA and Ed25519 have two keys of one type: they
// show that `kid` selects the key.
const rsa = await generateKeyPair("RS256", { extractable: true });
const [privateRsa, publicRsa] = [await exportJWK(rsa.privateKey), await exportJWK(rsa.publicKey)];
const imported = async (alg) => ({ privateKey: await importJWK(privateRsa, alg), publicKey: await importJWK(publicRsa, alg, { extractable: true }) });
for (const alg of ALGORITHMS) keys[alg] = await (/^[RP]S/.test(alg) ? imported(alg) : generateKeyPair(alg, { extractable: true }));
const publicKey = async (alg) => ({ ...(await exportJWK(keys[alg].publicKey)), kid: alg });
const pinned = { keys: await Promise.all(ALGORITHMS.map(publicKey)) };

// The keys that the server of the remote issuer publishes; undefined while it is down.
let published = { keys: [await publicKey("ES256")] };
let fetched = 0;
function outbound(request) {
  if (request.url !== JWKS) return new Response("no such server", { status: 502 });
  fetched += 1;
  return published ? Response.json(published) : new Response("down", { status: 503 });
}

let server;
before(async () => {
  const issuers = [
    { iss: PINNED, jwks: pinned },
    { iss: REMOTE, jwks_uri: JWKS },
    { iss: ONCE, jwks: pinned, once: "jti" },
  ];
  const entry = "tests/e2e/support/counting-kv.mjs";
  server = await startServer({ entry, outbound, vars: (url) => ({ ISSUER: url, METADATA, SOFTWARE_STATEMENTS: { issuers }, ADMIN_TOKEN }) });
});
after(() => server?.stop());

/** A statement by `jose`. */
const statement = (claims = {}, { alg = "ES256", kid = alg, key = keys[alg].privateKey, ...header } = {}) =>
  new SignJWT({ iss: PINNED, client_name: "My Bank", jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg, kid, ...header })
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(key);

async function register(software_statement, members = {}, headers = {}) {
  const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"], software_statement, ...members });
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  const answer = await fetch(`${server.url}/reg`, init);
  const json = await answer.json();
  return { status: answer.status, json, rule: json.errors?.[0].rule };
}

for (const alg of ALGORITHMS) {
  test(`statement signed with ${alg} is verified, and a changed one is rejected`, async () => {
    const sound = await statement({}, { alg });
    const { status, json } = await register(sound, { client_name: "Another" });
    assert.equal(status, 201, JSON.stringify(json));
    assert.deepEqual([json.client_name, json.software_statement], ["My Bank", sound]);
    const [header, payload, signature] = sound.split(".");
    const other = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url")), client_name: "Evil" }));
    const bytes = Buffer.from(signature, "base64url");
    bytes[bytes.length - 1] ^= 1;
    for (const forged of [
      `${header}.${other.toString("base64url")}.${signature}`,
      `${header}.${payload}.${bytes.toString("base64url")}`,
      `${header}.${payload}.${bytes.subarray(1).toString("base64url")}`,
      `${header}.${payload}.`,
    ]) {
      assert.deepEqual(await register(forged).then(({ json, rule }) => [json.error, rule]), ["invalid_software_statement", "statement_signature"]);
    }
  });
}

test("attacks on the algorithm and the key are rejected", async () => {
  const claims = { iss: PINNED, client_name: "Evil", jti: "1" };
  const spki = keys.RS256.publicKey.export?.({ type: "spki", format: "pem" }) ?? JSON.stringify(pinned.keys[0]);
  const secret = new TextEncoder().encode(spki);
  const hmac = (alg) => new SignJWT(claims).setProtectedHeader({ alg, kid: "RS256" }).sign(secret);
  const own = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(own.publicKey);
  const stranger = { key: own.privateKey };
  const signed = (header, key) => new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
  // ECDSA with P-384 and a header that says ES256.
  const p384 = await signed({ alg: "ES384", kid: "ES384" }, keys.ES384.privateKey);
  const relabelled = [Buffer.from(JSON.stringify({ alg: "ES256", kid: "ES384" })).toString("base64url"), ...p384.split(".").slice(1)].join(".");
  for (const [name, text, rule] of [
    ["none", new UnsecuredJWT(claims).encode(), "statement_algorithm"],
    ["HS256 with the public key", await hmac("HS256"), "statement_algorithm"],
    ["HS512 with the public key", await hmac("HS512"), "statement_algorithm"],
    ["another curve", relabelled, "statement_key"],
    ["RSASSA-PSS for PKCS #1", await statement({}, { alg: "PS256", kid: "unknown" }), "statement_key"],
    ["a key of another", await statement({}, stranger), "statement_signature"],
    ["the kid of another key", await statement({}, { ...stranger, kid: "ES384" }), "statement_key"],
    ["jwk", await statement({}, { ...stranger, jwk }), "statement_header"],
    ["jku", await statement({}, { ...stranger, jku: "https://evil.example/jwks" }), "statement_header"],
    ["x5u", await statement({}, { ...stranger, x5u: "https://evil.example/cert" }), "statement_header"],
    ["x5c", await statement({}, { ...stranger, x5c: ["AQ"] }), "statement_header"],
    ["crit", await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "ES256", crit: ["b64"], b64: true }).sign(keys.ES256.privateKey), "statement_header"],
    ["expired", await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "ES256" }).setExpirationTime("-2m").sign(keys.ES256.privateKey), "statement_expired"],
    ["another audience", await statement({ aud: "https://other.example" }), "statement_audience"],
    ["no issuer", await statement({ iss: undefined }), "statement_no_issuer"],
  ]) {
    const answer = await register(text);
    assert.deepEqual([answer.status, answer.json.error, answer.rule], [400, "invalid_software_statement", rule], name);
  }
});

test("a replay in parallel succeeds exactly once", { timeout: 60_000 }, async () => {
  const once = await statement({ iss: ONCE });
  const answers = await Promise.all(Array.from({ length: 50 }, () => register(once)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  const others = answers.filter(({ status }) => status !== 201);
  assert.ok(others.every(({ status, rule }) => status === 503 || rule === "statement_used"), JSON.stringify(others[0]));
  assert.equal((await register(once)).rule, "statement_used");
  const { registration_client_uri, registration_access_token, client_id } = answers.find(({ status }) => status === 201).json;
  const headers = { authorization: `Bearer ${registration_access_token}`, "content-type": "application/json" };
  const body = JSON.stringify({ client_id, redirect_uris: ["https://app.example/other"], software_statement: once });
  assert.equal((await fetch(registration_client_uri, { method: "PUT", headers, body })).status, 200);
});

test("keys at a URL rotate, and known ones work while their server is down", { timeout: 60_000 }, async () => {
  const of = (alg) => statement({ iss: REMOTE }, { alg }).then((text) => register(text));
  assert.deepEqual([(await of("ES256")).status, (await of("ES256")).status, fetched], [201, 201, 1]);
  published = { keys: [await publicKey("ES256"), await publicKey("PS256")] };
  assert.equal((await of("PS256")).rule, "statement_key");
  await server.later(61_000);
  assert.deepEqual([(await of("PS256")).status, fetched], [201, 2]);
  published = undefined;
  await server.later(61_000);
  assert.deepEqual([(await of("ES256")).status, (await of("EdDSA")).status], [201, 503]);
});

test("an operator revokes the statements of a software", { timeout: 60_000 }, async () => {
  for (const software_id of ["revoked", "revoked", "kept"]) assert.equal((await register(await statement({ software_id }))).status, 201);
  const of = (software) => listed(server, "--software-id", software, "--enabled");
  assert.deepEqual([(await of("revoked")).length, (await of("kept")).length], [2, 1]);
  const tried = await output(server, ["statements", "revoke", "--software-id", "revoked"]);
  assert.match(tried, /2 clients would be disabled\. Repeat the command with --yes to disable them\./);
  assert.match(await output(server, ["statements", "revoke", "--software-id", "revoked", "--iss", PINNED, "--yes"]), /^2 clients disabled\.$/m);
  assert.deepEqual([(await of("revoked")).length, (await of("kept")).length], [0, 1]);
  for (const args of [["statements", "revoke"], ["statements", "revoke", "--software-id", ""], ["statements"]]) {
    assert.equal((await cli(server, args)).code, 1, args.join(" "));
  }
});

test("the example issues a statement and registers with it", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-statement-"));
  try {
    const file = fileURLToPath(new URL("../../examples/software-statement/register.mjs", import.meta.url));
    const env = { ...process.env, KEY_FILE: join(folder, "key.pem") };
    const run = (argument) => spawnSync(process.execPath, [file, argument], { env, encoding: "utf8" });
    const SOFTWARE_STATEMENTS = JSON.parse(run("--settings").stdout);
    // Miniflare needs the event loop of this process.
    const own = await startServer({ vars: (url) => ({ ISSUER: url, METADATA, SOFTWARE_STATEMENTS }) });
    const child = spawn(process.execPath, [file, own.url], { env });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    const code = await new Promise((resolve) => child.on("close", resolve));
    await own.stop();
    assert.equal(code, 0, output);
    const client = JSON.parse(output);
    assert.deepEqual([client.client_name, client.software_id], ["My Bank", "my-bank"]);
    const notes = client.software_statement_notes.map(({ member, rule }) => [member, rule]);
    assert.deepEqual(notes, [
      ["/redirect_uris", "statement_sets"],
      ["/client_name", "statement_overrides"],
      ["/software_id", "statement_sets"],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
