// The environment that wrangler runs in.

import module from "node:module";
import { delimiter, dirname, join } from "node:path";

import { toolsDir } from "./cache.mjs";
import { requirePackage } from "./require.mjs";

// wrangler is a file of megabytes that Node would else compile at every start.
const compiled = join(toolsDir, "compiled-javascript");

/** wrangler as a library. */
export function requireWrangler() {
  module.enableCompileCache?.(compiled); // since Node 22
  return requirePackage("wrangler");
}

/** The variables of our own environment, and those that wrangler needs; `node` is the program that runs it. */
export const wranglerEnv = (node) => ({
  ...process.env,
  PATH: [dirname(node), process.env.PATH].join(delimiter),
  NODE_COMPILE_CACHE: compiled,
  // wrangler sends no statistics, keeps no records of requests, and makes no other requests of its own.
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
  DO_NOT_TRACK: "1",
});
