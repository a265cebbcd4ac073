// The frame of every client in JavaScript: it takes its steps, and prints a line for each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** The issuer of the current run. */
export let issuer;
/** An MCP server that names the issuer. */
export let mcp;
export const kinds = JSON.parse(readFileSync(new URL("../kinds.json", import.meta.url), "utf8"));

/** Begins the steps of a client with an issuer. */
export function begin(...urls) {
  [issuer, mcp] = urls;
}

/** The steps of a library, by the folder it is installed in below node_modules. */
export function stepsOf(folder) {
  const manifest = new URL(`../../../node_modules/${folder}/package.json`, import.meta.url);
  const { name: library, version } = JSON.parse(readFileSync(manifest, "utf8"));
  return async function step(name, action) {
    const print = (ok, detail) => console.log(JSON.stringify({ issuer, library, version, step: name, ok, detail }));
    try {
      const result = await action();
      print(true, "");
      return result;
    } catch (error) {
      print(false, String(error?.stack ?? error));
    }
  };
}

/** The answer to a registration: all that was sent, `instead` of what its kind has, and the credentials. */
export function holds(kind, client, instead = {}) {
  const sent = { ...kinds[kind], ...instead };
  for (const [member, value] of Object.entries(sent)) assert.deepEqual(client[member], value, member);
  assert.match(client.client_id, /^[\w-]{22,}$/);
  assert.ok(Number.isInteger(client.client_id_issued_at));
  if (kind.startsWith("secret_")) {
    assert.match(client.client_secret, /^[\w-]{86}$/);
    assert.equal(client.client_secret_expires_at, 0);
  } else {
    assert.equal(client.client_secret, undefined);
  }
  return client;
}

/** The metadata with which an update replaces a client of kind `secret_basic`. */
export const update = ({ client_id }) => ({ ...kinds.secret_basic, client_id, client_name: "A renamed server" });
