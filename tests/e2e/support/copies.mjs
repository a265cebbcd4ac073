// Many records in the simulated KV, without a request for each of them.

import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Copies records of a server in its store and restarts it. `copies` has the identifiers of the copies by that of the stored
 * client. The simulator keeps a row for each key in SQLite, and its value in a file.
 */
export async function copyRecords(server, copies) {
  const { DatabaseSync } = await import("node:sqlite");
  await server.halt();
  const names = readdirSync(server.folder, { recursive: true });
  const blobs = join(server.folder, names.find((name) => /\bkv\b.*\bblobs$/.test(name)));
  let copied = 0;
  for (const name of names.filter((one) => /\bkv\b.*\.sqlite$/.test(one))) {
    const store = new DatabaseSync(join(server.folder, name));
    if (store.prepare("SELECT 1 FROM sqlite_master WHERE name = '_mf_entries'").get()) copied += copyRows(store, blobs, copies);
    store.close();
  }
  if (copied !== [...copies.values()].flat().length) throw new Error(`${copied} records were copied`);
  await server.start();
}

/** Copies the rows and values of one store; returns how many there are. */
function copyRows(store, blobs, copies) {
  const rows = store.prepare("SELECT key, blob_id, expiration, metadata FROM _mf_entries").all();
  const insert = store.prepare("INSERT INTO _mf_entries (key, blob_id, expiration, metadata) VALUES (?, ?, ?, ?)");
  let copied = 0;
  store.exec("BEGIN");
  for (const { key, blob_id, expiration, metadata } of rows) {
    const stored = key.split(":").at(-1);
    const value = readFileSync(join(blobs, blob_id), "utf8");
    for (const client_id of copies.get(stored) ?? []) {
      const blob = randomBytes(blob_id.length / 2).toString("hex");
      writeFileSync(join(blobs, blob), value.replaceAll(stored, client_id));
      insert.run(key.replace(stored, client_id), blob, expiration, metadata);
      copied += 1;
    }
  }
  store.exec("COMMIT");
  return copied;
}
