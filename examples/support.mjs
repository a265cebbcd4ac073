// How the examples with `oidc-provider` start their servers.

import { fileURLToPath } from "node:url";

import { Hint, endWith, spawnGuarded } from "../scripts/lib/process.mjs";

const { PORT } = process.env;

/** The ports of the servers: these, or with PORT that one and the next ones. */
export const ports = (...usual) => usual.map((port, at) => (PORT ? Number(PORT) + at : port));

/** Listens on this machine. */
export function listen(server, port) {
  const taken = ({ message }) => {
    throw new Hint(`${message}: stop the program that uses the port, or choose another one with PORT=NUMBER npm start.`);
  };
  server.on("error", taken).listen(port, "localhost");
}

/** Starts Rollcall with these variables, and ends with it. */
export function startRollcall(port, vars) {
  const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  // Another Rollcall of this folder has its records in .wrangler/state.
  if (PORT) args.push("--persist-to", `.wrangler/state-${PORT}`);
  const start = fileURLToPath(new URL("../scripts/start.mjs", import.meta.url));
  const rollcall = spawnGuarded(process.execPath, [start, "--port", String(port), ...args]);
  rollcall.stdout.pipe(process.stdout);
  rollcall.stderr.pipe(process.stderr);
  endWith(rollcall);
}
