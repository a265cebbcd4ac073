// npm start: Rollcall on http://localhost:8787, and oidc-provider behind it on http://localhost:3000. They
// are one issuer: clients discover and register at the first, and use the second for everything else. With PORT, Rollcall
// is on that port and oidc-provider on the next one.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { Hint, endWithNpm, spawnGuarded } from "../../scripts/lib/process.mjs";
import { createProvider } from "./provider.mjs";

const { PORT } = process.env;
const port = PORT ?? "8787";
const serverPort = PORT ? Number(PORT) + 1 : 3000;
const issuer = `http://localhost:${port}`;
const server = `http://localhost:${serverPort}`;
const token = randomBytes(32).toString("base64url");

const provider = createProvider({ issuer, token });
createServer(provider.callback())
  .on("error", ({ message }) => {
    throw new Hint(`${message}: stop the program that uses the port, or choose another one with PORT=NUMBER npm start.`);
  })
  .listen(serverPort, "localhost");

const vars = {
  ISSUER: issuer,
  // oidc-provider derives its endpoints from the host of the request.
  UPSTREAM_METADATA: `${server}/.well-known/openid-configuration`,
  AS_TOKEN: token,
  // Clients may be identified by the URL of their metadata document, on this machine too.
  DOCUMENTS: JSON.stringify({ mode: "open", allow_loopback: true }),
};
const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
const start = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));
// Another Rollcall of this folder has its records in .wrangler/state.
if (PORT) args.push("--persist-to", `.wrangler/state-${PORT}`);
const rollcall = spawnGuarded(process.execPath, [start, "--port", port, ...args]);
rollcall.stdout.pipe(process.stdout);
rollcall.stderr.pipe(process.stderr);
rollcall.on("close", (code) => process.exit(code ?? 1));
const stop = () => rollcall.stdin.end();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
endWithNpm(stop);
