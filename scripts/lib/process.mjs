// Child processes: run one and say what it costs; fail with a sentence instead of a stack trace.

import { spawnSync } from "node:child_process";

/** A failure whose message is all that the user needs to know. */
export class Hint extends Error {}

process.on("uncaughtException", (error) => {
  console.error(error instanceof Hint ? `\n${error.message}` : error);
  process.exit(1);
});

/** Says what is being done, and then how long it took. */
export function announce(what, action) {
  const started = Date.now();
  console.log(`${what} ...`);
  const done = (result) => {
    console.log(`  (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return result;
  };
  const result = action();
  return result instanceof Promise ? result.then(done) : done(result);
}

/** Runs a command to its end, its output shown. Returns whether it succeeded; fails if it has to. */
export function run(command, args, { mayFail = false, ...options } = {}) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], ...options });
  if (status === 0) return true;
  if (mayFail) return false;
  const reason = error ? error.message : `it ended with status ${status}`;
  throw new Hint(`${[command, ...args].join(" ")} failed: ${reason}.`);
}

/** Whether a command exists and succeeds. */
export function succeeds(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
