// npm start: Rollcall on http://localhost:8787, and oidc-provider behind it on http://localhost:3000, as one issuer. Rollcall hosts
// the documents of its clients at https://localhost:8443. With PORT, the three are on that port and the next two.

import { createServer, request as forward } from "node:http";
import { createServer as createSecureServer } from "node:https";
import tls from "node:tls";

import { createCertificate } from "../../scripts/lib/certificate.mjs";
import { listen, ports, startRollcall } from "../support.mjs";
import { createProvider } from "./provider.mjs";

const [port, serverPort, documentPort] = ports(8787, 3000, 8443);
const issuer = `http://localhost:${port}`;

// Documents are always on https. Elsewhere, Cloudflare brings the certificate, and every server trusts it.
const certificate = createCertificate("localhost");
tls.setDefaultCACertificates([...tls.getCACertificates(), certificate.cert]);
const documents = createSecureServer(certificate, (request, response) => {
  const { method, url: path, headers } = request;
  // With its Host, by which Rollcall knows that a document is asked for.
  const forwarded = forward({ host: "localhost", port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  request.pipe(forwarded.on("error", () => response.destroy()));
});

listen(documents, documentPort);
listen(createServer(createProvider({ issuer }).callback()), serverPort);
startRollcall(port, {
  ISSUER: issuer,
  UPSTREAM_METADATA: `http://localhost:${serverPort}/.well-known/openid-configuration`,
  DOCUMENT_BASE: `https://localhost:${documentPort}`,
  REGISTRATION: JSON.stringify({ client_id: "url" }),
});
