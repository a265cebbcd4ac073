// The two configuration files of this example for another port than theirs: the port is part of the issuer.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Writes both for the issuer `url` into `folder`, each changed by `edit`. Returns their paths, the server's first. */
export function configure(url, folder, edit = (text) => text) {
  mkdirSync(folder, { recursive: true });
  return ["wrangler.toml", "rollcall.toml"].map((name) => {
    const text = readFileSync(join(here, name), "utf8")
      .replaceAll("http://localhost:8787", url)
      .replace('"../../build/index.js"', JSON.stringify(join(root, "build", "index.js")))
      .replace('"worker.mjs"', JSON.stringify(join(here, "worker.mjs")));
    const file = join(folder, `${new URL(url).port}-${name}`);
    writeFileSync(file, edit(text));
    return file;
  });
}
