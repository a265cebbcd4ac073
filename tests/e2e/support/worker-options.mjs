// The options that wrangler gives Miniflare for a Worker. They are kept in a file: to import wrangler takes each test program
// longer than to start a server.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../../scripts/lib/repository.mjs";
import { requirePackage } from "../../../scripts/lib/require.mjs";

const folder = join(root, "node_modules", ".cache", "rollcall");
// Wrangler itself and the files that it reads besides the configuration.
const SOURCES = ["package-lock.json", "public/_headers", "tests/e2e/support/worker-options.mjs"];

/** The Worker of the configuration in the file `config`, with the secrets in `envFile`: `{ name, main, options }`. */
export function workerOf(config, envFile) {
  const digest = createHash("sha256").update(root).update(readFileSync(config)).update(readFileSync(envFile));
  for (const name of SOURCES) digest.update("\0").update(readFileSync(join(root, name)));
  const file = join(folder, `${digest.digest("hex")}.json`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const own = `${file}.${process.pid}`;
    writeFileSync(own, JSON.stringify(askWrangler(config, envFile)));
    // Another test program may read it at this moment.
    renameSync(own, file);
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

function askWrangler(file, envFile) {
  const { unstable_getMiniflareWorkerOptions: optionsOf, unstable_readConfig: readConfig } = requirePackage("wrangler");
  // It would print the name of the file with the secrets.
  const { WRANGLER_LOG: before = "log" } = process.env;
  process.env.WRANGLER_LOG = "error";
  try {
    const config = readConfig({ config: file });
    const { workerOptions, main } = optionsOf(config, undefined, { envFiles: [envFile] });
    return { name: config.name, main, options: workerOptions };
  } finally {
    process.env.WRANGLER_LOG = before;
  }
}
