// Many clients at once: exported, imported, listed and deleted by a filter, on real workerd.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { copyRecords } from "./support/copies.mjs";
import {
  ADMIN_TOKEN,
  ask,
  authenticate,
  cli,
  DAY,
  lines,
  listed,
  lookUp,
  own,
  parsed,
  pretend,
  record,
  register,
  script,
  output,
  vars,
} from "./support/operator.mjs";
import { now } from "./support/records.mjs";
import { startServer } from "./support/server.mjs";

const METERED = "tests/e2e/support/metered-kv.mjs";

test("an export is imported elsewhere, once, and never over a deletion", { timeout: 120_000 }, async () => {
  const [here, there] = await Promise.all([startServer({ assets: false, vars }), startServer({ assets: false, vars })]);
  try {
    const client = await register(here, "moves");
    const gone = await register(here, "goes");
    const odd = record({ disabled_at: now() - DAY, expires_at: now() + DAY }, "odd");
    await output(here, ["import", "-"], { input: lines([odd]) });
    const exported = await output(here, ["export"]);
    assert.equal(parsed(exported).length, 3);

    const sums = (imported, existing, deleted) =>
      `imported ${imported}, existing ${existing}, deleted ${deleted}, expired 0, refused 0\n`;
    assert.equal(await output(there, ["import", "-"], { input: exported }), sums(3, 0, 0));
    assert.equal(await output(there, ["import", "-"], { input: exported }), sums(0, 3, 0));
    // An import is a write, and changes nothing else.
    const written = parsed(exported).map((one) => ({ ...one, writes: one.writes ?? 1 }));
    assert.deepEqual(parsed(await output(there, ["export"])), written);
    assert.equal((await own(there, client, client.registration_access_token)).status, 200);
    assert.equal((await authenticate(there, client, client.client_secret)).status, 200);
    assert.deepEqual(await listed(there, "--disabled"), [odd.client_id]);

    await output(here, ["delete", gone.client_id]);
    assert.equal(await output(here, ["import", "-"], { input: exported }), sums(0, 2, 1));
    assert.equal((await lookUp(here, gone)).status, 404);

    const some = `${lines([record()])}\n{"unreadable": "x"}\n${lines([{ ...record(), client_id: "short" }])}`;
    const partly = await cli(there, ["import", "-"], { input: some });
    assert.equal(partly.code, 1);
    assert.match(partly.stdout, /^imported 1, .*refused 2\n$/);
    assert.match(partly.stderr, /^line 3: not a record: .*\nline 4: client_id must be .*\n2 lines rejected\n$/);
    const expired = record({ expires_at: now() - DAY });
    assert.match(await output(there, ["import", "-"], { input: lines([expired]) }), /expired 1, refused 0/);
  } finally {
    await Promise.all([here.stop(), there.stop()]);
  }
});

test("an export tells of records that cannot be read, and goes on", async () => {
  const pages = ['{"v":3,"client_id":"a"}\n{"unreadable":"broken"}\n', "", '{"v":3,"client_id":"b"}\n'];
  const server = await pretend((_, nth) => ({
    headers: nth < 3 ? { link: `<?cursor=a%3D${nth}>; rel="next"` } : {},
    body: pages[nth - 1],
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
    return { body: { imported: 1, existing: 0, deleted: 0, expired: 0, refused } };
  });
  try {
    const long = "x".repeat(400 * 1024);
    const small = Array(189).fill("small");
    const file = [...small, "", "small", "small", long, long, long, "x".repeat(2 ** 20), "small", "end"];
    const { code, stdout, stderr } = await cli(server, ["import", "-"], { input: file.join("\n") });
    assert.equal(code, 1);
    const sent = server.requests.map(({ body }) => body.split("\n").slice(0, -1));
    assert.deepEqual(sent.map((lines) => lines.length), [190, 3, 1, 2]);
    assert.deepEqual(sent.flat(), file.filter((line) => line && line.length < 2 ** 20), "nothing else is left out");
    for (const { body } of server.requests) assert.ok(body.length <= 2 ** 20);
    assert.match(stdout, /^imported 4, .* refused 4\n$/);
    const listed = ["line 2: wrong", "line 193: wrong", "line 196: longer than 921,600 bytes, which no record is", "line 198: wrong"];
    for (const line of listed) assert.ok(stderr.includes(`${line}\n`), `${line} in ${stderr}`);
  } finally {
    server.stop();
  }
});

test("an import tells of fifty lines, and counts the others", async () => {
  const remarks = (count) => Array.from({ length: count }, (_, at) => ({ line: at + 1, reason: "\u001bwrong" }));
  const server = await pretend(() => ({
    body: { imported: 0, existing: 0, deleted: 0, expired: 0, refused: remarks(40), more_refused: 5, warnings: remarks(1) },
  }));
  try {
    const file = Array(570).fill("x").join("\n");
    const { code, stdout, stderr } = await cli(server, ["import", "-"], { input: file });
    assert.deepEqual([code, stdout], [1, "imported 0, existing 0, deleted 0, expired 0, refused 135\n"]);
    const listed = stderr.split("\n").filter(Boolean);
    assert.deepEqual(listed.slice(0, 3), [1, 191, 381].map((line) => `warning: line ${line}: \\u{1b}wrong`));
    assert.deepEqual([listed.length, ...listed.slice(-3)], [55, "line 200: \\u{1b}wrong", "and 85 more", "135 lines rejected"]);
    const json = JSON.parse((await cli(server, ["import", "-", "--json"], { input: file })).stdout);
    assert.deepEqual([json.refused.length, json.more_refused, json.warnings.length], [50, 85, 3]);
  } finally {
    server.stop();
  }
});

test("a page of a deletion that could not be done whole is asked for again, and what was deleted counts", async () => {
  const pages = [{ incomplete: true }, { cursor: "next" }, { incomplete: true }, {}];
  const server = await pretend(({ url }, nth) =>
    url.includes("delete")
      ? { body: { matched: 1, deleted: 1, client_ids: ["a"], ...pages[nth - 2] } }
      : { body: { clients: [{ client_id: "a" }] } },
  );
  try {
    assert.equal(await output(server, ["delete", "--disabled", "--yes"]), "4 clients deleted.\n");
    const cursors = server.requests.slice(1).map(({ body }) => JSON.parse(body).cursor);
    assert.deepEqual(cursors, [undefined, undefined, "next", "next"]);
  } finally {
    server.stop();
  }
});

test("10,000 clients are listed, and those of a filter deleted, page by page", { timeout: 600_000 }, async (t) => {
  const recording = { ...vars, REGISTRATION: { ...vars.REGISTRATION, record_uses: "2020-01-01" } };
  const server = await startServer({ assets: false, vars: recording, entry: METERED });
  let dearest = 0;
  /** The cost of the requests since this was last asked. */
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
    const imported = Array.from({ length: 1_000 }, (_, at) => {
      const old = at % 5 === 0;
      const provenance = { self_asserted: at % 10 !== 0, policy: "kUJnbrqpgwSW" };
      const issued_at = now() - (old ? 40 : 1) * DAY;
      return record({ issued_at, provenance, ...(at % 5 === 1 && { last_used: now() }) });
    });
    const chunks = Array.from({ length: 6 }, (_, at) => imported.slice(at * 190, at * 190 + 190));
    const importing = async () => {
      for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) {
        const asked = { bearer: ADMIN_TOKEN, body: lines(chunk), type: "application/x-ndjson" };
        const { body } = await ask(server, "POST", "/admin/clients/import", asked);
        assert.equal(body.imported, chunk.length, JSON.stringify(body));
      }
    };
    await timed("imported 1,000", Promise.all(Array.from({ length: 4 }, importing)));
    assert.equal((await requests()).filter(({ request }) => request.endsWith("/import")).length, 6);
    // To import the other 9,000 would take minutes, so nine copies of each are put into the store.
    const copies = imported.map((one) => Array.from({ length: 9 }, () => ({ ...one, client_id: record().client_id })));
    const made = [...imported, ...copies.flat()];
    const identifiers = copies.map((some, at) => [imported[at].client_id, some.map(({ client_id }) => client_id)]);
    await timed("copied to 10,000", copyRecords(server, new Map(identifiers)));
    await requests();

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
    const dryRun = await output(server, ["delete", ...filter]);
    assert.match(dryRun, /^ID .*\n(.*\n){10}and 990 more\n1,000 clients would be deleted\..*\n$/);
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
    const exported = await timed("exported 1,000 of 9,000", output(server, ["export", "--vouched", "--older", "7d"]));
    const identity = ({ client_id, tokens }) => `${client_id} ${tokens[0]}`;
    assert.deepEqual(parsed(exported).map(identity).sort(), vouched.map(identity).sort());
    await requests();
    t.diagnostic(`the dearest request: ${dearest} operations of KV`);
  } finally {
    await server.stop();
  }
});
