// TCP ports of this machine.

import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

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

// A server takes a second to listen on its port. Meanwhile a file named after the port, with our process id in it, tells
// the other processes of this user that the port is taken.
const claims = join(tmpdir(), `rollcall-ports-${userInfo().uid}`);
const given = new Set();
process.on("exit", () => given.forEach((port) => rmSync(join(claims, String(port)), { force: true })));

/** A free port, and that no running process has been given before. */
export async function freePort() {
  mkdirSync(claims, { recursive: true });
  for (let tries = 0; tries < 100; tries += 1) {
    const port = FIRST + randomInt(COUNT);
    if (claim(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port was found from ${FIRST} on`);
}

/** Takes the port, unless a process that is still running has it. */
function claim(port) {
  if (given.has(port)) return false;
  const file = join(claims, String(port));
  const owner = ownerOf(file);
  if (isRunning(owner)) return false;
  if (owner > 0) {
    // Left behind by a process that was killed. Another process may be removing it and claiming the port, so take the next one.
    rmSync(file, { force: true });
    return false;
  }
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch {
    return false;
  }
  given.add(port);
  return true;
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
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
