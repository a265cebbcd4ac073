// npm run profile -- [OPERATION] [LINES]: where the time of a request goes. Samples the bundle, with the names
// of its functions, in workerd; the request is made again inside of it, so that hardly any HTTP is in the figures.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "../scripts/lib/ports.mjs";
import { Hint, announce } from "../scripts/lib/process.mjs";
import { bundle } from "../scripts/build.mjs";
import { root, setup } from "../scripts/setup.mjs";
import { CONTESTANTS } from "./lib/contestants.mjs";
import { load } from "./lib/load.mjs";
import { CLIENT, REQUESTS, clientOfSize, register } from "./lib/requests.mjs";
import { Server } from "./lib/server.mjs";

const REPEAT = 10_000;
const INTERVAL_US = 100;
const OPERATIONS = { ...REQUESTS, "register-16k": () => register(clientOfSize(16_000)) };

const [operation = "register", lines = "40"] = process.argv.slice(2);
if (!OPERATIONS[operation]) throw new Hint(`OPERATION is one of ${Object.keys(OPERATIONS).join(", ")}.`);
const tools = await setup();
if (typeof WebSocket === "undefined") {
  // Node has it from version 22 on, which the set-up brings.
  process.exit(spawnSync(tools.node, process.argv.slice(1), { stdio: "inherit" }).status);
}

const scratch = mkdtempSync(join(tmpdir(), "rollcall-profile-"));
const named = join(scratch, "bundle");
await announce("Building the bundle with names", () => bundle(tools, named, [], { names: true }));
const contestant = repeated(CONTESTANTS.find(({ name }) => name === "rollcall"));
const server = new Server(contestant, scratch);
try {
  const inspector = await freePort();
  server.command.push(`--inspector-addr=127.0.0.1:${inspector}`);
  await server.start();
  const clients = [];
  const send = (requests, count, see) => load({ port: server.ports.http, ...requests, count, see });
  await send(register(CLIENT), 1, (client) => clients.push(client));
  const requests = OPERATIONS[operation](contestant, clients);
  // The second time, so that nothing is left to be written down today: a use is, if the record is not too young.
  for (const wait of [0, 2_000]) await sleep(wait).then(() => send(requests, 1));
  await server.stub("/keep?values=false");
  report(await profiled(inspector, () => send(requests, 1)));
} finally {
  await server.stop();
  rmSync(scratch, { recursive: true, force: true });
}
process.exit();

function repeated(rollcall) {
  const modules = () => ({
    "index.js": join(root, "bench", "workers", "repeat.mjs"),
    "rollcall.js": join(named, "index.js"),
    "index_bg.wasm": join(named, "index_bg.wasm"),
  });
  return { ...rollcall, modules, vars: { ...rollcall.vars, REPEAT } };
}

/** What V8's profiler samples while `work` is done. */
async function profiled(port, work) {
  const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve) => (socket.onopen = resolve));
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  };
  const call = (method, params) =>
    new Promise((resolve) => {
      const id = waiting.size + 1;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await call("Profiler.enable");
  await call("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await call("Profiler.start");
  await work();
  const { profile } = await call("Profiler.stop");
  socket.close();
  return profile;
}

/** Microseconds of one request: in a function itself, and with all that it calls. */
function report({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) byId.get(child).parent = node;
  const found = new Map();
  const entry = (name) => found.get(name) ?? found.set(name, { self: 0, all: 0 }).get(name);
  const nameOf = ({ callFrame }) => (callFrame.functionName || "(no name)").replace(/::h[0-9a-f]{16}\b/g, "");
  samples.forEach((id, nth) => {
    const stack = new Set();
    for (let node = byId.get(id); node; node = node.parent) stack.add(nameOf(node));
    entry(nameOf(byId.get(id))).self += timeDeltas[nth];
    for (const name of stack) entry(name).all += timeDeltas[nth];
  });
  const output = (microseconds) => (microseconds / REPEAT).toFixed(2).padStart(8);
  console.log(`\n${operation}: microseconds of a request\n    self      all`);
  const sorted = [...found].sort(([, a], [, b]) => b.self - a.self || b.all - a.all);
  for (const [name, { self, all }] of sorted.slice(0, Number(lines))) {
    console.log(`${output(self)} ${output(all)}  ${name.slice(0, 110)}`);
  }
}
