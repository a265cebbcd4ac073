// The example of an authorization server that is itself a Worker, to be started by a test.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The example's own configuration, for another port, and from another folder. */
export function configure(url, folder, edit = (text) => text) {
  return ["wrangler.toml", "rollcall.toml"].map((name) => {
    const text = readFileSync(join(root, "examples", "worker-as", name), "utf8")
      .replaceAll("http://localhost:8787", url)
      .replace('"../../build/index.js"', JSON.stringify(join(root, "build", "index.js")))
      .replace('"worker.mjs"', JSON.stringify(join(root, "examples", "worker-as", "worker.mjs")));
    const file = join(folder, `${new URL(url).port}-${name}`);
    writeFileSync(file, edit(text));
    return file;
  });
}
