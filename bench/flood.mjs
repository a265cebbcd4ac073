// node bench/flood.mjs: the CPU time of what strangers can send in any number, for the table of docs/gate.md.
// Everything runs on this machine: workerd, with KV, the limiters and the book of tokens in its memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Hint } from "../scripts/lib/process.mjs";
import { build } from "../scripts/build.mjs";
import { setup } from "../scripts/setup.mjs";

if (process.platform !== "linux") throw new Hint("The benchmark reads CPU times from /proc: it needs Linux.");
const tools = await setup();
if (!process.env.ROLLCALL_SKIP_BUILD) await build(tools);

// These need the packages that the set-up installs.
const { CONTESTANTS } = await import("./lib/contestants.mjs");
const { MAIN, costs } = await import("./lib/load.mjs");
const { CLIENT, clientOfSize } = await import("./lib/requests.mjs");
const { Server, pinOurselves } = await import("./lib/server.mjs");

const COUNT = 2000;
const ROUNDS = 5;
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
const large = JSON.stringify(clientOfSize(60_000));
/** The limits that count places are as shipped where `limited`; else nothing is over a limit. */
const FLOODS = [
  ["a registration", 201, false, requests("POST", "/reg", { body: readme })],
  ["a dry run", 200, false, requests("POST", "/reg?dry_run=true", { body: readme })],
  [`a dry run of ${large.length} bytes`, 200, false, requests("POST", "/reg?dry_run=true", { body: large })],
  ["a made-up registration access token", 401, false, requests("GET", "/reg/ID", { bearer: ISSUED_BY_NOBODY })],
  ["a made-up initial access token", 401, false, requests("POST", "/reg", { body: readme, bearer: `iat_${ISSUED_BY_NOBODY}` })],
  ["over ADDRESS_LIMIT", 429, true, requests("POST", "/reg", { body: readme, address: "192.0.2.1" })],
  ["a rejected place", 429, true, requests("GET", "/reg/ID", { bearer: ISSUED_BY_NOBODY, address: "192.0.2.1" })],
];

const scratch = mkdtempSync(join(tmpdir(), "rollcall-flood-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
pinOurselves();
const rollcall = CONTESTANTS.find(({ name }) => name === "rollcall");
for (const [what, status, limited, sent] of FLOODS) {
  const LIMITED = limited ? { ADDRESS_LIMIT: 0, FAILURE_LIMIT: 0 } : {};
  const vars = { ...rollcall.vars, LIMITED, REGISTRATION: { mode: "tiered" } };
  const server = new Server({ ...rollcall, vars }, scratch);
  await server.start();
  const load = { concurrency: MAIN, count: COUNT };
  await costs(server, { requests: sent, status }, load);
  const rounds = [];
  for (let n = 0; n < ROUNDS; n += 1) rounds.push((await costs(server, { requests: sent, status }, load)).cpu);
  const { operations } = await server.stub();
  await server.stop();
  rounds.sort((a, b) => a - b);
  const per = (count) => (count / (COUNT * (ROUNDS + 1))).toFixed(2);
  console.log(`${what}: ${Math.round(rounds[ROUNDS >> 1])} µs; ${per(operations.get)} KV reads, ${per(operations.put)} writes`);
}
