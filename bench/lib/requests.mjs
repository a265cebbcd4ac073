// The requests, byte for byte as they go over the wire, and the statuses they are answered with.

import { AS_TOKEN } from "./contestants.mjs";

/** The request that the README begins with. */
export const CLIENT = {
  client_name: "Oauth client",
  redirect_uris: ["http://localhost:9000/callback"],
  client_uri: "http://localhost:9000",
  grant_types: ["authorization_code"],
  scope: "openid",
};

// What Cloudflare adds is there as well: the program reads it.
const COMMON = "Host: auth.example.com\r\nAccept: application/json\r\nUser-Agent: bench\r\n"
  + "CF-Connecting-IP: 192.0.2.1\r\nCF-Ray: 9a4f2c1b7e3d5f60-AMS\r\nX-Forwarded-Proto: https\r\n";

function request(method, path, { body, token } = {}) {
  const text = body === undefined ? "" : JSON.stringify(body);
  let head = `${method} ${path} HTTP/1.1\r\n${COMMON}`;
  if (token) head += `Authorization: Bearer ${token}\r\n`;
  if (text) head += `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  return Buffer.from(`${head}\r\n${text}`);
}

export const register = (body) => ({ status: 201, requests: [request("POST", "/reg", { body })] });

/** What is sent for each thing that is measured, to a contestant that has registered `clients`. */
export const REQUESTS = {
  register: () => register(CLIENT),
  discover: ({ discovery }) => ({ status: 200, requests: [request("GET", discovery)] }),
  read: (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id = "id", registration_access_token: token }) =>
      request("GET", `/reg/${client_id}`, { token }),
    ),
  }),
  "look-up": (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id }) => request("GET", `/as/clients/${client_id}`, { token: AS_TOKEN })),
  }),
  authenticate: (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id, client_secret }) =>
      request("POST", "/as/clients/authenticate", { body: { client_id, client_secret }, token: AS_TOKEN }),
    ),
  }),
  // Without redirect URIs, which nobody takes.
  refuse: () => ({ status: 400, requests: [request("POST", "/reg", { body: { client_name: "Oauth client" } })] }),
};

/** Metadata of about so many bytes that everybody accepts: redirect URIs, then contacts, and a longer name. */
export function clientOfSize(bytes) {
  const uri = (n) => `https://app.example.com/oauth/callback/${String(n).padStart(3, "0")}/${"segment/".repeat(10)}end`;
  const client = { client_name: "Oauth client", redirect_uris: ["https://app.example.com/cb"], contacts: [] };
  const fits = (more) => JSON.stringify(client).length + more < bytes;
  for (let n = 0; n < 99 && fits(250); n += 1) client.redirect_uris.push(uri(n));
  for (let n = 0; n < 60 && fits(250); n += 1) client.contacts.push(`administrator-${n}@app.example.com`);
  for (let n = 0; n < 450 && fits(2); n += 1) client.client_name += " x";
  return client;
}
