// Signed requests on workerd: real signatures by a JOSE library that is not ours, keys at the URL that a statement names, and
// the Durable Object, which lets each request be used once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { Response } from "miniflare";
import { SignJWT, exportJWK, generateKeyPair } from "jose";

import { startServer } from "./support/server.mjs";

const ISS = "OpenBanking Ltd";
const SOFTWARE_KEYS = "https://keystore.example/software.jwks";
const directory = await generateKeyPair("PS256", { extractable: true });
const software = await generateKeyPair("PS256", { extractable: true });
const stranger = await generateKeyPair("PS256", { extractable: true });
const jwk = async (keys, kid) => ({ ...(await exportJWK(keys.publicKey)), kid });
const published = { keys: [await jwk(software, "software-1")] };

const METADATA = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  response_types_supported: ["code", "code id_token"],
  grant_types_supported: ["authorization_code", "refresh_token", "implicit"],
  token_endpoint_auth_methods_supported: ["private_key_jwt"],
  token_endpoint_auth_signing_alg_values_supported: ["PS256"],
};

let server;
before(async () => {
  const issuers = [{ iss: ISS, jwks: { keys: [await jwk(directory, "directory-1")] }, profile: "ob-uk", key_hosts: ["keystore.example"] }];
  const outbound = ({ url }) => (url === SOFTWARE_KEYS ? Response.json(published) : new Response("no such server", { status: 502 }));
  server = await startServer({ outbound, assets: false, vars: (url) => ({ ISSUER: url, METADATA, SOFTWARE_STATEMENTS: { issuers } }) });
});
after(() => server?.stop());

const sign = (claims, key, header) => new SignJWT(claims).setProtectedHeader({ alg: "PS256", ...header }).setIssuedAt().sign(key.privateKey);

const statement = () =>
  sign(
    {
      iss: ISS,
      jti: randomUUID(),
      software_id: "65d1f27c",
      software_client_name: "My Bank",
      software_redirect_uris: ["https://app.example/a", "https://app.example/b"],
      software_jwks_endpoint: SOFTWARE_KEYS,
      org_id: "Example",
    },
    directory,
    { kid: "directory-1" },
  );

async function request(claims = {}, { key = software, kid = "software-1" } = {}) {
  const usual = {
    iss: "65d1f27c",
    aud: server.url,
    exp: Math.floor(Date.now() / 1000) + 300,
    jti: randomUUID(),
    redirect_uris: ["https://app.example/a"],
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code", "refresh_token", "implicit"],
    software_statement: await statement(),
  };
  return sign({ ...usual, ...claims }, key, { kid, typ: "JWT" });
}

async function send(body, { method = "POST", url = `${server.url}/reg`, ...headers } = {}) {
  const answer = await fetch(url, { method, headers: { "content-type": "application/jwt", ...headers }, body });
  const json = await answer.json();
  return { status: answer.status, json, rule: json.errors?.[0].rule };
}

test("a signed request registers and updates a client, and a signature of a stranger does not", { timeout: 60_000 }, async () => {
  const registered = await send(await request());
  assert.equal(registered.status, 201, JSON.stringify(registered.json));
  assert.deepEqual([registered.json.client_name, registered.json.jwks_uri], ["My Bank", SOFTWARE_KEYS]);

  const { registration_client_uri: url, registration_access_token: token } = registered.json;
  const manage = { method: "PUT", url, authorization: `Bearer ${token}`, "content-type": "application/jose" };
  const updated = await send(await request({ redirect_uris: ["https://app.example/b"] }), manage);
  assert.equal(updated.status, 200, JSON.stringify(updated.json));
  assert.deepEqual(updated.json.redirect_uris, ["https://app.example/b"]);

  assert.equal((await send(await request({}, { key: stranger }))).rule, "signed_request_signature");
  assert.equal((await send(await request({}, { key: directory, kid: "directory-1" }))).rule, "signed_request_signature");
  assert.equal((await send(await request({ aud: "https://other.example" }))).rule, "signed_request_claim");
  const [header, payload, signature] = (await request()).split(".");
  const changed = { ...JSON.parse(Buffer.from(payload, "base64url")), redirect_uris: ["https://app.example/b"] };
  const forged = `${header}.${Buffer.from(JSON.stringify(changed)).toString("base64url")}.${signature}`;
  assert.equal((await send(forged)).rule, "signed_request_signature");
});

test("a signed request that is sent 20 times at once registers one client", { timeout: 60_000 }, async () => {
  const body = await request();
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(body)));
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 201).length, 1, `${statuses}`);
  for (const { status, rule } of answers.filter(({ status }) => status !== 201)) {
    assert.ok(status === 503 || (status === 400 && rule === "signed_request_replayed"), `${status} ${rule}`);
  }
});
