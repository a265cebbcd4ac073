// The operator's command line and API for clients, on real workerd.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { now, record as stored } from "./support/records.mjs";
import { startServer } from "./support/server.mjs";

const ADMIN_TOKEN = "an operator's secret of 32 bytes at least";
const AS_TOKEN = "an authorization server's secret of 32 bytes";
const METERED = "tests/e2e/support/metered-kv.mjs";
const script = fileURLToPath(new URL("../../scripts/admin.mjs", import.meta.url));
const DAY = 24 * 60 * 60;
const vars = {
  ISSUER: "https://auth.example.com",
  METADATA: { authorization_endpoint: "/authorize", token_endpoint: "/token" },
  REGISTRATION: { mode: "tiered" },
  ADMIN_TOKEN,
  AS_TOKEN,
};

async function cli(server, args, { input = "", env = {} } = {}) {
  const ours = { ...process.env, ADMIN_TOKEN, ISSUER: server.url, ...env };
  const child = spawn(process.execPath, [script, ...args], { env: ours });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  child.stdin.on("error", () => {}).end(input);
  const [code] = await once(child, "close");
  return { code, ...output };
}

/** What a command says that has to succeed. */
async function told(server, args, more) {
  const { code, stdout, stderr } = await cli(server, args, more);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

const parsed = (ndjson) => ndjson.split("\n").filter(Boolean).map((line) => JSON.parse(line));
async function listed(server, ...options) {
  return parsed(await told(server, ["list", "--json", ...options])).map(({ client_id }) => client_id);
}

async function ask(server, method, path, { bearer, body, type = "application/json" } = {}) {
  const headers = { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { "content-type": type }) };
  const answer = await fetch(`${server.url}${path}`, { method, headers, body });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
}

async function register(server, client_name, bearer) {
  const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"], client_name });
  const { status, body: client } = await ask(server, "POST", "/reg", { bearer, body });
  assert.equal(status, 201, JSON.stringify(client));
  return client;
}

const own = (server, { client_id }, token) => ask(server, "GET", `/reg/${client_id}`, { bearer: token });
const lookUp = (server, { client_id }) => ask(server, "GET", `/as/clients/${client_id}`, { bearer: AS_TOKEN });
function authenticate(server, { client_id }, client_secret) {
  const body = JSON.stringify({ client_id, client_secret });
  return ask(server, "POST", "/as/clients/authenticate", { bearer: AS_TOKEN, body });
}

const record = (more = {}, client_name = "made up") => stored(client_name, more);

const lines = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

test("the command line lists, shows, switches, rotates and deletes clients", { timeout: 120_000 }, async () => {
  const server = await startServer({ vars });
  try {
    const minted = await ask(server, "POST", "/admin/initial-access-tokens", {
      bearer: ADMIN_TOKEN,
      body: JSON.stringify({ label: "partner" }),
    });
    const claimed = await register(server, "Anybody's app");
    const vouched = await register(server, "Partner", minted.body.initial_access_token);
    const { client_id: id } = claimed;
    const old = record({ issued_at: now() - 40 * DAY, last_used: now() - 35 * DAY }, "old");
    await told(server, ["import", "-"], { input: lines([old]) });

    const all = [id, vouched.client_id, old.client_id].sort();
    assert.deepEqual((await listed(server)).sort(), all);
    for (const [options, wanted] of [
      [["--name", "ANYBODY"], [id]],
      [[`--prefix=${id.slice(0, 12)}`], [id]],
      [["--older", "7d"], [old.client_id]],
      [["--newer", "7d"], [id, vouched.client_id]],
      [["--unused", "30d"], [old.client_id]],
      [["--unused", "36d"], []],
      [["--never-used"], [id, vouched.client_id]],
      [["--used"], [old.client_id]],
      [["--vouched"], [vouched.client_id]],
      [["--self-asserted", "--newer", "1h"], [id]],
      [["--disabled"], []],
      [["--enabled"], all],
      [["--limit", "2"], all.slice(0, 2)],
    ]) {
      assert.deepEqual((await listed(server, ...options)).sort(), wanted.toSorted(), options.join(" "));
    }
    const table = await told(server, ["list", "--vouched"]);
    assert.match(table, /^ID +NAME +CREATED +LAST USED +EXPIRES +VOUCHED BY +STATUS\n/);
    assert.match(table, /\n[\w-]{22}  Partner +\d{4}-\d\d-\d\d +- +- +partner +active\n$/);

    const shown = JSON.parse(await told(server, ["get", id]));
    assert.deepEqual([shown.client_id, shown.status, shown.metadata.client_name], [id, "active", "Anybody's app"]);

    assert.equal(await told(server, ["disable", id]), `${id} is disabled.\n`);
    assert.deepEqual(await listed(server, "--disabled"), [id]);
    assert.match(await told(server, ["list", "--disabled"]), / disabled\n$/);
    assert.equal((await own(server, claimed, claimed.registration_access_token)).status, 403);
    const asked = await lookUp(server, claimed);
    assert.deepEqual([asked.status, asked.body.status, asked.body.metadata], [200, "disabled", undefined]);
    assert.equal((await authenticate(server, claimed, claimed.client_secret)).status, 401);
    assert.equal(await told(server, ["enable", id]), `${id} is enabled.\n`);
    assert.equal((await own(server, claimed, claimed.registration_access_token)).status, 200);
    assert.equal((await lookUp(server, claimed)).body.status, "active");

    // Secrets: the former one ends at once, or stays.
    const secrets = [claimed.client_secret];
    for (const options of [[], ["--keep-former"]]) {
      const { stdout, stderr } = await cli(server, ["rotate", "client_secret", id, ...options]);
      assert.match(stdout, /^[\w-]{86}\n$/);
      assert.match(stderr, options.length > 0 ? /The former one still works/ : /The former one has ended/);
      secrets.push(stdout.trim());
    }
    const statuses = await Promise.all(secrets.map((secret) => authenticate(server, claimed, secret)));
    assert.deepEqual(statuses.map(({ status }) => status), [401, 200, 200]);
    // Tokens: the kept one ends when its successor is used.
    const rotated = ["rotate", "registration_access_token", id];
    const second = (await told(server, rotated)).trim();
    assert.equal((await own(server, claimed, claimed.registration_access_token)).status, 401);
    const third = (await told(server, [...rotated, "--keep-former"])).trim();
    assert.equal((await own(server, claimed, second)).status, 200);
    assert.equal((await own(server, claimed, third)).status, 200);
    assert.equal((await own(server, claimed, second)).status, 401);

    assert.equal(await told(server, ["delete", id]), `${id} is deleted.\n`);
    assert.equal((await own(server, claimed, third)).status, 401);
    assert.equal((await lookUp(server, claimed)).status, 404);
    assert.deepEqual((await listed(server)).sort(), all.filter((other) => other !== id));
    assert.equal(await told(server, ["delete", "--name", "nobody", "--yes"]), "0 clients deleted.\n");
    // An identifier may begin with a dash.
    const dashed = record({ client_id: `-${"A".repeat(21)}` });
    await told(server, ["import", "-"], { input: lines([dashed]) });
    assert.equal(JSON.parse(await told(server, ["get", dashed.client_id])).client_id, dashed.client_id);
    assert.match(await told(server, ["rotate", "client_secret", dashed.client_id]), /^[\w-]{86}\n$/);
    await told(server, ["delete", dashed.client_id]);
    assert.deepEqual((await listed(server)).sort(), all.filter((other) => other !== id));
    for (const secret of [ADMIN_TOKEN, ...secrets, second, third]) {
      assert.ok(!server.output.includes(secret), "a secret is in the log");
    }
  } finally {
    await server.stop();
  }
});

test("an export is imported elsewhere, once, and never over a deletion", { timeout: 120_000 }, async () => {
  const [here, there] = await Promise.all([startServer({ vars }), startServer({ vars })]);
  try {
    const client = await register(here, "moves");
    const gone = await register(here, "goes");
    // A line separator is no end of a line.
    const odd = record({ disabled_at: now() - DAY, expires_at: now() + DAY }, "two\u2028lines");
    await told(here, ["import", "-"], { input: lines([odd]) });
    const exported = await told(here, ["export"]);
    assert.equal(parsed(exported).length, 3);

    const sums = (imported, existing, deleted) =>
      `imported ${imported}, existing ${existing}, deleted ${deleted}, expired 0, refused 0\n`;
    assert.equal(await told(there, ["import", "-"], { input: exported }), sums(3, 0, 0));
    assert.equal(await told(there, ["import", "-"], { input: exported }), sums(0, 3, 0));
    assert.equal(await told(there, ["export"]), exported);
    assert.equal((await own(there, client, client.registration_access_token)).status, 200);
    assert.equal((await authenticate(there, client, client.client_secret)).status, 200);
    assert.deepEqual(await listed(there, "--disabled"), [odd.client_id]);

    await told(here, ["delete", gone.client_id]);
    assert.equal(await told(here, ["import", "-"], { input: exported }), sums(0, 2, 1));
    assert.equal((await lookUp(here, gone)).status, 404);

    const some = `${lines([record()])}\n{"unreadable": "x"}\n${lines([{ ...record(), client_id: "short" }])}`;
    const partly = await cli(there, ["import", "-"], { input: some });
    assert.equal(partly.code, 1);
    assert.match(partly.stdout, /^imported 1, .*refused 2\n$/);
    assert.match(partly.stderr, /^line 3: no record.*\nline 4: no client_id.*\n2 lines refused\n$/);
    const expired = record({ expires_at: now() - DAY });
    assert.match(await told(there, ["import", "-"], { input: lines([expired]) }), /expired 1, refused 0/);
  } finally {
    await Promise.all([here.stop(), there.stop()]);
  }
});

test("names reach no terminal as anything but text", { timeout: 60_000 }, async () => {
  const server = await startServer({ vars });
  try {
    const names = ["\u001b[2Jred\u009b31m", "evil\u202egpj", "first\nsecond", "名前".repeat(20)];
    await told(server, ["import", "-"], { input: lines(names.map((name) => record({}, name))) });
    const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
    const ids = await listed(server);
    const outputs = [await told(server, ["list"]), await told(server, ["list", "--json"])];
    for (const id of ids) outputs.push(await told(server, ["get", id]));
    for (const output of outputs) assert.doesNotMatch(output, unsafe);
    assert.equal(outputs[0].split("\n").length, 1 + names.length + 1, "a row is a line");
    assert.match(outputs[0], /evil\\u\{202e\}gpj +\d{4}/);
    assert.match(outputs[0], /(名前){6}名… +\d{4}/);
    // Lists leave control characters out.
    const listedNames = names.map((name) => name.replace(/\p{Cc}/gu, ""));
    assert.deepEqual(parsed(outputs[1]).map((c) => c.client_name).sort(), listedNames.sort(), "JSON says the same");
  } finally {
    await server.stop();
  }
});

/** A server that answers with what `answer` returns: what the real one does too rarely to wait for. */
async function pretend(answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    requests.push({ url: request.url, body });
    const { status = 200, headers, told } = answer(requests.at(-1), requests.length);
    response.writeHead(status, headers).end(typeof told === "string" ? told : JSON.stringify(told));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, requests, stop: () => server.close() };
}

test("long work waits for a server that is busy, as long as that says, and not for ever", async () => {
  const busy = { status: 503, headers: { "retry-after": "1" }, told: { error_description: "Busy" } };
  const page = (nth) => ({ told: { clients: [], cursor: nth < 4 ? "c" : undefined } });
  const server = await pretend((_, nth) => (nth % 2 === 1 ? busy : page(nth)));
  const never = await pretend(() => busy);
  try {
    const started = Date.now();
    const { code, stderr } = await cli(server, ["list", "--json"]);
    assert.deepEqual([code, stderr], [0, "503: Busy (asking again in 1 s)\n".repeat(2)]);
    assert.ok(Date.now() - started > 1_900);
    assert.deepEqual(server.requests.map(({ url }) => url.includes("cursor=c")), [false, false, true, true]);
    const given_up = await cli(never, ["export"]);
    assert.deepEqual([given_up.code, given_up.stderr.split("\n").at(-2), never.requests.length], [1, "503: Busy", 4]);
    // What may not be done twice is not tried twice.
    assert.equal((await cli(never, ["rotate", "client_secret", "A".repeat(22)])).code, 1);
    assert.equal(never.requests.length, 5);
  } finally {
    server.stop();
    never.stop();
  }
});

test("an export tells of records that cannot be read, and goes on", async () => {
  const pages = ['{"v":3,"client_id":"a"}\n{"unreadable":"broken"}\n', "", '{"v":3,"client_id":"b"}\n'];
  const server = await pretend((_, nth) => ({
    headers: nth < 3 ? { link: `<?cursor=a%3D${nth}>; rel="next"` } : {},
    told: pages[nth - 1],
  }));
  try {
    const { code, stdout, stderr } = await cli(server, ["export", "--disabled"]);
    assert.deepEqual([code, stdout, stderr], [1, pages.join(""), "1 record cannot be read: broken\n"]);
    const asked = server.requests.map(({ url }) => new URL(url, server.url).searchParams);
    assert.deepEqual(asked.map((query) => query.get("cursor")), [null, "a=1", "a=2"]);
    for (const query of asked) assert.equal(query.get("disabled"), "true");
  } finally {
    server.stop();
  }
});

test("an import is sent in pieces that the server takes, and line numbers are those of the file", async () => {
  const server = await pretend(({ body }) => {
    const refused = body.split("\n").length > 2 ? [{ line: 2, reason: "wrong" }] : [];
    return { told: { imported: 1, existing: 0, deleted: 0, expired: 0, refused } };
  });
  try {
    const long = "x".repeat(400 * 1024);
    const small = Array(299).fill("small");
    const file = [...small, "", "small", "small", long, long, long, "x".repeat(2 ** 20), "small", "end"];
    const { code, stdout, stderr } = await cli(server, ["import", "-"], { input: file.join("\n") });
    assert.equal(code, 1);
    const sent = server.requests.map(({ body }) => body.split("\n").slice(0, -1));
    assert.deepEqual(sent.map((lines) => lines.length), [300, 3, 1, 2]);
    assert.deepEqual(sent.flat(), file.filter((line) => line && line.length < 2 ** 20), "nothing else is left out");
    for (const { body } of server.requests) assert.ok(body.length <= 2 ** 20);
    assert.match(stdout, /^imported 4, .* refused 4\n$/);
    const told = ["line 2: wrong", "line 303: wrong", "line 306: longer than any record", "line 308: wrong"];
    for (const line of told) assert.ok(stderr.includes(`${line}\n`), `${line} in ${stderr}`);
  } finally {
    server.stop();
  }
});

test("what cannot be done ends with 1 and a sentence", { timeout: 60_000 }, async () => {
  const server = await startServer({ vars });
  const off = await startServer();
  const id = "A".repeat(22);
  try {
    for (const [args, wrong, env] of [
      [[], /^What is ""\? There is: list, get, .*import; --help/],
      [["explode"], /^What is "explode"\? There is: list/],
      [["get"], /^"get" is not understood: it is get ID/],
      [["get", "export"], /^"get export" is not understood/],
      [["get", id], /^404: There is nothing of this name/],
      [["get", `-${id.slice(1)}`], /^404: There is nothing of this name/],
      [["disable", id], /^404: There is nothing of this name/],
      [["rotate", "password", id], /is not understood: it is rotate client_secret ID/],
      [["delete"], /^Which clients\?/],
      [["delete", "--yes"], /^Which clients\?/],
      [["delete", "", "--older", "7d", "--yes"], /is not understood/],
      [["delete", id, "--older", "7d"], /^Say an ID or a filter, not both/],
      [["delete", "--name", "", "--older", "7d", "--yes"], /^--name is empty/],
      [["list", "--used", "--never-used"], /contradicts/],
      [["list", "--older", "week"], /^week is no duration/],
      [["list", "--yes"], /^list has no option --yes/],
      [["list", "--limit", "some"], /^--limit some is no number/],
      [["list", "--prefix", "a b"], /^400: prefix must be/],
      [["import", "no-such-file"], /^ENOENT/],
      [["import", "-"], /^There is nothing in -/],
      [["list", "--issuer", "http://auth.example.com"], /is not https/],
      [["list", "--issuer", "auth"], /^"auth" is no URL/],
      [["list", "--issuer", "http://127.0.0.1:1"], /cannot be reached/],
      [["list", "--issuer", off.url], /^There is no operator's API at .*\/admin\/clients: is ADMIN_TOKEN set/],
      [["list"], /^Set ADMIN_TOKEN/, { ADMIN_TOKEN: "" }],
      [["list"], /^401: /, { ADMIN_TOKEN: "a secret of somebody else, long enough" }],
    ]) {
      const { code, stdout, stderr } = await cli(server, args, { env });
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, wrong, args.join(" "));
      assert.equal(stdout, "", args.join(" "));
    }
    assert.match(await told(server, ["--help"]), /delete FILTER \[--yes\]/);
  } finally {
    await Promise.all([server.stop(), off.stop()]);
  }
});

test("pages of other origins are told nothing, whatever they ask", { timeout: 60_000 }, async () => {
  const server = await startServer({ vars });
  try {
    const { client_id } = await register(server, "a");
    const one = `/admin/clients/${client_id}`;
    for (const [method, path] of [
      ["GET", "/admin/clients"],
      ["GET", "/admin/clients?limit=none"],
      ["GET", "/admin/clients/export"],
      ["GET", one],
      ["POST", `${one}/disable`],
      ["POST", `${one}/rotate`],
      ["POST", "/admin/clients/delete"],
      ["POST", "/admin/clients/import"],
      ["DELETE", one],
      ["OPTIONS", one],
    ]) {
      const headers = { origin: "https://evil.example", authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(`${server.url}${path}`, { method, headers });
      await answer.text();
      const allowed = [...answer.headers.keys()].filter((name) => name.startsWith("access-control-"));
      assert.deepEqual(allowed, [], `${method} ${path}`);
    }
  } finally {
    await server.stop();
  }
});

test("10,000 clients are listed, and those of a filter deleted, page by page", { timeout: 240_000 }, async (t) => {
  const server = await startServer({ vars, entry: METERED });
  let dearest = 0;
  /** What the requests have cost since this was last asked. */
  const requests = async () => {
    const all = await (await fetch(`${server.url}/__test/requests`)).json();
    for (const { request, operations } of all) {
      const sum = Object.values(operations).reduce((a, b) => a + b, 0);
      assert.ok(sum <= 1_000, `${request}: ${JSON.stringify(operations)}`);
      dearest = Math.max(dearest, sum);
    }
    return all;
  };
  const timed = async (what, work) => {
    const started = performance.now();
    const result = await work;
    t.diagnostic(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return result;
  };
  try {
    // Two of ten are old and were never used; one of these is vouched for.
    const made = Array.from({ length: 10_000 }, (_, at) => {
      const old = at % 5 === 0;
      const provenance = { self_asserted: at % 10 !== 0, policy: "kUJnbrqpgwSW" };
      const issued_at = now() - (old ? 40 : 1) * DAY;
      return record({ issued_at, provenance, ...(at % 5 === 1 && { last_used: now() }) });
    });
    const chunks = Array.from({ length: 34 }, (_, at) => made.slice(at * 300, at * 300 + 300));
    const importing = async () => {
      for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) {
        const asked = { bearer: ADMIN_TOKEN, body: lines(chunk), type: "application/x-ndjson" };
        const { body } = await ask(server, "POST", "/admin/clients/import", asked);
        assert.equal(body.imported, chunk.length, JSON.stringify(body));
      }
    };
    await timed("imported 10,000", Promise.all(Array.from({ length: 4 }, importing)));
    assert.equal((await requests()).filter(({ request }) => request.endsWith("/import")).length, 34);

    const all = await timed("listed 10,000", listed(server));
    assert.deepEqual(all.sort(), made.map(({ client_id }) => client_id).sort());
    const pages = await requests();
    assert.equal(pages.length, 10);
    for (const { operations } of pages) assert.deepEqual(operations, { get: 0, list: 1, put: 0, delete: 0 });

    const filter = ["--never-used", "--older", "7d", "--self-asserted"];
    const [meant, others] = [[], []];
    for (const { client_id, last_used, issued_at, provenance } of made) {
      const is = last_used === undefined && issued_at < now() - 7 * DAY && provenance.self_asserted;
      (is ? meant : others).push(client_id);
    }
    assert.equal(meant.length, 1_000);
    const rehearsal = await told(server, ["delete", ...filter]);
    assert.match(rehearsal, /^ID .*\n(.*\n){10}and 990 more\n1,000 clients would be deleted\..*\n$/);
    for (const { operations } of await requests()) assert.equal(operations.put + operations.delete, 0);

    // Interrupted after its first pages, and repeated.
    const env = { ...process.env, ADMIN_TOKEN, ISSUER: server.url };
    const interrupted = spawn(process.execPath, [script, "delete", ...filter, "--yes"], { env });
    const [progress] = await once(interrupted.stderr.setEncoding("utf8"), "data");
    assert.match(progress, /^deleted \d+ of about 1,000\n/);
    interrupted.kill("SIGINT");
    await once(interrupted, "close");
    const left = (await listed(server, ...filter)).length;
    assert.ok(left > 0 && left < 1_000, `${left} are left`);
    const again = cli(server, ["delete", ...filter, "--yes"]);
    const { code, stdout, stderr } = await timed(`deleted ${left} of 10,000`, again);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\d+ clients deleted\.\n$/);
    assert.match(stderr, /^deleted \d+ of about \d+\n(deleted .*\n)+$/);
    assert.deepEqual((await listed(server)).sort(), others.sort());

    // A filter holds on every page.
    const vouched = made.filter((r) => r.issued_at < now() - 7 * DAY && !r.provenance.self_asserted);
    const exported = await timed("exported 1,000 of 9,000", told(server, ["export", "--vouched", "--older", "7d"]));
    assert.deepEqual(parsed(exported).map((r) => r.tokens[0]).sort(), vouched.map((r) => r.tokens[0]).sort());
    await requests();
    t.diagnostic(`the dearest request: ${dearest} operations of KV`);
  } finally {
    await server.stop();
  }
});
