// A client that the server does not know yet, which uses only fetch. It discovers, registers, signs a user in, uses its token,
// and deletes its registration.

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const { PORT = "8787" } = process.env;
const issuer = process.argv[2] ?? `http://localhost:${PORT}`;
const ask = async (url, init) => {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answers ${answer.status} ${text}`);
  return text && JSON.parse(text);
};
const server = await ask(`${issuer}/.well-known/oauth-authorization-server`);
// A document of another issuer must not be used (RFC 8414 §3.3).
if (server.issuer !== issuer) throw new Error(`the document is that of ${server.issuer}`);

const client = await ask(server.registration_endpoint, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    client_name: "An example on this machine",
    redirect_uris: ["http://127.0.0.1/callback"],
    token_endpoint_auth_method: "none",
  }),
});
console.log(`Registered as ${client.client_id}`);

// Any port matches (RFC 8252 §7.3).
const listener = createServer().listen(0, "127.0.0.1");
await once(listener, "listening");
const { client_id } = client;
const redirect_uri = `http://127.0.0.1:${listener.address().port}/callback`;
const [state, code_verifier] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("base64url")];
const code_challenge = createHash("sha256").update(code_verifier).digest("base64url");
const asked = { client_id, redirect_uri, response_type: "code", state, code_challenge, code_challenge_method: "S256" };
console.log(`Open this link, and enter any name:\n\n  ${server.authorization_endpoint}?${new URLSearchParams(asked)}\n`);

const [request, response] = await once(listener, "request");
response.end("Done. This page can be closed.");
listener.close();
const answered = Object.fromEntries(new URL(request.url, redirect_uri).searchParams);
if (answered.state !== state || answered.iss !== server.issuer) throw new Error(JSON.stringify(answered));
if (answered.error) {
  console.error(`Not signed in: ${answered.error}`);
  process.exit(1);
}

const grant = { grant_type: "authorization_code", client_id, code: answered.code, redirect_uri, code_verifier };
const body = new URLSearchParams(grant);
const { access_token } = await ask(server.token_endpoint, { method: "POST", body });
console.log("The token is", await ask(`${issuer}/me`, { headers: { authorization: `Bearer ${access_token}` } }));
const headers = { authorization: `Bearer ${client.registration_access_token}` };
await ask(client.registration_client_uri, { method: "DELETE", headers });
console.log("The registration is deleted.");
