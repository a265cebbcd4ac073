// TCP ports of this machine.

import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const listen = (port, host) =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen({ port, host }, () => {
      const taken = server.address().port;
      server.close(() => resolve(taken));
    });
  });

// Below the ports that systems give to outgoing connections: one of those could take it before its server does.
const FIRST = 20_000;
const COUNT = 12_000;
const given = new Set();

/** A port that nobody listens on at the moment, and that this process has not been given before. */
export async function freePort() {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = FIRST + randomInt(COUNT);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port was found from ${FIRST} on`);
}

/** Whether `port` can be had on both loopback addresses; a machine without IPv6 has only one. */
export async function isFree(port) {
  const taken = (host) =>
    listen(port, host).then(
      () => false,
      (error) => error.code === "EADDRINUSE",
    );
  return !(await taken("127.0.0.1")) && !(await taken("::1"));
}
