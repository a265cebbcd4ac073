// Child processes: run one and say what it costs; fail with a sentence instead of a stack trace.

import { spawn, spawnSync } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";

/** A failure whose message is all that the user needs to know. */
export class Hint extends Error {}

process.on("uncaughtException", (error) => {
  console.error(error instanceof Hint ? `\n${error.message}` : error);
  process.exit(1);
});

/** Says what is being done, and then how long it took. Several promised actions may run at the same time. */
export function announce(what, action) {
  const started = Date.now();
  console.log(`${what} ...`);
  const done = (result) => {
    console.log(`${what}: done after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return result;
  };
  const result = action();
  return result instanceof Promise ? result.then(done) : done(result);
}

/** Runs a command to its end, its output shown. Returns whether it succeeded; fails if it has to. */
export function run(command, args, { mayFail = false, ...options } = {}) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], ...options });
  return judged(command, args, { status, error, mayFail });
}

/**
 * Does the same as `run` without blocking: resolves when the command has ended. In the `background`, it runs at a lower
 * priority.
 */
export function runAsync(command, args, { mayFail = false, background = false, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], ...options });
    if (background) lowerPriority(child);
    child.on("error", (error) => resolve({ error }));
    child.on("close", (status) => resolve({ status }));
  }).then((outcome) => judged(command, args, { ...outcome, mayFail }));
}

function judged(command, args, { status, error, mayFail }) {
  if (status === 0) return true;
  if (mayFail) return false;
  const reason = error ? error.message : `it ended with status ${status}`;
  throw new Hint(`${[command, ...args].join(" ")} failed: ${reason}.`);
}

/** Whether a command exists and succeeds. */
export function succeeds(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/**
 * Runs a command and keeps its output; in the `background`, at a lower priority. After `limit` seconds the
 * command is stopped, and has failed. Resolves to `{ ok, output }`.
 */
export function runKeeping(command, args, { limit, background = false, ...options }) {
  return new Promise((resolve) => {
    const child = spawnGuarded(command, args, options);
    if (background) lowerPriority(child);
    let output = "";
    let late = false;
    const timer = setTimeout(() => {
      output += `\nStopped: it had not ended after ${limit} seconds.\n`;
      late = true;
      child.stdin.end();
    }, limit * 1000);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    }
    const ended = (ok) => (clearTimeout(timer), resolve({ ok, output }));
    child.on("error", (error) => ((output += error.message), ended(false)));
    child.on("close", (code) => ended(code === 0 && !late));
  });
}

/** The command has only just started, so all its children inherit the priority. */
function lowerPriority({ pid }) {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system does not allow it: then it runs like everything else.
  }
}

/** Calls `stop` when npm, which has started this, is gone: it dies of a signal without a word to us. */
export function endWithNpm(stop) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stop(), 500).unref();
}

/**
 * Starts a command that ends, with all it starts itself, when we do: see guard.mjs. To end the standard
 * input of the child that is returned is to stop it, by `signal` first. Its output is ours to read.
 */
export function spawnGuarded(command, args, { signal = "SIGTERM", ...options } = {}) {
  const guard = fileURLToPath(new URL("./guard.mjs", import.meta.url));
  return spawn(process.execPath, [guard, signal, command, ...args], {
    ...options,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Stops `server`, a child of spawnGuarded, when we are asked to end or npm is gone, and ends with it. */
export function endWith(server) {
  let asked = false;
  const stop = () => ((asked = true), server.stdin.end());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  endWithNpm(stop);
  server.on("close", (code) => process.exit(asked ? 0 : code || 1));
}
