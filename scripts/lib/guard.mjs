// `guard.mjs SIGNAL COMMAND ARGS...` runs a command in a process group of its own, and ends the whole
// group, by SIGNAL first, as soon as our standard input ends. The other end of that pipe belongs to
// the process that started us, and the kernel closes it even when that process is killed outright: no server,
// compiler or runtime stays behind.

import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

// How long the command may take to end, and then what it has started.
const GRACE_MS = 5000;
const REST_MS = 1000;

const [signal, command, ...args] = process.argv.slice(2);
// `detached` makes the child the leader of a new group, whose id is then its process id.
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });

/** Signals the group; false if no process of it is left. Signal 0 only asks. */
function signalGroup(name) {
  try {
    return process.kill(-child.pid, name);
  } catch {
    return false;
  }
}

async function until(done, milliseconds) {
  for (const start = Date.now(); !done() && Date.now() - start < milliseconds;) await sleep(20);
}

let ending = false;
async function end(code) {
  if (ending || child.pid === undefined) return;
  ending = true;
  signalGroup(signal);
  await until(() => child.exitCode !== null || child.signalCode !== null, GRACE_MS);
  // Without SIGKILL they may still be ending what they started in groups of their own.
  if (signal !== "SIGKILL") await until(() => !signalGroup(0), REST_MS);
  signalGroup("SIGKILL");
  process.exit(code);
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => end(1));
for (const event of ["end", "error"]) process.stdin.on(event, () => end(0));
process.stdin.resume();

child.on("error", (error) => {
  console.error(`${command}: ${error.code === "ENOENT" ? "not found" : error.message}`);
  process.exit(127);
});
// Processes that the command left running end with it.
child.on("exit", (code) => end(code ?? 1));
