// Child processes: run one and say what it costs; fail with a sentence instead of a stack trace.

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

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

/**
 * Runs a command, its output shown, and counts the tests that cargo or node say they ran. After `limit`
 * seconds it is stopped, and has failed.
 */
export function runCounting(command, args, { limit, ...options }) {
  return new Promise((resolve) => {
    const child = spawnGuarded(command, args, options);
    const timer = setTimeout(() => {
      console.error(`Stopped: it had not ended after ${limit} seconds.`);
      late = true;
      child.stdin.end();
    }, limit * 1000);
    let late = false;
    child.stderr.pipe(process.stderr, { end: false });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      process.stdout.write(text);
      output += text;
    });
    const count = (...patterns) =>
      patterns
        .flatMap((pattern) => [...output.matchAll(pattern)])
        .reduce((total, match) => total + Number(match[1]), 0);
    const ended = (ok) => {
      clearTimeout(timer);
      const passed = count(/^test result: .*? (\d+) passed/gm, /^ℹ pass (\d+)/gm);
      const failed = count(/^test result: .*? (\d+) failed/gm, /^ℹ fail (\d+)/gm, /^ℹ cancelled (\d+)/gm);
      const skipped = count(/^test result: .*? (\d+) ignored/gm, /^ℹ skipped (\d+)/gm, /^ℹ todo (\d+)/gm);
      resolve({ ok, passed, failed, skipped, tests: passed + failed });
    };
    child.on("error", (error) => (console.error(error.message), ended(false)));
    child.on("close", (code) => ended(code === 0 && !late));
  });
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
