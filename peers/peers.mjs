// npm run peers: runs the conformance suite against servers from the npm registry and against Rollcall, and prints how many
// cases each passes. With UPDATE_DOCS=1 it writes docs/conformance.md. The servers run on this machine, as their own
// pages configure them: peers/servers. Arguments choose servers by name.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run, spawnGuarded } from "../scripts/lib/process.mjs";
import { root, setup } from "../scripts/setup.mjs";
import { showFailures, showTable } from "./page.mjs";

const tools = await setup({ rust: false, bindgen: false });
const here = join(root, "peers");
if (!existsSync(join(here, "node_modules"))) run("npm", ["ci"], { cwd: here, env: tools.env });

const versionOf = (folder, name) => JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")).version;
const PEERS = [
  { name: "oidc-provider", module: "oidc-provider", folder: root },
  { name: "@cloudflare/workers-oauth-provider", module: "workers-oauth-provider", folder: root },
  { name: "@better-auth/oauth-provider", module: "better-auth", folder: here },
];

/** Starts a server, and calls `action` with the arguments with which the suite tests it. */
async function withServer({ module }, action) {
  const child = spawnGuarded(tools.node, [join(here, "servers", `${module}.mjs`)], { signal: "SIGTERM", cwd: here });
  let output = "";
  try {
    const issuer = await new Promise((resolve, reject) => {
      child.once("close", () => reject(new Error(`${module} ended:\n${output}`)));
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => {
          const [, found] = (output += text).match(/^\{"issuer":"(.+)"\}$/m) ?? [];
          if (found) resolve(found);
        });
      }
    });
    return await action([issuer, "--insecure", "--rate", "0"]);
  } finally {
    child.stdin.end();
  }
}

const scratch = mkdtempSync(join(tmpdir(), "rollcall-peers-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

function report(args) {
  const json = join(scratch, "report.json");
  const child = spawnGuarded(tools.node, [join(root, "conformance", "run.mjs"), ...args, "--json", json], { signal: "SIGKILL" });
  child.stdout.resume();
  child.stderr.resume();
  return new Promise((resolve) => child.once("close", () => resolve(JSON.parse(readFileSync(json, "utf8")))));
}

const wanted = process.argv.slice(2);
const rows = [];
for (const peer of PEERS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))) {
  const result = await withServer(peer, report);
  rows.push({ name: peer.name, version: versionOf(peer.folder, peer.name), ...result });
  console.log(showTable(rows.slice(-1)));
}
if (wanted.length === 0) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  rows.push({ name: "Rollcall", version, ...(await withServer({ module: "rollcall" }, report)) });
}
console.log(`\n${showTable(rows)}\n\n${showFailures(rows)}`);

if (process.env.UPDATE_DOCS && wanted.length === 0) {
  const path = join(root, "docs", "conformance.md");
  const page = readFileSync(path, "utf8");
  const [begin, end] = ["<!-- npm run peers writes from here -->\n", "<!-- to here -->"];
  const [before, after] = [page.split(begin)[0], page.split(end)[1]];
  writeFileSync(path, `${before}${begin}\n${showTable(rows)}\n\n${showFailures(rows)}\n\n${end}${after}`);
  console.log("\ndocs/conformance.md is written");
}
