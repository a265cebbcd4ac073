// The operator's command line and API for clients, on real workerd.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ADMIN_TOKEN,
  ask,
  authenticate,
  cli,
  cliProcess,
  DAY,
  lines,
  listed,
  lookUp,
  own,
  parsed,
  pretend,
  record,
  register,
  output,
  vars,
} from "./support/operator.mjs";
import { now } from "./support/records.mjs";
import { startServer } from "./support/server.mjs";

/** Uses of all clients count. */
const recording = { ...vars, REGISTRATION: { ...vars.REGISTRATION, record_uses: "2020-01-01" } };

test("the command line lists, shows, switches, rotates and deletes clients", { timeout: 120_000 }, async () => {
  const server = await startServer({ vars: recording });
  try {
    const minted = await ask(server, "POST", "/admin/initial-access-tokens", {
      bearer: ADMIN_TOKEN,
      body: JSON.stringify({ label: "partner" }),
    });
    const claimed = await register(server, "Anybody's app");
    const vouched = await register(server, "Partner", minted.body.initial_access_token);
    const { client_id: id } = claimed;
    const old = record({ issued_at: now() - 40 * DAY, last_used: now() - 35 * DAY }, "old");
    const imported = await cliProcess(server, ["import", "-"], { input: lines([old]) });
    assert.deepEqual([imported.code, imported.stderr], [0, ""]);
    assert.match(imported.stdout, /^imported 1, /);

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
    const table = await output(server, ["list", "--vouched"]);
    assert.match(table, /^ID +NAME +CREATED +LAST USED +EXPIRES +VOUCHED BY +STATUS\n/);
    assert.match(table, /\n[\w-]{22} +Partner +\d{4}-\d\d-\d\d +never +- +partner +active\n$/);

    const shown = JSON.parse(await output(server, ["get", id]));
    assert.deepEqual([shown.client_id, shown.status, shown.metadata.client_name], [id, "active", "Anybody's app"]);

    assert.equal(await output(server, ["disable", id]), `${id} is disabled.\n`);
    assert.deepEqual(await listed(server, "--disabled"), [id]);
    assert.match(await output(server, ["list", "--disabled"]), / disabled\n$/);
    assert.equal((await own(server, claimed, claimed.registration_access_token)).status, 403);
    const asked = await lookUp(server, claimed);
    assert.deepEqual([asked.status, asked.body.status, asked.body.metadata], [200, "disabled", undefined]);
    assert.equal((await authenticate(server, claimed, claimed.client_secret)).status, 401);
    assert.equal(await output(server, ["enable", id]), `${id} is enabled.\n`);
    assert.equal((await own(server, claimed, claimed.registration_access_token)).status, 200);
    assert.equal((await lookUp(server, claimed)).body.status, "active");

    // Secrets: the former one ends at once, or stays.
    const secrets = [claimed.client_secret];
    for (const options of [[], ["--keep-former"]]) {
      const { stdout, stderr } = await cli(server, ["rotate", "client_secret", id, ...options]);
      assert.match(stdout, /^[\w-]{86}\n$/);
      assert.match(stderr, options.length > 0 ? /The old one still works/ : /The old one no longer works/);
      secrets.push(stdout.trim());
    }
    const statuses = await Promise.all(secrets.map((secret) => authenticate(server, claimed, secret)));
    assert.deepEqual(statuses.map(({ status }) => status), [401, 200, 200]);
    // Tokens: the kept one ends when its successor is used.
    const rotated = ["rotate", "registration_access_token", id];
    const second = (await output(server, rotated)).trim();
    assert.equal((await own(server, claimed, claimed.registration_access_token)).status, 401);
    const third = (await output(server, [...rotated, "--keep-former"])).trim();
    assert.equal((await own(server, claimed, second)).status, 200);
    assert.equal((await own(server, claimed, third)).status, 200);
    assert.equal((await own(server, claimed, second)).status, 401);

    assert.equal(await output(server, ["delete", id]), `${id} is deleted.\n`);
    assert.equal((await own(server, claimed, third)).status, 401);
    assert.equal((await lookUp(server, claimed)).status, 404);
    assert.deepEqual((await listed(server)).sort(), all.filter((other) => other !== id));
    assert.equal(await output(server, ["delete", "--name", "nobody", "--yes"]), "0 clients deleted.\n");
    // An identifier may begin with a dash.
    const dashed = record({ client_id: `-${"A".repeat(21)}` });
    const other = record();
    await output(server, ["import", "-"], { input: lines([dashed, other]) });
    assert.equal(JSON.parse(await output(server, ["get", dashed.client_id])).client_id, dashed.client_id);
    assert.match(await output(server, ["rotate", "client_secret", dashed.client_id]), /^[\w-]{86}\n$/);
    const renamed = await output(server, ["edit", dashed.client_id, "-", "--json"], { input: JSON.stringify({ client_name: dashed.client_id }) });
    assert.equal(JSON.parse(renamed).client.metadata.client_name, dashed.client_id);
    assert.deepEqual(await listed(server, "--name", dashed.client_id), [dashed.client_id]);
    const both = [dashed, other].map(({ client_id }) => client_id);
    const done = (await output(server, ["delete", ...both])).split("\n").filter(Boolean);
    assert.deepEqual(done.sort(), both.map((one) => `${one} is deleted.`).sort());
    assert.deepEqual((await listed(server)).sort(), all.filter((other) => other !== id));
    for (const secret of [ADMIN_TOKEN, ...secrets, second, third]) {
      assert.ok(!server.output.includes(secret), "a secret is in the log");
    }
  } finally {
    await server.stop();
  }
});

test("names reach no terminal as anything but text", async () => {
  // No client can register most of these.
  const names = ["\u001b[2Jred\u009b31m", "evil\u202egpj", "first\nsecond", "名前".repeat(20)];
  const clients = names.map((client_name) => ({ client_id: "A".repeat(22), client_name, issued_at: now() }));
  const server = await pretend(({ url }) => ({
    body: url.includes("?") ? { clients } : { client_id: "A".repeat(22), metadata: { names } },
  }));
  try {
    const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
    const outputs = [await output(server, ["list"]), await output(server, ["list", "--json"])];
    outputs.push(await output(server, ["get", "A".repeat(22)]));
    for (const output of outputs) assert.doesNotMatch(output, unsafe);
    assert.equal(outputs[0].split("\n").length, 1 + names.length + 1, "a row is a line");
    assert.match(outputs[0], /evil\\u\{202e\}gpj +\d{4}-\d\d-\d\d +not recorded/);
    assert.match(outputs[0], /(名前){6}名… +\d{4}/);
    assert.deepEqual(parsed(outputs[1]).map((c) => c.client_name), names, "JSON says the same");
  } finally {
    server.stop();
  }
});

test("long work waits for a server that is busy, as long as that says, and not for ever", async () => {
  const busy = { status: 503, headers: { "retry-after": "1" }, body: { error_description: "Busy" } };
  const page = (nth) => ({ body: { clients: [], cursor: nth < 4 ? "c" : undefined } });
  const server = await pretend((_, nth) => (nth % 2 === 1 ? busy : page(nth)));
  const never = await pretend(() => busy);
  try {
    const started = Date.now();
    const { code, stderr } = await cli(server, ["list", "--json"]);
    assert.deepEqual([code, stderr], [0, "503: Busy (retrying in 1 s)\n".repeat(2)]);
    assert.ok(Date.now() - started > 1_900);
    assert.deepEqual(server.requests.map(({ url }) => url.includes("cursor=c")), [false, false, true, true]);
    const given_up = await cli(never, ["export"]);
    assert.deepEqual([given_up.code, given_up.stderr.split("\n").at(-2), never.requests.length], [1, "503: Busy", 4]);
    // A request that may not be repeated is not retried.
    assert.equal((await cli(never, ["rotate", "client_secret", "A".repeat(22)])).code, 1);
    assert.equal(never.requests.length, 5);
  } finally {
    server.stop();
    never.stop();
  }
});

test("a command that fails ends with 1 and a sentence", { timeout: 60_000 }, async () => {
  const server = await startServer({ vars });
  const off = await startServer();
  const id = "A".repeat(22);
  try {
    for (const [args, wrong, env] of [
      [[], /^"" is not a command\. Commands: list, get, .*import\. See --help/],
      [["explode"], /^"explode" is not a command\. Commands: list/],
      [["get"], /^"get" is not valid\. Usage: get ID/],
      [["get", "export"], /^"get export" is not valid/],
      [["get", id], /^404: No client or initial access token has this identifier/],
      [["get", `-${id.slice(1)}`], /^404: No client or initial access token has this identifier/],
      [["disable", id], /^404: No client or initial access token has this identifier/],
      [["rotate", "password", id], /is not valid\. Usage: rotate client_secret ID/],
      [["delete"], /^Which clients\?/],
      [["delete", "--yes"], /^Which clients\?/],
      [["delete", "", "--older", "7d", "--yes"], /is not valid/],
      [["delete", id, "--older", "7d"], /^Give an ID or a filter, not both/],
      [["delete", "--name", "", "--older", "7d", "--yes"], /^--name is empty/],
      [["list", "--used", "--never-used"], /contradicts/],
      [["list", "--older", "week"], /^week is not a duration/],
      [["delete", "--older", "0d", "--yes"], /^0d is not the age of a client/],
      [["delete", "--newer", "99999d", "--yes"], /^99999d is not the age of a client/],
      [["delete", "--newer", "9999999999999999999999d"], /is not the age of a client/],
      [["delete", "--newer", "-1d"], /./],
      [["delete", "--newer", "15000d"], /^400: created_after is "\d+", but must be a time after/],
      [["list", "--never-used"], /^400: .*set REGISTRATION\.record_uses first/],
      [["delete", "--unused", "30d", "--yes"], /^400: .*set REGISTRATION\.record_uses first/],
      [["delete", "--name", " ", "--yes"], /^400: name is " ", but must be text/],
      [["delete", "--name", "a", "--older", "7d", "--name", "b"], /^--name is given twice/],
      [["delete", id, "short"], /is not valid\. Usage: delete ID, or a filter/],
      [["list", "--yes"], /^list has no option --yes/],
      [["list", "--limit", "some"], /^--limit some is not a number/],
      [["list", "--prefix", "a b"], /^400: prefix is "a b", but must be/],
      [["import", "no-such-file"], /^ENOENT/],
      [["import", "-"], /^- has no lines/],
      [["list", "--issuer", "http://auth.example.com"], /is not https/],
      [["list", "--issuer", "auth"], /^"auth" is not the URL/],
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
    const { code, stdout, stderr } = await cliProcess(server, ["get", id]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^404: No client or initial access token has this identifier/);
    assert.match(await output(server, ["--help"]), /delete FILTER \[--yes\]/);
  } finally {
    await Promise.all([server.stop(), off.stop()]);
  }
});

test("pages of other origins get no answer, whatever they ask", { timeout: 60_000 }, async () => {
  const server = await startServer({ vars });
  try {
    const { client_id } = await register(server, "a");
    const one = `/admin/clients/${client_id}`;
    for (const [method, path, status] of [
      ["GET", "/admin/clients", 200],
      ["GET", "/admin/clients?limit=none", 400],
      ["GET", "/admin/clients/export", 200],
      ["GET", one, 200],
      ["POST", `${one}/disable`, 204],
      ["POST", `${one}/rotate`, 415],
      ["POST", "/admin/clients/delete", 415],
      ["POST", "/admin/clients/import", 415],
      ["DELETE", one, 204],
      ["OPTIONS", one, 405],
    ]) {
      const headers = { origin: "https://evil.example", authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(`${server.url}${path}`, { method, headers });
      await answer.text();
      const allowed = [...answer.headers.keys()].filter((name) => name.startsWith("access-control-"));
      assert.deepEqual([answer.status, allowed], [status, []], `${method} ${path}`);
    }
  } finally {
    await server.stop();
  }
});
