// Every block of code in the pages is run, or held against what it is a sample of: see BLOCKS. Commands that cannot
// be run here are listed in support/commands.mjs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { doctor } from "../../scripts/doctor.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { requirePackage } from "../../scripts/lib/require.mjs";
import { differences } from "./support/alike.mjs";
import { NOT_RUN, listedIn, wrongWith } from "./support/commands.mjs";
import { blocksOf, spansOf } from "./support/markdown.mjs";
import { startServer } from "./support/server.mjs";
import { Shell, answerIn, commandsOf } from "./support/shell.mjs";

const { experimental_readRawConfig: readRawConfig, unstable_readConfig: readConfig } = requirePackage("wrangler");
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rollcall-pages-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const secrets = {
  ADMIN_TOKEN: "an-operators-secret-of-32-bytes-at-least",
  AS_TOKEN: "an-authorization-servers-secret-of-32-bytes",
  AS_SECRETS_TOKEN: "an-authorization-servers-token-for-secrets",
};
/** The page whose commands need a key, which makes other responses longer. */
const SEALED = { page: "docs/sealed-secrets.md", SEALING_KEY: `1:${Buffer.alloc(32, 1).toString("base64url")}` };
const admin = { authorization: `Bearer ${secrets.ADMIN_TOKEN}` };
/** The names of these servers on the pages: the developer's machine, and one that is deployed. */
const LOCAL = "http://localhost:8787";
const DEPLOYED = "https://auth.example.com";

const PAGES = ["README.md", "SECURITY.md", "CONTRIBUTING.md", ...pagesBelow("docs"), ...pagesBelow("examples")];
function pagesBelow(name) {
  const entries = readdirSync(join(root, name), { recursive: true });
  const pages = entries.filter((entry) => entry.endsWith(".md") && !entry.includes("node_modules"));
  return pages.map((entry) => join(name, entry)).sort();
}
const read = (page) => readFileSync(join(root, page), "utf8");

/** wrangler.toml with its own examples of an issuer and of METADATA in force, and the same as an environment. */
function configured() {
  const text = read("wrangler.toml");
  const METADATA = /^\[vars\.METADATA\]\n((?:#\w.+\n)+)/m.exec(text)[1].replace(/^#/gm, "");
  const vars = (name) => `\n[${name}]\nISSUER = "${DEPLOYED}"\n[${name}.METADATA]\n${METADATA}`;
  const head = text.slice(0, text.indexOf("[vars]"));
  // An environment inherits no bindings.
  const own = [...head.matchAll(/^\[(?:\[(?:kv_namespaces|ratelimits)\]|durable_objects)\]\n(?:.+\n)+?(?=\[|\n)/gm)];
  const staging = own.map(([table]) => table.replace(/^\[+/, "$&env.staging.")).join("");
  return `${head}${vars("vars")}${vars("env.staging.vars")}\n${staging}`;
}

let local;
let sealed;
let deployed;
let upstream;
before(async () => {
  // Stands for the documents of authorization servers that pages name, each at the path of its issuer.
  upstream = createServer((request, response) => {
    const issuer = decodeURIComponent(request.url.slice(1));
    response.setHeader("content-type", "application/json");
    const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
    response.end(JSON.stringify({ ...METADATA, issuer, response_types_supported: ["code"], ...endpoints }));
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const vars = (url) => {
    const t1 = { REGISTRATION: { idle_client_ttl: 7776000 } };
    const up = { UPSTREAM_METADATA: upstreamOf(`${url}/up`) };
    return { METADATA, REGISTRATION, ISSUERS: { [url]: {}, [`${url}/t1`]: t1, [`${url}/up`]: up }, ...secrets };
  };
  const { SEALING_KEY } = SEALED;
  const starting = [startServer({ vars: { REGISTRATION, ...secrets } }), startServer({ vars: { SEALING_KEY, ...secrets } })];
  [local, sealed, deployed] = await Promise.all([...starting, startServer({ vars })]);
});
after(() => (upstream?.close(), Promise.all([local?.stop(), sealed?.stop(), deployed?.stop()])));

/** Pages say of commands about uses that they need it. */
const REGISTRATION = { record_uses: true, extension_members: { x_team: "text" } };
const METADATA = {
  authorization_endpoint: "/authorize",
  token_endpoint: "/token",
  authorization_response_iss_parameter_supported: true,
};
const upstreamOf = (issuer) => `http://127.0.0.1:${upstream.address().port}/${encodeURIComponent(issuer)}`;

async function ask(url, { json, ...init } = {}) {
  const body = json && { method: "POST", body: JSON.stringify(json) };
  const headers = { ...(json && { "content-type": "application/json" }), ...init.headers };
  const answer = await fetch(url, { ...body, ...init, headers });
  const text = await answer.text();
  assert.ok(answer.ok, `${url} answers ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

const ABOUT = { name: "rollcall", main: "index.js", compatibility_date: "2026-11-01" };
const redirect_uris = ["https://app.example/cb"];

/** JSON on a page that no command above it prints: how it is recognized, and what it is compared with. */
const SAMPLES = [
  {
    what: "the record of a client: it can be imported, and is exported as it was",
    is: ({ v, client_id }) => v && client_id,
    async holds(shown) {
      const later = Math.floor(Date.now() / 1000) + 86_400;
      const ends = Object.keys(shown).filter((name) => /expires_at$/.test(name));
      const approval = { ...shown.approval, expires_at: later };
      const lasting = { ...shown, ...Object.fromEntries(ends.map((name) => [name, later])), approval };
      const unbound = { ...shown.provenance, certificate: { ...shown.provenance.certificate, bind: undefined } };
      // No record has all members: a client that is disabled or waits does not expire for not being used, and one with a
      // hosted document has no secret.
      const variants = [
        { v: 3, disabled_at: undefined, approval: undefined, document_url: undefined, provenance: unbound },
        { idle_expires_at: undefined, document_url: undefined },
        { idle_expires_at: undefined, secrets: [] },
      ];
      for (const [n, changes] of variants.entries()) {
        const client_id = `${n}${shown.client_id.slice(1)}`;
        const document_url = shown.document_url.replace(shown.client_id, client_id);
        const record = JSON.parse(JSON.stringify({ ...lasting, client_id, document_url, ...changes }));
        const headers = { ...admin, "content-type": "application/x-ndjson" };
        const url = `${deployed.url}/t1/admin/clients`;
        const ended = await ask(`${url}/import`, { method: "POST", headers, body: JSON.stringify(record) });
        assert.equal(ended.imported, 1, JSON.stringify(ended));
        same(record, await ask(`${url}/export?prefix=${record.client_id}`, { headers: admin }));
      }
    },
  },
  {
    what: "any other value in the store, shortened below its first level",
    is: ({ v }) => v,
    async holds(shown) {
      const client = await ask(`${deployed.url}/reg`, { json: { redirect_uris } });
      const { client_id, registration_client_uri: url } = client;
      const headers = { authorization: `Bearer ${client.registration_access_token}`, "content-type": "application/json" };
      await ask(url, { method: "PUT", headers, body: JSON.stringify({ client_id, redirect_uris }) });
      await ask(url, { method: "DELETE", headers });
      await ask(`${deployed.url}/up/.well-known/oauth-authorization-server`);
      const values = () => deployed.stored().filter((text) => /^{"v":.+}$/.test(text)).map((text) => JSON.parse(text));
      await some(shown, values, { shortened: true, origins: [[DEPLOYED, `${deployed.url}/up`]] });
    },
  },
  {
    what: "the state of a client in the ledger",
    is: ({ number, attempt }) => number && attempt,
    async holds(shown) {
      const client = await ask(`${deployed.url}/reg`, { json: { redirect_uris } });
      const headers = { authorization: `Bearer ${client.registration_access_token}`, "content-type": "application/json" };
      const body = JSON.stringify({ client_id: client.client_id, redirect_uris });
      await ask(client.registration_client_uri, { method: "PUT", headers, body });
      const states = () => deployed.stored().flatMap((text) => text.match(/{"number":\d[^{}]*?"operator_until":\d+}/g) ?? []);
      await some(shown, () => states().map((text) => ({ ...JSON.parse(text), attempt: shown.attempt })));
    },
  },
  {
    what: "what an authorization server is told of a client, its metadata shortened",
    is: ({ status, metadata }) => status && metadata,
    async holds(shown) {
      const { client_id } = await ask(`${deployed.url}/reg`, { json: { redirect_uris } });
      const headers = { authorization: `Bearer ${secrets.AS_TOKEN}` };
      const real = await ask(`${deployed.url}/as/clients/${client_id}`, { headers });
      same(shown, real, { shortened: true });
    },
  },
  {
    what: "a line of the log: of the same action and outcome",
    is: ({ action, outcome }) => action && outcome,
    async holds(shown) {
      await ask(`${deployed.url}/reg`, { json: { redirect_uris } });
      const alike = ({ action, outcome }) => action === shown.action && outcome === shown.outcome;
      await some(shown, () => [...local.logLines(), ...deployed.logLines()].filter(alike));
    },
  },
];

const origins = (page) => [[LOCAL, (page === SEALED.page ? sealed : local).url], [DEPLOYED, deployed.url]];
function same(shown, real, how) {
  const found = differences(shown, real, { origins: origins(), ...how });
  assert.deepEqual(found, [], `it is not what is really answered:\n${found.join("\n")}\nbut\n${JSON.stringify(real, null, 2)}`);
}

/** One of the values is as shown. It may come a moment later than what it tells of. */
async function some(shown, values, how) {
  let closest;
  for (const deadline = Date.now() + 3_000; Date.now() < deadline; await sleep(50)) {
    for (const real of values()) {
      const found = differences(shown, real, { origins: origins(), ...how });
      if (found.length === 0) return;
      if (!closest || found.length < closest.length) closest = found;
    }
  }
  assert.fail(`there is nothing like it; the closest differs so:\n${closest?.join("\n")}`);
}

const known = new Set();

/** Not what `npm start` does, but what it does with variables: a Worker that cannot be configured so says it late. */
async function serves(command, where) {
  const given = [...command.matchAll(/--var\s+(?:'([^']*)'|"([^"]*)"|(\S+))/g)].map((match) => match.slice(1).join(""));
  // With the output of another command, the test of that command starts it.
  if (!/^npm start\b/.test(command) || given.length === 0 || command.includes("$(")) return;
  const vars = Object.fromEntries(given.map((text) => /^(\w+):(.*)$/.exec(text).slice(1)));
  const server = await startServer({ vars });
  try {
    const answer = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    assert.equal(answer.status, 200, `${where}\nstarts what answers ${await answer.text()}\n${server.output}`);
  } finally {
    await server.stop();
  }
}

/** A receiver of events gets those of a Worker, and rejects a message with a wrong signature. */
async function receives(text) {
  const port = await freePort();
  const file = join(folder, "receiver.mjs");
  writeFileSync(file, text.replace(/\.listen\(\d+\)/, `.listen(${port}, "127.0.0.1")`));
  const url = `http://127.0.0.1:${port}/`;
  for (const WEBHOOK_SECRET of ["an-operators-secret-in-plain-text", `whsec_${Buffer.alloc(32, 7).toString("base64")}`]) {
    const receiver = spawn(process.execPath, [file], { env: { ...process.env, WEBHOOK_SECRET }, stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    receiver.stdout.setEncoding("utf8").on("data", (part) => (printed += part));
    const server = await startServer({ vars: (issuer) => ({ ISSUER: issuer, METADATA, WEBHOOK: { url }, WEBHOOK_SECRET }) });
    try {
      await ask(`${server.url}/reg`, { json: { redirect_uris } });
      for (const deadline = Date.now() + 8_000; !/action: 'register'/.test(printed) && Date.now() < deadline; ) await sleep(50);
      assert.match(printed, /action: 'register'/);
      const headers = { "webhook-id": "1", "webhook-timestamp": `${Math.floor(Date.now() / 1000)}` };
      for (const signature of [undefined, "v1,", `v1,${Buffer.alloc(32).toString("base64")}`]) {
        const signed = signature ? { ...headers, "webhook-signature": signature } : headers;
        assert.equal((await fetch(url, { method: "POST", headers: signed, body: "{}" })).status, 401, signature);
      }
    } finally {
      receiver.kill();
      await server.stop();
    }
  }
}

/** The check of a block of each language. `shell` is the shell of the page; `answered` is the output of the block above it. */
const BLOCKS = {
  async sh({ text, line }, { shell, page, next }) {
    let ended;
    const refused = next?.language === "json" && "error" in JSON.parse(next.text);
    for (const { at, command } of commandsOf(text)) {
      const where = `${page}:${line + 1 + at}: ${command}`;
      const wrong = wrongWith(command, page);
      assert.deepEqual(wrong, [], `${where}\n${wrong.join("\n")}`);
      if (listedIn(command).length > 0) {
        await serves(command, where);
        continue;
      }
      ended = await shell.run(command, { refused });
      const how = `A command that cannot be run here is listed, with the reason, in NOT_RUN of tests/e2e/support/commands.mjs.`;
      assert.equal(ended.code, 0, `${where}\nran as\n${ended.ran}\nand ended with ${ended.code}:\n${ended.stdout}${ended.stderr}\n${how}`);
    }
    return ended && answerIn(ended.stdout);
  },

  async json({ text }, { answered }) {
    const shown = JSON.parse(text);
    if (answered) return same(shown, answered);
    const sample = SAMPLES.find(({ is }) => is(shown));
    assert.ok(sample, "nothing says what this JSON is: put the command above it that answers it, or add it to SAMPLES");
    known.add(sample);
    await sample.holds(shown);
  },

  /** A program: one that runs to its end, or a receiver of events, which listens on a port of its own. */
  async js({ text }, { shell }) {
    if (/\.listen\(\d+\)/.test(text)) return receives(text);
    const { code, stdout, stderr } = await shell.run(`node --input-type=module -e '${text.replaceAll("'", `'\\''`)}'`);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout, /\berror: /);
  },

  async toml({ text }, { t }) {
    const head = Object.entries(ABOUT).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
    const file = join(folder, "fragment.toml");
    writeFileSync(file, head.join("") + text);
    const warn = t.mock.method(console, "warn", () => {});
    const environments = [undefined, ...Object.keys(readRawConfig({ config: file }).rawConfig.env ?? {})];
    const all = environments.map((env) => readConfig({ config: file, env }).vars);
    const warnings = warn.mock.calls.map(({ arguments: [said] }) => said).join("\n");
    warn.mock.restore();
    assert.equal(warnings, "", "wrangler says");
    for (const vars of all) if (Object.keys(vars).length > 0) await examine(vars);
  },

  /** Diagrams and trees of folders. */
  text() {},
};

/** Variables of a fragment have to be sound together with those that every deployment has. */
async function examine(vars) {
  const laid = { METADATA, ...(vars.ISSUERS ? {} : { ISSUER: DEPLOYED }), ...vars };
  const entries = [[laid.ISSUER, laid], ...Object.entries(laid.ISSUERS ?? {})];
  for (const [issuer, settings] of entries) {
    if (settings.UPSTREAM_METADATA) settings.UPSTREAM_METADATA = upstreamOf(issuer);
  }
  const file = join(folder, "fragment.json");
  const kv_namespaces = [{ binding: "CLIENTS" }];
  const durable_objects = { bindings: [{ name: "INITIAL_ACCESS_TOKENS", class_name: "InitialAccessTokens" }] };
  writeFileSync(file, JSON.stringify({ ...ABOUT, kv_namespaces, durable_objects, vars: laid }));
  let printed;
  // In this process, which has imported wrangler already.
  await doctor(["--config", file, "--json"], (text) => (printed = text));
  const findings = JSON.parse(printed).flatMap(({ findings }) => findings);
  const bad = findings.filter(({ severity, wrong }) => severity === "fatal" || /does not know/.test(wrong));
  assert.deepEqual(bad, [], "npm run doctor says");
}

for (const page of PAGES) {
  const blocks = blocksOf(page, read(page));
  if (blocks.length === 0) continue;
  test(`${page}: its blocks are true`, async (t) => {
    // One page runs npm itself.
    const npm = page === "README.md";
    const shell = new Shell({ origins: origins(page), secrets, wrangler: configured(), npm });
    let answered;
    for (const [n, block] of blocks.entries()) {
      await t.test(`${page}:${block.line}, ${block.language || "no language"}`, async (t) => {
        const run = BLOCKS[block.language];
        const languages = Object.keys(BLOCKS).join(", ");
        assert.ok(run, `the block has none of the languages that are tested: ${languages} (text for what is no code)`);
        const next = blocks[n + 1]?.section === block.section ? blocks[n + 1] : undefined;
        const above = blocks[n - 1]?.section === block.section ? answered : undefined;
        answered = undefined;
        answered = await run(block, { t, page, shell, next, answered: above });
      });
    }
  });
}

test("commands in the text of the pages exist", () => {
  for (const { page, line, text } of PAGES.flatMap((page) => spansOf(page, read(page)))) {
    assert.deepEqual(wrongWith(text, page), [], `${page}:${line}: ${text}`);
  }
});

test("every block listed as not run, or as a sample, is still on a page", () => {
  const commands = PAGES.flatMap((page) => [
    ...spansOf(page, read(page)).map(({ text }) => text),
    ...blocksOf(page, read(page)).filter(({ language }) => language === "sh").map(({ text }) => text),
  ]);
  const met = new Set(commands.flatMap(listedIn));
  assert.deepEqual(Object.keys(NOT_RUN).filter((entry) => !met.has(entry)), []);
  assert.deepEqual(SAMPLES.filter((sample) => !known.has(sample)).map(({ what }) => what), []);
});
