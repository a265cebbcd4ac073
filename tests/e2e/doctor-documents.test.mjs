// npm run doctor -- --document: what it finds in the URL, the response and the document, and which servers reject it. The page at / has
// the same rules in JavaScript, and must agree.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { asRegistration, documentProblems, urlProblems } from "../../public/home/document-rules.js";
import { examineServers } from "../../public/home/document-servers.js";
import { doctor as runDoctor, messageOf } from "../../scripts/doctor.mjs";
import { loadDocumentCheck } from "../../scripts/lib/checkup.mjs";
import { prepareBundle } from "../../scripts/lib/prepare.mjs";

const folder = mkdtempSync(join(tmpdir(), "rollcall-documents-"));
const fetchOfNode = globalThis.fetch;
after(() => {
  globalThis.fetch = fetchOfNode;
  rmSync(folder, { recursive: true, force: true });
});

const URL_OF_CLIENT = "https://client.example/oauth/client.json";
const sound = {
  client_id: URL_OF_CLIENT,
  client_name: "Client",
  redirect_uris: ["https://client.example/callback"],
  token_endpoint_auth_method: "none",
};
const vectors = JSON.parse(readFileSync(new URL("../vectors/metadata_documents.json", import.meta.url), "utf8"));

/** Runs the doctor on `url`; the web answers with `response`, a Response or what `fetch` does. */
async function check(url, response, ...args) {
  const asked = [];
  globalThis.fetch = async (...request) => {
    asked.push(request);
    return typeof response === "function" ? response(...request) : response;
  };
  const lines = [];
  const code = await runDoctor(["--document", url, ...args], (text) => lines.push(text)).catch((error) => (lines.push(messageOf(error)), 2));
  return { code, output: `${lines.join("\n")}\n`, asked };
}

const respond = (document, { status = 200, type = "application/json", headers = {} } = {}) =>
  new Response(typeof document === "string" || Buffer.isBuffer(document) ? document : JSON.stringify(document), { status, headers: { "content-type": type, ...headers } });

function written(document) {
  const file = join(folder, "client.json");
  writeFileSync(file, typeof document === "string" ? document : JSON.stringify(document));
  return ["--file", file];
}

test("a sound document has no findings, and the request is that of the Worker", async () => {
  const { code, output, asked } = await check(URL_OF_CLIENT, respond(sound), "--strict");
  assert.match(output, /response: status 200, application\/json, after \d+ ms\n {2}Rollcall can use it: token_endpoint_auth_method none; grant_types authorization_code/);
  assert.match(output, /\n0 fatal, 0 warnings\n/);
  assert.equal(code, 0, output);
  assert.equal(asked.length, 1);
  const [url, { redirect, headers }] = asked[0];
  assert.deepEqual([url, redirect, headers.accept], [URL_OF_CLIENT, "manual", "application/json"]);
  assert.match(headers["user-agent"], /^rollcall\/\d+\.\d+\.\d+$/);
});

test("every problem of a response is named", async () => {
  const large = { ...sound, software_id: "x".repeat(5_000) };
  const failing = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND") }));
  for (const [response, wrong, code] of [
    [respond("", { status: 302, headers: { location: "https://client.example/other" } }), /FATAL +the document is a redirect to https:\/\/client\.example\/other\n +section: Client ID Metadata Document draft-02 section 5/, 1],
    [respond("<p>", { status: 403, type: "text/html" }), /FATAL +the document responds with status 403 and text\/html/, 1],
    [respond("{}", { status: 404 }), /FATAL +the document responds with status 404/, 1],
    [respond(sound, { status: 201 }), /FATAL +the document responds with status 201/, 1],
    [failing, /FATAL +the document cannot be reached: getaddrinfo ENOTFOUND/, 1],
    [respond(sound, { type: "text/plain; charset=utf-8" }), /FATAL +the media type is text\/plain, but must be application\/json/, 1],
    [respond(large), /FATAL +the document has 5\d{3} bytes, more than 5120 \(DOCUMENTS\.max_bytes\)\n +section: .* section 8\.7/, 1],
    [respond("x".repeat(40_000)), /FATAL +the document cannot be reached: the response has more than 32768 bytes/, 1],
    [respond("<html>"), /FATAL +the body must be JSON in UTF-8/, 1],
    [respond(Buffer.from([0x22, 0xff, 0x22])), /FATAL +the body must be JSON in UTF-8/, 1],
    [respond(sound, { type: "application/client+json" }), /0 fatal, 0 warnings/, 0],
    [respond(`\uFEFF${JSON.stringify(sound)}`), /0 fatal, 0 warnings/, 0],
    [respond(sound, { headers: { "cache-control": "private, max-age=60" } }), /warning +Cache-Control is private, max-age=60, so[^\n]+\n +section: RFC 9111 section 5\.2\.2/, 0],
  ]) {
    const { code: exit, output } = await check(URL_OF_CLIENT, response);
    assert.match(output, wrong);
    assert.equal(exit, code, output);
  }
});

test("every problem of a document is named at once, with its pointer and its section", async () => {
  const document = { ...sound, client_id: `${URL_OF_CLIENT}/`, client_name: undefined, client_secret: null, token_endpoint_auth_method: "client_secret_basic", redirect_uris: ["http://client.example/cb"] };
  const { code, output } = await check(URL_OF_CLIENT, respond(document));
  for (const [pointer, section, profile] of [
    ["/client_id", "Client ID Metadata Document draft-02 section 4"],
    ["/client_secret", "Client ID Metadata Document draft-02 section 4\\.1"],
    ["/token_endpoint_auth_method", "Client ID Metadata Document draft-02 section 4\\.1"],
    ["/redirect_uris/0", "RFC 8252 section 7\\.3"],
    ["/client_name", "Model Context Protocol 2025-11-25, Authorization", "mcp"],
  ]) {
    const only = profile ? ` +profile: only ${profile}\\n` : " +(?!profile)";
    assert.match(output, new RegExp(` FATAL +[^\\n]+\\n +at: +${pointer}\\n +section: ${section}\\n${only}`), pointer);
  }
  assert.match(output, /\n5 fatal, 0 warnings\n/);
  assert.equal(code, 1);
});

test("a URL that cannot be one of a document is not fetched, and a file is checked all the same", async () => {
  for (const [url, wrong] of [
    ["http://client.example/c", /FATAL +client_id \('http:\/\/client\.example\/c'\) must start with https/],
    ["https://localhost:8787/c", /FATAL +client_id \(.*\) must be on a public host/],
    ["https://xn--a.example/c", /FATAL +client_id/],
  ]) {
    const { code, output, asked } = await check(url, respond(sound));
    assert.match(output, wrong);
    assert.match(output, /FATAL +the document was not fetched, because of its URL/);
    assert.deepEqual([code, asked], [1, []]);
    const file = await check(url, respond(sound), ...written({ ...sound, redirect_uris: ["/cb"] }));
    assert.match(file.output, /at: +\/redirect_uris\/0/);
    assert.doesNotMatch(file.output, /must be the URL of this document|was not fetched/);
  }
  const query = await check(`${URL_OF_CLIENT}?v=1`, respond({ ...sound, client_id: `${URL_OF_CLIENT}?v=1` }));
  assert.match(query.output, /must not contain a query[^]*\n1 fatal, 0 warnings/);
  assert.equal(query.asked.length, 1);
});

test("a document that is not published yet is read from a file, and nothing is fetched", async () => {
  const { code, output, asked } = await check(URL_OF_CLIENT, respond(""), ...written(sound));
  assert.deepEqual([code, asked], [0, []], output);
  const point = { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) };
  const keyed = { ...sound, token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [point] } };
  assert.match((await check(URL_OF_CLIENT, respond(""), ...written(keyed))).output, /must be a point on its curve\n +at: +\/jwks\/keys\/0/);
  const missing = await check(URL_OF_CLIENT, respond(""), "--file", join(folder, "missing.json"));
  assert.deepEqual([missing.code, /missing\.json/.test(missing.output)], [2, true]);
  const [report] = JSON.parse((await check(URL_OF_CLIENT, respond(""), ...written(sound), "--json")).output);
  assert.deepEqual([report.document, report.findings, report.metadata.client_name], [URL_OF_CLIENT, [], "Client"]);
});

test("the documents of real clients can be used, and servers with other rules are named", async () => {
  const expected = {
    "https://claude.ai/oauth/mcp-oauth-client-metadata": ["atproto oauth-provider"],
    "https://chatgpt.com/oauth/client.json": ["Keycloak 26.6 to 26.8", "atproto oauth-provider", "Rauthy 0.3", "Amazon Cognito"],
    "https://vscode.dev/oauth/client-metadata.json": ["Keycloak 26.6 to 26.8", "atproto oauth-provider"],
  };
  for (const { url, document } of vectors.documents) {
    const { code, output } = await check(url, respond(document));
    assert.equal(code, 0, output);
    const rejecting = [...new Set([...output.matchAll(/^ {2}(.+?) rejects it: /gm)].map(([, server]) => server))];
    if (expected[url]) assert.deepEqual(rejecting, expected[url], output);
  }
});

test("each rule of a well-known server rejects what breaks it, and the atproto client passes at atproto", () => {
  const url = URL_OF_CLIENT;
  const facts = { url, document: sound, bytes: 300, status: 200, type: "application/json", ms: 50 };
  const rejects = (changes, server) => examineServers({ ...facts, ...changes }).find((one) => one.server.startsWith(server)).reasons;
  const set = (members) => ({ document: { ...sound, ...members } });
  const others = ["better-auth", "workers-oauth-provider", "oidc-provider", "Keycloak", "FastMCP", "Rauthy", "Microsoft Entra", "Amazon Cognito"];
  for (const server of others) assert.deepEqual(rejects({}, server), [], server);
  for (const [server, changes, reason] of [
    ["better-auth", { bytes: 5121 }, /5121 bytes/],
    ["better-auth", { type: "text/json" }, /media type is text\/json/],
    ["better-auth", { status: 302 }, /status is 302/],
    ["better-auth", set({ skip_consent: true, backchannel_logout_uri: "https://client.example/l" }), /it has skip_consent, backchannel_logout_uri/],
    ["better-auth", set({ client_uri: "https://www.client.example/" }), /^client_uri must be on the origin/],
    ["workers-oauth-provider", { url: "https://client.example/" }, /no path/],
    ["workers-oauth-provider", set({ token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "EdDSA" }), /EdDSA/],
    ["oidc-provider", set({ token_endpoint_auth_method: undefined }), /client_secret_basic/],
    ["oidc-provider", { ms: 2600 }, /2600 ms/],
    ["Keycloak", { bytes: 5001 }, /5001 bytes/],
    ["Keycloak", { url: `${url}?a` }, /query/],
    ["Keycloak", { url: "https://client.example/a%2Fb" }, /%2f/],
    ["Keycloak", set({ redirect_uris: ["http://127.0.0.1/cb"] }), /127\.0\.0\.1/],
    ["atproto", { type: "application/client+json" }, /not application\/json/],
    ["atproto", set({ token_endpoint_auth_method: undefined }), /token_endpoint_auth_method is missing/],
    ["atproto", set({ redirect_uris: ["http://localhost/cb"] }), /127\.0\.0\.1/],
    ["atproto", set({ redirect_uris: ["com.other:/cb"] }), /reversed host/],
    ["atproto", set({ client_uri: "https://client.example/other" }), /parent path/],
    ["atproto", set({ application_type: "native", token_endpoint_auth_method: "private_key_jwt" }), /must be none/],
    ["FastMCP", { status: 301 }, /redirect/],
    ["Rauthy", { url: `https://client.example/${"c".repeat(240)}` }, /263 characters/],
    ["Rauthy", set({ token_endpoint_auth_method: "private_key_jwt" }), /private_key_jwt/],
    ["Microsoft Entra", set({ grant_types: ["client_credentials"] }), /client_credentials/],
    ["Amazon Cognito", set({ token_endpoint_auth_method: "private_key_jwt" }), /private_key_jwt/],
  ]) {
    assert.ok(rejects(changes, server).some((text) => reason.test(text)), `${server}: ${rejects(changes, server)}`);
  }
  const atproto = { scope: "atproto transition:generic", client_uri: "https://client.example", redirect_uris: ["http://127.0.0.1/cb", "example.client:/cb"] };
  assert.deepEqual(rejects(set(atproto), "atproto"), []);
  // Values of other types are the business of other checks.
  for (const value of [null, 1, {}, [null]]) {
    assert.ok(examineServers({ url, ...set(Object.fromEntries(Object.keys(sound).map((name) => [name, value]))) }).length > 0);
  }
});

test("the page and the Worker agree on URLs and on the rules that only documents have", async () => {
  await prepareBundle({ checkup: true });
  const checkDocument = await loadDocumentCheck();
  const urls = vectors.urls.filter(({ allow }) => !allow);
  for (const { url, outcome } of urls) {
    const rules = urlProblems(url).map(({ rule }) => rule);
    assert.equal(rules.length === 0, outcome === "accepted", `${url}: ${rules}, ${outcome}`);
    assert.equal(checkDocument(url).url?.rule, outcome === "accepted" ? undefined : outcome, url);
  }
  const ours = (rule) => rule.startsWith("document_") || rule.startsWith("mcp_");
  for (const changes of [
    {},
    { client_id: undefined },
    { client_id: `${URL_OF_CLIENT}/` },
    { client_secret: null, client_secret_expires_at: 0 },
    { token_endpoint_auth_method: "client_secret_jwt" },
    { client_name: "", redirect_uris: [] },
    { client_name: undefined, token_endpoint_auth_method: undefined },
  ]) {
    const document = JSON.parse(JSON.stringify({ ...sound, ...changes }));
    const [, mcp] = checkDocument(URL_OF_CLIENT, Buffer.from(JSON.stringify(document))).readings;
    const found = (problems) => problems.filter(({ rule }) => ours(rule)).map(({ member, rule, message, spec }) => [member, rule, message.replace(/ \('.*?'\)/, ""), spec]);
    assert.deepEqual(found(documentProblems(document, URL_OF_CLIENT)), found(mcp.problems), JSON.stringify(changes));
  }
  const { client_id: _, ...metadata } = sound;
  assert.deepEqual(asRegistration({ ...sound, client_secret: "x", token_endpoint_auth_method: "client_secret_post" }), metadata);
  const choices = { token_endpoint_auth_methods_supported: ["none"], token_endpoint_auth_method: "private_key_jwt" };
  assert.equal("token_endpoint_auth_method" in asRegistration({ ...sound, ...choices }), false);
});

test("options that do not go together are one sentence", async () => {
  for (const [args, sentence] of [
    [["--file", "x.json"], /^--file needs --document/],
    [["--document", URL_OF_CLIENT, "https://auth.example.com"], /two commands/],
  ]) {
    const error = await runDoctor(args, () => {}).catch(messageOf);
    assert.match(error, sentence);
  }
});
