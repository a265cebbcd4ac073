// The requests, byte for byte as they go over the wire, and the statuses they are answered with.

import { ADMIN_TOKEN, AS_SECRETS_TOKEN, AS_TOKEN } from "./contestants.mjs";
import { statementOf } from "./statement.mjs";

/** The request that the README begins with. */
export const CLIENT = {
  client_name: "Oauth client",
  redirect_uris: ["http://localhost:9000/callback"],
  client_uri: "http://localhost:9000",
  grant_types: ["authorization_code"],
  scope: "openid",
};

/** The metadata document of `bench/stub/web.mjs`. */
const DOCUMENT = "https://client.example.net/oauth/client.json";

// What Cloudflare adds is there as well: the program reads it.
const COMMON = "Host: auth.example.com\r\nAccept: application/json\r\nUser-Agent: bench\r\n"
  + "CF-Connecting-IP: 192.0.2.1\r\nCF-Ray: 9a4f2c1b7e3d5f60-AMS\r\nX-Forwarded-Proto: https\r\n";

function request(method, path, { body, token, key } = {}) {
  const text = body === undefined ? "" : JSON.stringify(body);
  let head = `${method} ${path} HTTP/1.1\r\n${COMMON}`;
  if (token) head += `Authorization: Bearer ${token}\r\n`;
  if (key) head += `Idempotency-Key: ${key}\r\n`;
  if (text) head += `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  return Buffer.from(`${head}\r\n${text}`);
}

export const register = (body) => ({ status: 201, requests: [request("POST", "/reg", { body })] });

/** What is sent for each thing that is measured, to a contestant that has registered `clients`. */
export const REQUESTS = {
  register: () => register(CLIENT),
  // The same members, from a software statement whose signature is verified.
  statement: () => register({ redirect_uris: CLIENT.redirect_uris, software_statement: statementOf(CLIENT) }),
  // The first one registers the client; all others get the same response.
  repeat: () => ({ status: 201, requests: [request("POST", "/reg", { body: CLIENT, key: "bench-0123456789-0123456789" })] }),
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
  // The same with the client's secret, which is decrypted.
  "look-up-secret": (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id }) => {
      const path = `/as/clients/${client_id}?include=client_secret`;
      return request("GET", path, { token: AS_SECRETS_TOKEN });
    }),
  }),
  // The same by a request that takes identifiers of either kind, and a metadata document of which there is a fresh copy.
  "look-up-any": (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id }) => request("POST", "/as/clients/look-up", { body: { client_id }, token: AS_TOKEN })),
  }),
  document: () => ({
    status: 200,
    requests: [request("POST", "/as/clients/look-up", { body: { client_id: DOCUMENT }, token: AS_TOKEN })],
  }),
  authenticate: (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id, client_secret }) =>
      request("POST", "/as/clients/authenticate", { body: { client_id, client_secret }, token: AS_TOKEN }),
    ),
  }),
  update: (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id, registration_access_token: token }) =>
      request("PUT", `/reg/${client_id}`, { body: { ...CLIENT, client_id }, token }),
    ),
  }),
  // What an act of the operator costs. Nothing is kept by then, so the other operations go on with their tokens.
  rotate: (_, clients) => ({
    status: 200,
    requests: clients.map(({ client_id }) => {
      const body = { credential: "registration_access_token" };
      return request("POST", `/admin/clients/${client_id}/rotate`, { body, token: ADMIN_TOKEN });
    }),
  }),
  // Without redirect URIs, which nobody takes.
  refuse: () => ({ status: 400, requests: [request("POST", "/reg", { body: { client_name: "Oauth client" } })] }),
};

/** Deletions, which no round measures: a client can be deleted once. */
export const deletions = (clients) =>
  clients.map(({ client_id, registration_access_token: token }) => request("DELETE", `/reg/${client_id}`, { token }));

const NAMES = 3072; // bytes of names in all languages that are accepted
const tag = (nth) => String.fromCharCode(97 + Math.floor(nth / 26), 97 + (nth % 26));
const times = (count, one) => Array.from({ length: count }, (_, nth) => one(nth));

/** Three of the bodies that cost most for their 64 KB: tests/budget has all of them. */
export const EXPENSIVE = {
  names: () => {
    const text = "\u0915\u094d\u200d".repeat(113); // 1,017 bytes
    const members = times(62, (nth) => [nth < NAMES / 1024 ? "client_name" : "description", nth]);
    const texts = members.map(([member, nth]) => [`${member}#${tag(nth)}`, text]);
    return register({ redirect_uris: ["https://app.example.com/cb"], ...Object.fromEntries(texts) });
  },
  "redirect URIs": () => {
    const uri = (nth) => `https://a${nth}.app.example.com/`.padEnd(205, "a");
    const list = times(100, uri);
    return register({ redirect_uris: list, claims_redirect_uris: list, post_logout_redirect_uris: list });
  },
  "links that are refused": () => {
    const links = times(230, (nth) => [`logo_uri#${tag(nth)}`, "https://app.example.com/".padEnd(240, "a")]);
    const client = { redirect_uris: ["https://app.example.com/cb"], logo_uri: "nowhere", ...Object.fromEntries(links) };
    return { ...register(client), status: 400 };
  },
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
