// npm run doctor and hosted documents: what it advises for a configuration, and what it finds at a running issuer from outside.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { examineServers } from "../../public/home/document-servers.js";
import { doctor as runDoctor } from "../../scripts/doctor.mjs";
import { loadDocumentCheck } from "../../scripts/lib/checkup.mjs";
import { examineDocument } from "../../scripts/lib/documents.mjs";
import { prepareBundle } from "../../scripts/lib/prepare.mjs";
import { startServer } from "./support/server.mjs";

const ISSUER = "https://auth.example.com";
const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token", authorization_response_iss_parameter_supported: true };
const DOCUMENT = new RegExp(`^${ISSUER}/clients/[\\w-]{22}$`);

const load = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url)));
const fetchOfNode = globalThis.fetch;
const folder = mkdtempSync(join(tmpdir(), "rollcall-doctor-hosted-"));
afterEach(() => (globalThis.fetch = fetchOfNode));
after(() => rmSync(folder, { recursive: true, force: true }));

async function doctor(...args) {
  const lines = [];
  const code = await runDoctor(args, (text) => lines.push(text));
  return { code, output: `${lines.join("\n")}\n` };
}

test("doctor advises hosted documents where the authorization server resolves documents, and warns where it does not say so", async () => {
  let supported;
  const http = createServer((_, response) => {
    const endpoints = { authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token`, response_types_supported: ["code"] };
    const methods = { token_endpoint_auth_methods_supported: ["none"], code_challenge_methods_supported: ["S256"] };
    const flags = { authorization_response_iss_parameter_supported: true, client_id_metadata_document_supported: supported };
    response.end(JSON.stringify({ issuer: ISSUER, ...endpoints, ...methods, ...flags }));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const file = join(folder, "wrangler.toml");
  const upstream = `UPSTREAM_METADATA = "http://127.0.0.1:${http.address().port}/"\n`;
  const hosting = 'REGISTRATION = { client_id = "url" }\n';
  const own = `ISSUER = "${ISSUER}"\n${upstream}`;
  const entry = (lines) => `[vars.ISSUERS."${ISSUER}"]\n${upstream}${lines}`;
  try {
    for (const [announced, vars, advice] of [
      [true, own, /\n {2}advice: the authorization server resolves metadata documents\. With REGISTRATION\.client_id = "url" /],
      [true, own + hosting, undefined],
      [false, own, undefined],
      [undefined, own + hosting, /\n {2}advice: the authorization server does not say that it resolves metadata documents/],
      [true, entry(""), /\n {2}advice: the authorization server resolves/],
      [true, entry(hosting), undefined],
    ]) {
      supported = announced;
      writeFileSync(file, `name = "x"\nmain = "x.js"\ncompatibility_date = "2026-11-01"\n[vars]\n${vars}`);
      const { output } = await doctor("--config", file);
      if (advice) assert.match(output, advice);
      else assert.doesNotMatch(output, /advice:/, vars);
    }
  } finally {
    http.close();
  }
});

/** Calls `action` with a function that runs the doctor on a Rollcall with these variables, as if it were at ISSUER. */
async function examining(vars, action) {
  const ADMIN_TOKEN = "an operator's secret of 32 bytes at least";
  const server = await startServer({ vars: { ISSUER, METADATA, ADMIN_TOKEN, ...vars } });
  try {
    await action((document) => examine(server, ADMIN_TOKEN, document));
  } finally {
    await server.stop();
  }
}

/**
 * What the doctor finds, the User-Agent of each request for a document, and how many clients remain. `document` may answer these
 * requests instead.
 */
async function examine(server, token, document) {
  const asked = [];
  globalThis.fetch = (url, init) => {
    const here = String(url).replace(ISSUER, server.url);
    if (!DOCUMENT.test(url)) return fetchOfNode(here, init);
    asked.push(init.headers["user-agent"]);
    return document?.(init) ?? fetchOfNode(here, init);
  };
  const report = await doctor(ISSUER);
  const headers = { authorization: `Bearer ${token}` };
  const { clients } = await (await fetchOfNode(`${server.url}/admin/clients`, { headers })).json();
  return { ...report, asked, remaining: clients.length };
}

const HOSTING = { REGISTRATION: { client_id: "url" } };
const page = (status, headers) => () => new Response("<p>Are you human?</p>", { status, headers: { "content-type": "text/html", ...headers } });

test("doctor reads a hosted document from outside, with and without a User-Agent, and leaves no client", async () => {
  await examining(HOSTING, async (examine) => {
    const { code, output, asked, remaining } = await examine();
    assert.match(output, /https:\/\/auth\.example\.com: nothing to fix/);
    assert.deepEqual([code, asked.length, asked[1], remaining], [0, 2, "", 0]);
    assert.match(asked[0], /^rollcall\//);
  });
});

test("doctor names what keeps servers from a hosted document", async () => {
  const failing = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND") }));
  const changed = () => Response.json({ client_id: `${ISSUER}/other`, client_name: "A", redirect_uris: ["https://a.example"] });
  const agent = (init) => (init.headers["user-agent"] ? undefined : page(403)());
  await examining(HOSTING, async (examine) => {
    for (const [document, wrong, fix] of [
      [failing, /: the document cannot be reached: getaddrinfo ENOTFOUND/, /Route the host of DOCUMENT_BASE/],
      [page(404), /: the document responds with status 404 and text\/html/, /Route the host/],
      [page(200), /: the media type is text\/html/, /Route the host/],
      [page(302, { location: "https://a.example/" }), /: the document is a redirect to https:\/\/a\.example\//, /Route the host/],
      [page(403, { "cf-mitigated": "challenge" }), /: the document responds with a bot challenge \(status 403, Cf-Mitigated: challenge\)/, /Exclude the documents from the bot protection/],
      [page(503), /: the document responds with status 503 and text\/html/, /Exclude the documents/],
      [changed, /: client_id \('https:\/\/auth\.example\.com\/other'\) must be the URL of this document/, /Find what changes the document/],
      [agent, /: the document responds with status 403 and text\/html, if the request has no User-Agent/, /Browser Integrity Check/],
    ]) {
      const { code, output, remaining } = await examine(document);
      const [, at] = /FATAL +(\S+)\/clients\//.exec(output) ?? [];
      assert.deepEqual([code, at, remaining], [1, ISSUER, 0], output);
      assert.match(output, wrong);
      assert.match(output, fix);
    }
  });
});

test("doctor does not read a hosted document where it cannot, and registers nowhere without reason", async () => {
  for (const [vars, warning] of [
    [{}, undefined],
    [{ REGISTRATION: { client_id: "url", mode: "token" } }, undefined],
    [{ ...HOSTING, POLICY: { approval: true } }, /warning +hosted documents were not checked: a client waits for approval\n[^]*--document URL/],
    [{ ...HOSTING, POLICY: { required_members: ["client_name", "logo_uri"] } }, /warning +hosted documents were not checked: the doctor cannot register: logo_uri /],
  ]) {
    await examining(vars, async (examine) => {
      const { code, output, asked, remaining } = await examine();
      if (warning) assert.match(output, warning);
      else assert.doesNotMatch(output, /hosted documents|FATAL/);
      assert.deepEqual([code, asked, remaining], [0, [], 0], output);
    });
  }
});

test("doctor finds nothing in the documents of real clients, but what the response to their registration names", async () => {
  await prepareBundle({ checkup: true });
  const checkDocument = await loadDocumentCheck();
  const { everything } = load("servers");
  const wrong = [];
  let hosted = 0;
  for (const [name, metadata] of [["shipped", METADATA], ["everything", everything]]) {
    const server = await startServer({ vars: { ISSUER, METADATA: metadata, ...HOSTING } });
    globalThis.fetch = (url, init) => fetchOfNode(String(url).replace(ISSUER, server.url), init);
    try {
      for (const { name: client, request } of load("clients").vectors.filter((vector) => vector.server === name)) {
        const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) };
        const answer = await fetch(`${ISSUER}/reg`, init);
        const { client_id, missing_for_mcp: missing = [] } = await answer.json();
        if (answer.status !== 201) continue;
        hosted += 1;
        const { findings } = await examineDocument(client_id, undefined, checkDocument);
        // The server that the doctor has in mind supports three grants: of others it warns, and that they leave a refresh token alone.
        const found = findings.filter(({ rule }) => !["unsupported", "refresh_token_alone"].includes(rule)).map(({ member }) => member.slice(1));
        if (!isDeepStrictEqual(found, missing)) wrong.push({ client, missing, findings });
      }
    } finally {
      await server.stop();
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(hosted >= 25, `${hosted}`);
});

test("page about hosted documents has a row for each server that the doctor knows, and the versions of those that tests run", () => {
  const page = readFileSync(new URL("../../docs/hosted-documents.md", import.meta.url), "utf8").replaceAll("`", "");
  const { devDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const [, table] = page.split("\n| Server | Version | It needs | It misreads or rejects |\n");
  const rows = table.split("\n\n")[0].split("\n").slice(1).map((row) => row.split(" | "));
  for (const { server } of examineServers({ url: `${ISSUER}/clients/x` })) {
    const [, name, version = ""] = /^(\D+?)(?: (\d.*))?$/.exec(server.replace(" (preview)", ""));
    const row = rows.find(([cell]) => cell.includes(name));
    assert.ok(row?.[1].startsWith(version), `${server}: ${row}`);
  }
  for (const [cell, version] of rows.filter(([, version]) => version.endsWith(", tested"))) {
    assert.equal(version, `${devDependencies[cell.slice(2)]}, tested`);
  }
});
