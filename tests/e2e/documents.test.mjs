// Metadata documents on workerd, from a local https server: what is asked of it, how its answers are read, and what is kept.

import { certificate } from "./support/trusted.mjs";

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { root } from "../../scripts/lib/repository.mjs";
import { requirePackage } from "../../scripts/lib/require.mjs";
import { DocumentServer, documentAt } from "./support/document-server.mjs";
import { startServer } from "./support/server.mjs";

const { Response } = requirePackage("miniflare");
const AS_TOKEN = "an authorization server's secret of 32 bytes at least";
const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret that nobody has guessed").toString("base64")}`;
const METADATA = { authorization_endpoint: "/authorize", token_endpoint: "/token" };
const DOCUMENTS = { mode: "open", allow_loopback: true };
const HOUR_MS = 3_600_000;
const { version } = JSON.parse(readFileSync(new URL("package.json", `file://${root}/`)));

/** What the webhook has received. */
const received = [];
let [documents, hook, server] = [];
before(async () => {
  documents = await new DocumentServer(certificate).listen();
  hook = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    received.push(JSON.parse(body));
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(hook, "listening");
  const WEBHOOK = { url: `http://127.0.0.1:${hook.address().port}/hook` };
  const vars = (url) => ({ ISSUER: url, METADATA, DOCUMENTS, AS_TOKEN, WEBHOOK, WEBHOOK_SECRET });
  // All documents are on one host, of which 30 may be fetched in a period.
  server = await startServer({ vars, window: 10, entry: "tests/e2e/support/counting-kv.mjs" });
});
after(async () => {
  documents?.close();
  hook?.close();
  await server?.stop();
});

async function lookUp(client_id, { redirect_uri, at = server } = {}) {
  const headers = { authorization: `Bearer ${AS_TOKEN}`, "content-type": "application/json" };
  const body = JSON.stringify({ client_id, redirect_uri });
  const answer = await fetch(`${at.url}/as/clients/look-up`, { method: "POST", headers, body });
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), client: await answer.json() };
}

const until = async (find, what) => {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; await sleep(20)) {
    const found = find();
    if (found) return found;
  }
  throw new Error(`${what} does not happen`);
};

/** The status and the `error` of a look-up, and how many requests it has made. */
async function outcome(url) {
  const before = documents.requests.length;
  const { status, client } = await lookUp(url);
  return [status, client.error ?? client.source, documents.requests.length - before];
}

test("a document is fetched once, then cached, then confirmed with its ETag", async () => {
  const url = documents.publish("/oauth/client.json");
  const first = await lookUp(url, { redirect_uri: "http://127.0.0.1:5000/callback" });
  assert.equal(first.status, 200, JSON.stringify(first.client));
  const { kind, document_host, source, redirect_uri_matches, metadata, fetched_at, fresh_until } = first.client;
  assert.deepEqual([kind, document_host, source], ["metadata_document", "localhost", "live"]);
  assert.deepEqual([redirect_uri_matches, metadata.client_id, fresh_until - fetched_at], [true, url, 3_600]);
  assert.deepEqual(await outcome(url), [200, "cache", 0]);

  await server.later(HOUR_MS);
  assert.deepEqual(await outcome(url), [200, "live", 1]);
  const confirmed = await lookUp(url);
  assert.equal(confirmed.client.version, first.client.version);
  assert.equal(confirmed.client.source, "cache");
  assert.ok(confirmed.client.fetched_at >= fetched_at + 3_600);

  // Besides these headers of Rollcall, the runtime names itself: on Cloudflare, by the zone of the Worker.
  const [asked, again] = documents.requestsFor(url).map(({ headers }) => Object.fromEntries(headers));
  const own = { accept: "application/json", "user-agent": `rollcall/${version}` };
  const lower = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const runtime = { host: new URL(url).host, "cf-worker": "rollcall.example.com" };
  assert.deepEqual(lower(asked), { ...own, ...runtime });
  const { "if-none-match": etag, ...rest } = lower(again);
  assert.deepEqual(rest, { ...own, ...runtime });
  assert.match(etag, /^"[\w-]{43}"$/);
});

test("a redirect to the right document is not followed", async () => {
  const target = documents.publish("/moved.json");
  for (const status of [301, 302, 307]) {
    const url = documents.serve(`${documents.url}/redirect-${status}`, (_request, response) => {
      response.writeHead(status, { location: target }).end();
    });
    assert.deepEqual(await outcome(url), [503, "temporarily_unavailable", 1]);
  }
  assert.equal(documents.requestsFor(target).length, 0);
});

test("only status 200 brings a document", async () => {
  for (const status of [201, 204, 206, 304]) {
    const url = `${documents.url}/status-${status}`;
    documents.serve(url, (_request, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end([204, 304].includes(status) ? undefined : JSON.stringify(documentAt(url)));
    });
    const [seen, error] = await outcome(url);
    assert.ok(seen === 400 && error === "invalid_client", `${status}: ${seen} ${error}`);
  }
});

test("a document that drips ends after three seconds", async () => {
  const url = `${documents.url}/slow`;
  documents.serve(url, async (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    for (const character of JSON.stringify(documentAt(url))) {
      if (!response.writable) return;
      response.write(character);
      await sleep(100);
    }
    response.end();
  });
  const started = Date.now();
  const { status, client, retryAfter } = await lookUp(url);
  const took = Date.now() - started;
  assert.deepEqual([status, client.error], [503, "temporarily_unavailable"]);
  assert.ok(Number(retryAfter) > 0, `${retryAfter}`);
  assert.ok(took > 2_900 && took < 4_500, `${took} ms`);
});

/** A document of so many bytes. */
function documentOf(url, bytes) {
  const text = (client_name) => JSON.stringify(documentAt(url, { client_name, x_padding: "" }));
  return text("A").replace('"x_padding":""', `"x_padding":"${"x".repeat(bytes - text("A").length)}"`);
}

test("a document has at most 5,120 bytes, counted as they arrive and after decompression", async () => {
  const json = { "content-type": "application/json" };
  const whole = (body) => (response) => response.writeHead(200, { ...json, "content-length": body.length }).end(body);
  const pieces = (body) => (response) => {
    response.writeHead(200, json);
    for (let at = 0; at < body.length; at += 1_000) response.write(body.slice(at, at + 1_000));
    response.end();
  };
  const zipped = (body) => (response) => response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync(body));
  for (const [name, send, bytes, expected] of [
    ["whole-5120", whole, 5_120, 200],
    ["whole-5121", whole, 5_121, 400],
    ["pieces-5120", pieces, 5_120, 200],
    ["pieces-5121", pieces, 5_121, 400],
    ["zipped-5120", zipped, 5_120, 200],
    ["zipped-5121", zipped, 5_121, 400],
    ["bomb", zipped, 20_000_000, 400],
  ]) {
    const url = `${documents.url}/${name}`;
    const body = documentOf(url, bytes);
    assert.equal(body.length, bytes);
    documents.serve(url, (_request, response) => send(body)(response));
    const { status, client } = await lookUp(url);
    assert.equal(status, expected, `${name}: ${JSON.stringify(client)}`);
    if (expected === 400) assert.match(client.error_description, /is larger than 5120 bytes/);
  }
});

test("a document that must not be stored is remembered by this isolate only", async () => {
  const kept = documents.publish("/stored.json");
  const unstored = documents.publish("/no-store.json", { client_name: "Never stored" }, { "cache-control": "no-store" });
  for (const url of [kept, unstored]) {
    assert.deepEqual(await outcome(url), [200, "live", 1]);
    assert.deepEqual(await outcome(url), [200, "cache", 0]);
  }
  await server.restart();
  assert.deepEqual(await outcome(kept), [200, "cache", 0]);
  assert.deepEqual(await outcome(unstored), [200, "live", 1]);
  assert.ok(server.stored().some((text) => text.includes("An application")), "nothing is on disk");
  assert.ok(!server.stored().some((text) => text.includes("Never stored")), "it is on disk");
});

test("what happens to a document is logged and sent to the webhook", async () => {
  const url = documents.publish("/life.json");
  const first = (await lookUp(url)).client;
  documents.publish("/life.json", { redirect_uris: ["https://client.example/cb"] });
  await server.later(HOUR_MS);
  const second = (await lookUp(url)).client;
  assert.notEqual(second.version, first.version);
  assert.notEqual(second.redirects_version, first.redirects_version);

  // A page of a firewall says nothing about the client.
  documents.serve(url, (_request, response) => response.writeHead(403, { "content-type": "text/html" }).end("<p>Are you human?</p>"));
  await server.later(HOUR_MS);
  const blocked = (await lookUp(url)).client;
  assert.deepEqual([blocked.source, blocked.version], ["last_good", second.version]);
  documents.withdraw(url);
  assert.deepEqual(await outcome(url), [400, "invalid_client", 1]);
  documents.serve(url, (_request, response) => response.writeHead(403).end());
  assert.deepEqual(await outcome(url), [503, "temporarily_unavailable", 1]);

  const expected = [
    ["document.first_seen", undefined, first.version],
    ["document.changed", first.version, second.version],
    ["document.gone", second.version, undefined],
  ];
  for (const [action, former_version, now] of expected) {
    const isIt = (event) => event.action === action && event.client_id === url;
    const line = await server.logLine(isIt);
    assert.deepEqual([line.former_version, line.version, line.issuer, line.outcome], [former_version, now, server.url, "ok"]);
    assert.deepEqual(line.kinds, action === "document.changed" ? ["redirects"] : undefined);
    const sent = await until(() => received.find(isIt), `the delivery of ${action}`);
    assert.deepEqual(sent, line);
  }
});

for (const [name, status, source] of [
  ["present", 200, "live"],
  ["absent", 400, undefined],
]) {
  test(`100 look-ups at once of a document that is ${name} make one request`, async () => {
    const url = `${documents.url}/parallel-${name}`;
    documents.serve(url, async (_request, response) => {
      await sleep(500);
      response.writeHead(status === 200 ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(documentAt(url)));
    });
    const answers = await Promise.all(Array.from({ length: 100 }, () => lookUp(url)));
    assert.equal(documents.requestsFor(url).length, 1);
    const seen = new Set(answers.map((answer) => `${answer.status} ${answer.client.source}`));
    assert.deepEqual([...seen], [`${status} ${source}`]);
  });
}

test("a URL that forges a line of the log is not logged", async () => {
  const forged = `${documents.url}/a\n{"action":"forged"}\u001b[2J\u202e`;
  assert.equal((await lookUp(forged)).status, 400);
  const line = await server.logLine(({ errors }) => errors?.[0].rule === "uri_character");
  assert.equal(line.outcome, "invalid_client");
  assert.ok(!server.logLines().some(({ action }) => action === "forged"));
  assert.doesNotMatch(server.output, /[\u001b\u202e]/);
});

test("documents of real clients resolve under their own URLs", async () => {
  const vectors = JSON.parse(readFileSync(new URL("../vectors/metadata_documents.json", import.meta.url)));
  const published = new Map(vectors.documents.map(({ url, document }) => [url, JSON.stringify(document)]));
  const headers = { "content-type": "application/json" };
  const outbound = ({ url }) => (published.has(url) ? new Response(published.get(url), { headers }) : new Response(null, { status: 404 }));
  const vars = (url) => ({ ISSUER: url, METADATA: vectors.server, DOCUMENTS: { mode: "open" }, AS_TOKEN });
  const own = await startServer({ vars, outbound });
  try {
    for (const { url, effective } of vectors.documents) {
      const { status, client } = await lookUp(url, { at: own });
      assert.equal(status, 200, `${url}: ${JSON.stringify(client)}`);
      assert.equal(client.document_host, new URL(url).host);
      assert.deepEqual(client.metadata, { client_id: url, ...effective });
    }
  } finally {
    await own.stop();
  }
});
