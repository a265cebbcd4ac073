// npm run client: a client that the server does not know yet. It discovers, registers, signs a user in, refreshes, and deletes
// its registration. It does not depend on Rollcall.

import { once } from "node:events";
import { createServer } from "node:http";

import * as openid from "openid-client";

const { PORT = "8787" } = process.env;
const issuer = new URL(process.argv[2] ?? `http://localhost:${PORT}`);
const redirect = "http://127.0.0.1/callback";
const metadata = {
  client_name: "An example on this machine",
  redirect_uris: [redirect],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
  application_type: "native",
};
const options = { execute: [openid.allowInsecureRequests] };
const config = await openid.dynamicClientRegistration(issuer, metadata, openid.None(), options);
const { client_id, registration_client_uri, registration_access_token } = config.clientMetadata();
console.log(`Registered as ${client_id}`);

// Any port matches (RFC 8252 §7.3).
const listener = createServer().listen(0, "127.0.0.1");
await once(listener, "listening");
const here = new URL(redirect);
here.port = listener.address().port;
const pkceCodeVerifier = openid.randomPKCECodeVerifier();
const url = openid.buildAuthorizationUrl(config, {
  redirect_uri: here.href,
  scope: "openid offline_access",
  prompt: "consent",
  code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
});
console.log(`Open this, and sign in with any name and password:\n\n  ${url.href}\n`);

const [request, response] = await once(listener, "request");
response.end("Signed in. This page can be closed.");
listener.close();
const tokens = await openid.authorizationCodeGrant(config, new URL(request.url, here), { pkceCodeVerifier });
console.log(`Signed in: ${JSON.stringify(tokens.claims())}`);
const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token);
console.log(`Refreshed: ${Object.keys(refreshed).join(", ")}`);
const authorization = `Bearer ${registration_access_token}`;
const { status } = await fetch(registration_client_uri, { method: "DELETE", headers: { authorization } });
console.log(`The registration is deleted: ${status}`);
