// npm start: Rollcall on http://localhost:8787, and oidc-provider behind it on http://localhost:3000. They
// are one issuer: clients discover and register at the first, and use the second for everything else. With PORT, Rollcall
// is on that port and oidc-provider on the next one. With SEALING_KEY, clients can use client_secret_jwt.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { listen, ports, startRollcall } from "../support.mjs";
import { createProvider } from "./provider.mjs";

const { SEALING_KEY } = process.env;
const [port, serverPort] = ports(8787, 3000);
const issuer = `http://localhost:${port}`;
const token = randomBytes(32).toString("base64url");

const provider = createProvider({ issuer, token, readsSecrets: Boolean(SEALING_KEY) });
listen(createServer(provider.callback()), serverPort);
startRollcall(port, {
  ISSUER: issuer,
  // oidc-provider derives its endpoints from the host of the request.
  UPSTREAM_METADATA: `http://localhost:${serverPort}/.well-known/openid-configuration`,
  ...(SEALING_KEY ? { SEALING_KEY, AS_SECRETS_TOKEN: token } : { AS_TOKEN: token }),
  // Clients may be identified by the URL of their metadata document, on this machine too.
  DOCUMENTS: JSON.stringify({ mode: "open", allow_loopback: true }),
});
