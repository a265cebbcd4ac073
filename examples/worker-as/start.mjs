// node examples/worker-as/start.mjs: the server and Rollcall on http://localhost:8787, or on the port in PORT.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { endWith, spawnGuarded } from "../../scripts/lib/process.mjs";
import { configure } from "./configuration.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const port = process.env.PORT ?? "8787";

// Each port has its own records, because each is an issuer of its own.
const folder = join(here, ".wrangler", port);
const args = configure(`http://localhost:${port}`, folder).flatMap((file) => ["-c", file]);
const secrets = join(here, ".dev.vars");
if (existsSync(secrets)) args.push("--env-file", secrets);
const start = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));
const server = spawnGuarded(process.execPath, [start, "--port", port, ...args]);
server.stdout.pipe(process.stdout);
server.stderr.pipe(process.stderr);
endWith(server);
