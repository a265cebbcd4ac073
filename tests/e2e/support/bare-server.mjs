// workerd alone, with the benchmark's KV in memory. So wrangler's proxy is not measured, and Miniflare does not make a page
// for each error, which takes longer than any request.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { buildSync } from "esbuild";

import { CONTESTANTS } from "../../../bench/lib/contestants.mjs";
import { Server } from "../../../bench/lib/server.mjs";
import { root } from "../../../scripts/lib/repository.mjs";

const scratch = mkdtempSync(join(tmpdir(), "rollcall-bare-"));
const started = [];
after(async () => {
  await Promise.all(started.map((server) => server.stop()));
  rmSync(scratch, { recursive: true, force: true });
});

/** One of the servers that the benchmark measures. */
export const contestant = (wanted) => CONTESTANTS.find(({ name }) => name === wanted);

/** Starts such a server, at `url`. It ends with the tests of the file, if not before. */
export async function startBare(described) {
  const server = new Server(described, scratch);
  started.push(server);
  await server.start();
  return Object.assign(server, { url: `http://127.0.0.1:${server.ports.http}` });
}

/** Rollcall with a KV whose values may never come, and a page that says how large the module's memory is. */
export function withDeafKv() {
  const outfile = join(scratch, "deaf-kv.js");
  const entryPoints = [join(root, "tests", "e2e", "support", "deaf-kv.mjs")];
  const external = ["./index_bg.wasm", "cloudflare:*"];
  buildSync({ entryPoints, outfile, external, bundle: true, format: "esm", target: "esnext", logLevel: "error" });
  const modules = () => ({ "index.js": outfile, "index_bg.wasm": join(root, "build", "index_bg.wasm") });
  return { ...contestant("rollcall"), name: "deaf-kv", modules };
}

/** The bytes of memory of the module in a server of `withDeafKv`. */
export async function moduleBytes({ url }) {
  return (await (await fetch(`${url}/__test/memory`)).json()).bytes;
}
