// The steps of a measurement, in their order: every step goes through all contestants before the next begins,
// so that what else the machine does falls on all of them.

import { setTimeout as sleep } from "node:timers/promises";

import { CONTESTANTS } from "./contestants.mjs";
import { MAIN, costs, load } from "./load.mjs";
import { bundle, coldStarts, memory } from "./processes.mjs";
import { CLIENT, REQUESTS, register } from "./requests.mjs";
import { bodies, expensive, records } from "./scale.mjs";
import { Server } from "./server.mjs";

const CONCURRENCY = [1, 16, 64];
const SEEDS = 100;
const AFTERWARDS_MS = 50;
// A record that is younger than two seconds is not written again at once.
const UNTIL_NEXT_WRITE_MS = 2_000;

/** Runs the whole plan, or `only` some of its operations; `say` is told what is being done. */
export async function measure(plan, { scratch, only, say }) {
  const operations = Object.keys(REQUESTS).filter((name) => !only || only.includes(name));
  const able = CONTESTANTS.filter(({ can }) => can.some((name) => operations.includes(name)));
  const servers = able.map((contestant) => new Server(contestant, scratch));
  const results = { bundles: {}, operations: {}, costs: {} };
  try {
    if (!only) {
      say("cold starts");
      results.coldStarts = await coldStarts(servers, plan);
      say("memory");
      results.memory = await memory(servers, plan);
    }
    for (const server of servers) {
      const { name } = server.contestant;
      say(`warming up: ${name}`);
      await server.start();
      results.bundles[name] = bundle(server.contestant, scratch);
      results.operations[name] = await warmUp(server, operations, plan);
    }
    for (let round = 1; round <= plan.rounds; round += 1) {
      say(`round ${round} of ${plan.rounds}`);
      for (const operation of operations) await oneRound(servers, operation, plan, results.costs);
    }
    if (only) return results;
    say("bodies");
    results.bodies = await bodies(servers, plan);
    say("expensive bodies");
    results.expensive = await expensive(servers, plan);
    say("records");
    results.records = await records(servers, plan);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  return results;
}

/** Registers what the rounds read, looks at answers, counts the KV operations of each call, and warms up. */
export async function warmUp(server, operations, { warmUp: count }) {
  const { contestant } = server;
  const send = (requests, options) => load({ port: server.ports.http, ...requests, ...options });
  const can = contestant.can.filter((name) => operations.includes(name));
  server.clients = [];
  await send(register(CLIENT), { count: SEEDS, see: (body) => server.clients.push(body) });
  const counted = {};
  const countOnce = async (name, operation) => {
    await server.stub();
    const see = (body) => check(contestant, operation, body);
    await send(REQUESTS[operation](contestant, server.clients), { count: 1, see });
    // Some of it may come after the answer.
    await sleep(AFTERWARDS_MS);
    counted[name] = (await server.stub()).operations;
  };
  if (can.includes("look-up")) {
    // A use is written down once a day; all others are measured.
    await sleep(UNTIL_NEXT_WRITE_MS);
    await countOnce("first look-up in a day", "look-up");
    await send(REQUESTS["look-up"](contestant, server.clients), { count: SEEDS });
    await sleep(AFTERWARDS_MS);
  }
  // The registration that is repeated.
  if (can.includes("repeat")) await send(REQUESTS.repeat(), { count: 1 });
  // From here on the store is what it is: to let it grow would be to measure the garbage collector.
  await server.stub("/keep?values=false");
  for (const operation of can) {
    const requests = REQUESTS[operation](contestant, server.clients);
    await send(requests, { count: SEEDS, see: (body) => check(contestant, operation, body) });
    await countOnce(operation, operation);
    await send(requests, { concurrency: MAIN, count });
  }
  return counted;
}

const MEMBER = { discover: "registration_endpoint", refuse: "error", "look-up": "metadata", "look-up-secret": "client_secrets", authenticate: "metadata" };

function check({ name, mute }, operation, body) {
  const member = MEMBER[operation] ?? "client_id";
  if (!mute && !body[member]) throw new Error(`${name} answers ${operation} without ${member}`);
}

async function oneRound(servers, operation, { count, seconds }, found) {
  for (const server of servers.filter(({ contestant }) => contestant.can.includes(operation))) {
    const requests = REQUESTS[operation](server.contestant, server.clients);
    const taken = {};
    for (const concurrency of CONCURRENCY) {
      taken[concurrency] = await costs(server, requests, { concurrency, count, seconds });
    }
    ((found[operation] ??= {})[server.contestant.name] ??= []).push(taken);
  }
}
