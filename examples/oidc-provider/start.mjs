// npm start: Rollcall on http://localhost:8787, and oidc-provider behind it on http://localhost:3000. They
// are one issuer: clients discover and register at the first, and use the second for everything else.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { Hint, endWithNpm, spawnGuarded } from "../../scripts/lib/process.mjs";
import { createProvider } from "./provider.mjs";

const issuer = "http://localhost:8787";
const server = "http://localhost:3000";
const token = randomBytes(32).toString("base64url");

const provider = createProvider({ issuer, token });
createServer(provider.callback())
  .on("error", ({ message }) => {
    throw new Hint(`${message}: stop the program that uses the port.`);
  })
  .listen(3000, "localhost");

const vars = {
  ISSUER: issuer,
  // oidc-provider derives its endpoints from the host of the request.
  UPSTREAM_METADATA: `${server}/.well-known/openid-configuration`,
  AS_TOKEN: token,
};
const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
const start = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));
const rollcall = spawnGuarded(process.execPath, [start, "--port", new URL(issuer).port, ...args]);
rollcall.stdout.pipe(process.stdout);
rollcall.stderr.pipe(process.stderr);
rollcall.on("close", (code) => process.exit(code ?? 1));
const stop = () => rollcall.stdin.end();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
endWithNpm(stop);
