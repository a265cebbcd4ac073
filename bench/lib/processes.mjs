// Measurements of a process as a whole, and of the files it is made from.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { MAIN, load } from "./load.mjs";
import { CLIENT, register } from "./requests.mjs";

/**
 * From the start of a process to its first registration: milliseconds by the clock, and of CPU time. `unmeasuredStarts` come
 * first: they read the files from the disk.
 */
export async function coldStarts(servers, { coldStarts: count, unmeasuredStarts = 1 }) {
  const found = {};
  for (let n = -unmeasuredStarts; n < count; n += 1) {
    for (const server of servers) {
      await server.start();
      await load({ port: server.ports.http, ...register(CLIENT), count: 1 });
      const wall = performance.now() - server.launched;
      // Until it rests, the kernel has not added up all of it.
      await sleep(2);
      const start = { wall, cpu: server.cpu() * 1000 };
      await server.stop();
      if (n >= 0) (found[server.contestant.name] ??= []).push(start);
    }
  }
  return found;
}

/** Resident bytes after one, after many and after three times as many registrations, which the stub forgets. */
export async function memory(servers, { registrations }) {
  const found = {};
  for (const server of servers) {
    await server.start();
    await server.stub("/keep?values=false");
    const send = (count) => load({ port: server.ports.http, ...register(CLIENT), concurrency: MAIN, count });
    await send(1);
    const first = server.memory();
    await send(registrations);
    const then = server.memory();
    await send(2 * registrations);
    found[server.contestant.name] = { registrations, first, then, finally: server.memory() };
    await server.stop();
  }
  return found;
}

/** The bytes that are deployed, JavaScript and WebAssembly. What runs on node is not deployed as a bundle. */
export function bundle({ node, modules }, scratch) {
  if (node) return undefined;
  const files = Object.values(modules(scratch)).map((path) => readFileSync(path));
  const sum = (sizes) => sizes.reduce((a, b) => a + b, 0);
  return {
    raw: sum(files.map((file) => file.length)),
    gzip: sum(files.map((file) => gzipSync(file, { level: 9 }).length)),
  };
}
