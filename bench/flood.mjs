// node bench/flood.mjs: the CPU time of what strangers can send in any number, for the table of docs/gate.md.
// Everything runs on this machine: workerd, with KV, the limiters and the book of tokens in its memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Hint } from "../scripts/lib/process.mjs";
import { build } from "../scripts/build.mjs";
import { setup } from "../scripts/setup.mjs";

if (process.platform !== "linux") throw new Hint("The benchmark reads CPU times from /proc: it needs Linux.");
const tools = await setup();
if (!process.env.ROLLCALL_SKIP_BUILD) await build(tools);

// These need the packages that the set-up installs.
const { CONTESTANTS } = await import("./lib/contestants.mjs");
const { MAIN, costs, load } = await import("./lib/load.mjs");
const { CLIENT, EXPENSIVE, REQUESTS, deletions, register } = await import("./lib/requests.mjs");
const { Server, pinOurselves } = await import("./lib/server.mjs");

const COUNT = 2000;
const ROUNDS = 5;
/** How many clients are registered to be read, updated and deleted. */
const CLIENTS = 100;
/** A record that is younger than two seconds is not written again at once. */
const UNTIL_NEXT_WRITE_MS = 2_000;
const ISSUED_BY_NOBODY = `${"A".repeat(42)}Q`;

/** Requests from as many addresses as there are requests, or from one. */
function requests(method, path, { body, bearer, address } = {}) {
  return Array.from({ length: COUNT }, (_, n) => {
    const from = address ?? `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    const id = `${String(n).padStart(21, "0")}A`;
    let head = `${method} ${path.replace("ID", id)} HTTP/1.1\r\nHost: auth.example.com\r\nCF-Connecting-IP: ${from}\r\n`;
    head += "CF-Ray: 9a4f2c1b7e3d5f60-AMS\r\nX-Forwarded-Proto: https\r\n";
    if (bearer) head += `Authorization: Bearer ${bearer}\r\n`;
    if (body) head += `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return Buffer.from(`${head}\r\n${body ?? ""}`);
  });
}

const readme = JSON.stringify(CLIENT);
const [expensive] = EXPENSIVE["redirect URIs"]().requests.map((request) => request.toString().split("\r\n\r\n")[1]);
const one = (method, path, options) => () => requests(method, path, options);
const LIMITED = { ADDRESS_LIMIT: 0, FAILURE_LIMIT: 0 };
const [rollcall, policed] = ["rollcall", "rollcall-policy"].map((name) => CONTESTANTS.find((one) => one.name === name));

/**
 * What is sent, its status, the requests, how many of them one address and one IPv6 /48 network may send in a minute, and
 * what is other than shipped.
 */
const FLOODS = [
  ["a registration with the README's body", 201, one("POST", "/reg", { body: readme }), [20, 100]],
  ["a dry run of the same", 200, one("POST", "/reg?dry_run=true", { body: readme }), [20, 100]],
  [
    `the most expensive dry run: ${Math.round(expensive.length / 1024)} KB of redirect URIs, 100 entries in each list of \`POLICY\``,
    200,
    one("POST", "/reg?dry_run=true", { body: expensive }),
    [20, 100],
    policed,
  ],
  ["an update with the README's body", 200, (clients) => REQUESTS.update(rollcall, clients).requests, [20, 100]],
  ["a read by a holder", 200, (clients) => REQUESTS.read(rollcall, clients).requests, [100, 100]],
  ["a deletion by a holder", 204, deletions, [100, 100]],
  ["a made-up registration access token", 401, one("GET", "/reg/ID", { bearer: ISSUED_BY_NOBODY }), [30, 100]],
  [
    "a made-up initial access token, without what its object does",
    401,
    one("POST", "/reg", { body: readme, bearer: `iat_${ISSUED_BY_NOBODY}` }),
    [30, 100],
  ],
  ["rejected: over `ADDRESS_LIMIT`", 429, one("POST", "/reg", { body: readme, address: "192.0.2.1" }), [], LIMITED],
  [
    "rejected: a place over `FAILURE_LIMIT`",
    429,
    one("GET", "/reg/ID", { bearer: ISSUED_BY_NOBODY, address: "192.0.2.1" }),
    [],
    LIMITED,
  ],
];

const scratch = mkdtempSync(join(tmpdir(), "rollcall-flood-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
pinOurselves();
for (const [what, status, make, perMinute, other = {}] of FLOODS) {
  const limits = other === policed ? {} : other;
  const contestant = other === policed ? policed : rollcall;
  const vars = { ...contestant.vars, LIMITED: limits, REGISTRATION: { mode: "tiered" } };
  const server = new Server({ ...contestant, vars }, scratch);
  await server.start();
  const clients = [];
  if (make.length > 0) {
    const see = (client) => clients.push(client);
    await load({ port: server.ports.http, ...register(CLIENT), count: CLIENTS, see });
    await sleep(UNTIL_NEXT_WRITE_MS);
    await server.stub("/keep?values=false");
  }
  const sent = { requests: make(clients), status };
  const plan = { concurrency: MAIN, count: COUNT };
  await costs(server, sent, plan);
  await server.stub();
  const rounds = [];
  for (let n = 0; n < ROUNDS; n += 1) rounds.push((await costs(server, sent, plan)).cpu);
  const { operations } = await server.stub();
  await server.stop();
  rounds.sort((a, b) => a - b);
  const microseconds = Math.round(rounds[ROUNDS >> 1]);
  const minutes = perMinute.length ? perMinute.map((count) => `${count}: ${Math.ceil((count * microseconds) / 1000)} ms`) : ["any number", "any number"];
  console.log(`| ${[what, microseconds.toLocaleString("en"), ...minutes].join(" | ")} |`);
  const per = (name) => (operations[name] / (COUNT * ROUNDS)).toFixed(2);
  console.error(`  ${per("get")} KV reads, ${per("put")} writes, ${per("delete")} deletes, ${per("object")} calls`);
}
