// The npm package: installed and used in an empty folder, where there is Node and npm, and no Rust and no C compiler.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";

import { freePort } from "../../scripts/lib/ports.mjs";
import { spawnGuarded } from "../../scripts/lib/process.mjs";
import { makePackage } from "../../scripts/package.mjs";
import { root, setup } from "../../scripts/setup.mjs";
import { ending } from "./support/processes.mjs";

const MOST_BYTES = 1_200_000;
const START_MS = 60_000;
const ADMIN_TOKEN = "an operator's secret of 32 bytes at least";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-package-")));
const folder = join(scratch, "empty");
const bin = join(scratch, "bin");
// Node would keep the compiled code of this copy of wrangler for ever.
const kept = { ROLLCALL_TOOLS_DIR: scratch, NODE_COMPILE_CACHE: join(scratch, "compiled-javascript") };
const env = { ...process.env, ...kept, PATH: bin, XDG_CONFIG_HOME: join(scratch, "config"), ADMIN_TOKEN, npm_config_update_notifier: "false" };
// Else npm takes the folder of `npm test` for its own.
for (const name of Object.keys(env)) if (/^npm_(config_(local_)?prefix|lifecycle|package|command|execpath)/.test(name)) delete env[name];
let tarball;

/** Runs a command of the `bin` folder in the folder of the package; `more` are variables of its environment. */
async function inFolder(command, args, more = {}) {
  const child = spawn(join(bin, command), args, { cwd: folder, env: { ...env, ...more }, stdio: ["ignore", "pipe", "pipe"] });
  const { code, stdout, stderr } = await ending(child);
  return { code, output: stdout + stderr };
}

/** Runs the package's command without npx, which takes longer than most commands. */
const rollcall = (args, more) => inFolder("node", [join("node_modules", ".bin", "rollcall"), ...args], more);

/** The same, of a command that has to succeed: what it prints. */
async function said(args, more) {
  const { code, output } = await rollcall(args, more);
  assert.equal(code, 0, `${args.join(" ")}: ${output}`);
  return output;
}

/** Starts the server by the package's command; resolves once it answers. */
async function start(port) {
  const from = Date.now();
  const child = spawnGuarded(join(bin, "npx"), ["rollcall", "start", "--port", String(port)], { cwd: folder, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const url = `http://localhost:${port}`;
  const answers = () => fetch(`${url}/not-a-path`).then((answer) => answer.status === 404, () => false);
  while (!(await answers())) {
    if (child.exitCode !== null || Date.now() - from > START_MS) throw new Error(`it does not answer:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  console.log(`rollcall start answered after ${((Date.now() - from) / 1000).toFixed(1)} s`);
  const ended = ending(child);
  return { url, stop: () => (child.stdin.end(), ended) };
}

before(async () => {
  mkdirSync(folder);
  mkdirSync(bin);
  const { node } = await setup({ rust: false, bindgen: false });
  symlinkSync(node, join(bin, "node"));
  const folders = process.env.PATH.split(delimiter);
  for (const name of ["npm", "npx", "sh"]) {
    const found = folders.map((one) => join(one, name)).find((path) => existsSync(path));
    symlinkSync(realpathSync(found), join(bin, name));
  }
  tarball = await makePackage(join(scratch, "dist"));
  const args = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", tarball.path];
  const { code, output } = await inFolder("npm", args);
  assert.equal(code, 0, output);
});
after(() => rmSync(scratch, { recursive: true, force: true }));

test("package is the same, byte for byte, when it is made twice, and small", async () => {
  const again = await makePackage(join(scratch, "again"));
  assert.ok(readFileSync(tarball.path).equals(readFileSync(again.path)));
  assert.ok(tarball.bytes < MOST_BYTES, `${tarball.bytes} bytes`);
});

test("package needs neither cargo nor a C compiler, and depends on the tested wrangler only", () => {
  for (const name of ["cargo", "rustc", "rustup", "cc", "gcc", "clang"]) {
    assert.equal(spawnSync(name, ["--version"], { env }).error?.code, "ENOENT", name);
  }
  const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));
  const { version, dependencies, engines, scripts } = read(folder, "node_modules", "rollcall", "package.json");
  const ours = read(root, "package.json");
  assert.equal(version, ours.version);
  assert.deepEqual(dependencies, { wrangler: ours.devDependencies.wrangler });
  assert.deepEqual([engines, scripts], [{ node: ">=22.12" }, undefined]);
});

test("commands tell how they are called in the package, and an old Node gets one sentence", async () => {
  const help = await said(["--help"]);
  for (const name of ["start", "init", "doctor", "token", "admin", "deploy"]) {
    assert.match(help, new RegExp(`^ {2}${name} `, "m"));
    const own = await said([name, "--help"]);
    assert.match(own, new RegExp(`^npx rollcall ${name}\\b`));
    assert.doesNotMatch(own, /npm run|scripts\//);
  }
  assert.match((await rollcall(["strat"])).output, /^There is no command "strat"; there are: start, /);

  const old = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})`;
  const { code, output } = await inFolder("node", ["--import", old, join("node_modules", "rollcall", "scripts", "rollcall.mjs"), "start"]);
  assert.deepEqual([code, output], [1, "Rollcall needs Node 22.12 or newer; this is Node 20.19.0.\n"]);
});

test("client that is registered with rollcall start is there after init and a restart", { timeout: 180_000 }, async () => {
  assert.match((await rollcall(["doctor"])).output, /^There is no wrangler\.toml in this folder\. Write one with: npx rollcall init$/m);
  const port = await freePort();
  const first = await start(port);
  let client;
  try {
    const body = JSON.stringify({ client_name: "Packed", redirect_uris: ["http://localhost:9000/callback"] });
    const answer = await fetch(`${first.url}/reg`, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(answer.status, 201);
    client = await answer.json();
    assert.match(await (await fetch(`${first.url}/`)).text(), /<title>/);
    assert.equal((await fetch(`${first.url}/openapi.json`)).status, 200);
  } finally {
    await first.stop();
  }

  writeFileSync(join(folder, ".dev.vars"), `ADMIN_TOKEN="${ADMIN_TOKEN}"\n`);
  assert.match(await said(["init"]), /^wrangler\.toml is written\.\n\.dev\.vars\.example is written\.\n$/);
  const again = await start(port);
  try {
    const headers = { authorization: `Bearer ${client.registration_access_token}` };
    const answer = await fetch(client.registration_client_uri, { headers });
    assert.deepEqual([answer.status, (await answer.json()).client_name], [200, "Packed"]);
    const operator = { ISSUER: again.url };
    assert.ok((await said(["admin", "list"], operator)).includes(client.client_id));
    assert.match(await said(["token", "--label", "test"], operator), /^[\w-]{43,}\n/);
  } finally {
    await again.stop();
  }
});

test("init leaves what exists, and its wrangler.toml names commands of the package only", async () => {
  const file = join(folder, "wrangler.toml");
  const written = readFileSync(file, "utf8");
  assert.match(written, /^# Written by Rollcall \d+\.\d+\.\d+\n/);
  assert.match(written, /^main = "node_modules\/rollcall\/build\/index\.js"$/m);
  assert.match(written, /^directory = "node_modules\/rollcall\/public"$/m);
  assert.doesNotMatch(written, /\[build\]|npm run|scripts\//);
  assert.match(await said(["init"]), /^wrangler\.toml exists, and stays as it is\./);
  assert.equal(readFileSync(file, "utf8"), written);
});

test("doctor checks the written file, and tells what is new since the version that wrote it", async () => {
  const file = join(folder, "wrangler.toml");
  const fresh = readFileSync(file, "utf8");
  const shipped = await rollcall(["doctor"]);
  assert.match(shipped.output, /FATAL +ISSUER is not set/);
  assert.doesNotMatch(shipped.output, /written by|is not as Rollcall/);
  assert.equal(shipped.code, 1);

  const sound = fresh
    .replace('ISSUER = ""', 'ISSUER = "https://auth.example.com"')
    .replace(/^#(authorization_endpoint|token_endpoint|authorization_response_iss)/gm, "$1");
  writeFileSync(file, sound);
  assert.match(await said(["doctor", "--strict"]), /\n0 fatal, 0 warnings\n/);

  writeFileSync(file, sound.replace(/^# Written by Rollcall .*/, "# Written by Rollcall 0.0.1").replace("2026-11-01", "2026-01-01"));
  const older = await said(["doctor"]);
  assert.match(older, /written by Rollcall 0\.0\.1; this is \d/);
  assert.match(older, /new: ISSUER, .*REGISTRATION\.mode/);
  assert.match(older, /warning +compatibility_date is not as Rollcall \S+ ships it\n(?:.*\n)+? +\w+: +Set it to "2026-11-01"/);
  writeFileSync(file, sound);
});

test("deploy uploads the bundle and the pages without compiling", async () => {
  const out = join(scratch, "out");
  const output = await said(["deploy", "--dry-run", "--outdir", out]);
  assert.match(output, /Read \d+ files from the assets directory \S+node_modules\/rollcall\/public\n/);
  assert.match(output, /env\.CLIENTS /);
  assert.match(readFileSync(join(out, "index.js"), "utf8"), /-index_bg\.wasm"/);
});
