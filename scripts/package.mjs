// npm run package: makes dist/rollcall-X.Y.Z.tgz, an npm package of what is built. It needs no Rust and no compiler where
// it is installed. Nothing is published. The same sources give the same bytes.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { home as root } from "./lib/installation.mjs";
import { prepareBundle } from "./lib/prepare.mjs";
import { Hint } from "./lib/process.mjs";

/** The command, and what its commands import. */
const COMMANDS = ["rollcall", "start", "init", "doctor", "token", "admin", "deploy"];
const LIBRARY = ["cache", "checkup", "clients", "documents", "guard", "hosted", "installation", "issuer", "lines", "needs", "operator", "operator-documents", "ports", "prepare", "process", "require", "settings", "statement-keys", "terminal", "transfer", "upgrade", "wrangler"];

const FILES = [
  ...["index.js", "index_bg.wasm", "checkup/checkup.js", "checkup/checkup_bg.wasm"].map((name) => `build/${name}`),
  ...COMMANDS.map((name) => `scripts/${name}.mjs`),
  ...LIBRARY.map((name) => `scripts/lib/${name}.mjs`),
  ...["scripts/settings.json", "public", ".dev.vars.example", "CHANGELOG.md", "LICENSE", "SECURITY.md"],
];

/** The text of the package's `wrangler.toml`: ours without the build, with the package's commands. */
export function template(text = readFileSync(join(root, "wrangler.toml"), "utf8")) {
  return text
    .replace(/^\[build\]\n(.+\n)+\n/m, "")
    .replace(/npm run (\w+) -- /g, "npx rollcall $1 ")
    .replace(/npm run (\w+)/g, "npx rollcall $1")
    .replaceAll("node scripts/wrangler.mjs", "npx wrangler");
}

function manifest() {
  const { name, version, description, license, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return {
    name,
    version,
    description,
    license,
    type: "module",
    bin: { rollcall: "scripts/rollcall.mjs" },
    engines: { node: ">=22.12" },
    dependencies: { wrangler: devDependencies.wrangler },
  };
}

/** Fills `folder` with the files of the package. */
function assemble(folder) {
  rmSync(folder, { recursive: true, force: true });
  const write = (name, text) => (mkdirSync(dirname(join(folder, name)), { recursive: true }), writeFileSync(join(folder, name), text));
  for (const name of FILES) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of readdirSync(join(root, "docs"))) if (name.endsWith(".md")) cpSync(join(root, "docs", name), join(folder, "docs", name));
  write("package.json", `${JSON.stringify(manifest(), null, 2)}\n`);
  write("wrangler.toml", template());
  write("README.md", readFileSync(join(root, "docs", "package.md"), "utf8").replace(/\]\((?=[\w-]+\.md)/g, "](docs/").replaceAll("](../", "]("));
  // The modes must not depend on the umask of the packer.
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name);
    chmodSync(path, statSync(path).isDirectory() || name === join("scripts", "rollcall.mjs") ? 0o755 : 0o644);
  }
}

/** Makes the package of a bundle that is up to date; returns its path, size in bytes and SHA-256. */
export async function makePackage(dist = join(root, "dist")) {
  const { env } = await prepareBundle({ checkup: true });
  const folder = join(dist, "package");
  assemble(folder);
  const { status, stdout, stderr } = spawnSync("npm", ["pack", "--json", "--pack-destination", dist], { cwd: folder, env, encoding: "utf8" });
  if (status !== 0) throw new Hint(`npm pack failed:\n${stderr}`);
  const path = join(dist, JSON.parse(stdout)[0].filename);
  const bytes = readFileSync(path);
  return { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, bytes, sha256 } = await makePackage();
  console.log(`${path}: ${bytes} bytes\nSHA-256 ${sha256}`);
}
