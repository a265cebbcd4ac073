// npm start: the authorization server of ../worker-as and Rollcall behind it on http://localhost:8787, and the MCP server
// on http://localhost:8788/mcp. With PORT, the first two are on that port and the MCP server on the next one.

import { fileURLToPath } from "node:url";

import { Hint, endWith, spawnGuarded } from "../../scripts/lib/process.mjs";
import { createApp } from "./server.mjs";

const port = process.env.PORT ?? "8787";
const own = Number(port) + 1;
const issuer = `http://localhost:${port}`;
const resource = `http://localhost:${own}/mcp`;

const start = fileURLToPath(new URL("../worker-as/start.mjs", import.meta.url));
const server = spawnGuarded(process.execPath, [start], { env: { ...process.env, PORT: port } });
server.stdout.on("data", (chunk) => {
  process.stdout.write(chunk);
  if (String(chunk).includes("Rollcall is ready")) listen();
});
server.stderr.pipe(process.stderr);
endWith(server);

async function listen() {
  const app = await createApp({ issuer, resource });
  const listener = app.listen(own, "localhost", () => console.log(`  MCP server:    ${resource}`));
  listener.on("error", ({ message }) => {
    throw new Hint(`${message}: stop the program that uses the port, or choose other ports with PORT=NUMBER npm start.`);
  });
}
