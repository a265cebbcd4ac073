// The operator at the command line and over HTTP, and the other parties that a test of theirs needs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { admin } from "../../../scripts/admin.mjs";
import { Terminal } from "../../../scripts/lib/terminal.mjs";
import { ending } from "./processes.mjs";
import { record as stored } from "./records.mjs";

export const ADMIN_TOKEN = "an operator's secret of 32 bytes at least";
export const AS_TOKEN = "an authorization server's secret of 32 bytes";
export const DAY = 24 * 60 * 60;
/** The script of `npm run admin`. */
export const script = fileURLToPath(new URL("../../../scripts/admin.mjs", import.meta.url));

export const vars = {
  ISSUER: "https://auth.example.com",
  METADATA: { authorization_endpoint: "/authorize", token_endpoint: "/token" },
  REGISTRATION: { mode: "tiered" },
  ADMIN_TOKEN,
  AS_TOKEN,
};

const environment = (server, env) => ({ ...process.env, ADMIN_TOKEN, ISSUER: server.url, ...env });

/** Runs the command line in a process of its own, as an operator does. */
export function cliProcess(server, args, { input = "", env = {}, file = script } = {}) {
  const child = spawn(process.execPath, [file, ...args], { env: environment(server, env) });
  child.stdin.on("error", () => {}).end(input);
  return ending(child);
}

/** Runs the command line in this process, which takes a tenth of the CPU time of a process of its own. */
export async function cli(server, args, { input = "", env = {}, command = admin } = {}) {
  const printed = { stdout: "", stderr: "" };
  const write = (name) => (text, encoding, done) => ((printed[name] += text), done());
  const [stdout, stderr] = Object.keys(printed).map((name) => new Writable({ decodeStrings: false, write: write(name) }));
  const terminal = new Terminal({ env: environment(server, env), stdin: Readable.from([Buffer.from(input)]), stdout, stderr });
  const code = await terminal.run(() => command(args, terminal));
  return { code, ...printed };
}

/** The output of a command, which has to succeed. */
export async function output(server, args, more) {
  const { code, stdout, stderr } = await cli(server, args, more);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

export const parsed = (ndjson) => ndjson.split("\n").filter(Boolean).map((line) => JSON.parse(line));
export async function listed(server, ...options) {
  return parsed(await output(server, ["list", "--json", ...options])).map(({ client_id }) => client_id);
}

export async function ask(server, method, path, { bearer, body, type = "application/json" } = {}) {
  const headers = { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { "content-type": type }) };
  const answer = await fetch(`${server.url}${path}`, { method, headers, body });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
}

export async function register(server, client_name, bearer) {
  const body = JSON.stringify({ redirect_uris: ["https://app.example/cb"], client_name });
  const { status, body: client } = await ask(server, "POST", "/reg", { bearer, body });
  assert.equal(status, 201, JSON.stringify(client));
  return client;
}

export const own = (server, { client_id }, token) => ask(server, "GET", `/reg/${client_id}`, { bearer: token });
export const lookUp = (server, { client_id }) => ask(server, "GET", `/as/clients/${client_id}`, { bearer: AS_TOKEN });
export function authenticate(server, { client_id }, client_secret) {
  const body = JSON.stringify({ client_id, client_secret });
  return ask(server, "POST", "/as/clients/authenticate", { bearer: AS_TOKEN, body });
}

export const record = (more = {}, client_name = "made up") => stored(client_name, more);

export const lines = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join("");

/** A server that answers with what `answer` returns: what the real one does too rarely to wait for. */
export async function pretend(answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    requests.push({ url: request.url, body: await text(request) });
    const { status = 200, headers, body } = answer(requests.at(-1), requests.length);
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, requests, stop: () => server.close() };
}
