// The wasm-bindgen CLI. Its version has to be that of the library. A published binary is used only if its SHA-256 is
// recorded in scripts/downloads.json; `npm run release` records them. Without a record, cargo builds scripts/bindgen: the
// same with fewer options, in less than half the time.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

import { atomically, toolsDir } from "./cache.mjs";
import { cargoTool } from "./cargo-tools.mjs";
import { Hint, announce } from "./process.mjs";
import { lockedVersion, root } from "./repository.mjs";

/** The recorded digests, by file name. */
export const DIGESTS = join(root, "scripts", "downloads.json");

/** The crate of the command that is built if no digest is recorded. */
const BINDGEN = join(root, "scripts", "bindgen");

const RELEASES = "https://github.com/wasm-bindgen/wasm-bindgen/releases/download";
const DOWNLOAD_SECONDS = 30; // without internet the connection fails long before
const PLATFORMS = {
  "linux x64": "x86_64-unknown-linux-musl",
  "linux arm64": "aarch64-unknown-linux-musl",
  "darwin x64": "x86_64-apple-darwin",
  "darwin arm64": "aarch64-apple-darwin",
};

const archiveOf = (version, platform) => `wasm-bindgen-${version}-${platform}.tar.gz`;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The path of the CLI, which is downloaded or built if it is missing. `releases` may name a mirror. */
export async function findWasmBindgen(releases = process.env.ROLLCALL_DOWNLOADS || RELEASES) {
  const version = lockedVersion("wasm-bindgen");
  const home = join(toolsDir, `wasm-bindgen-${version}`);
  const binary = join(home, "bin", "wasm-bindgen");
  if (existsSync(binary)) return binary;
  const platform = PLATFORMS[`${process.platform} ${process.arch}`];
  const digest = JSON.parse(readFileSync(DIGESTS, "utf8"))[archiveOf(version, platform)];
  if (digest) {
    const download = () => downloadTo(home, { releases, version, platform, digest });
    if (await announce(`Downloading wasm-bindgen ${version}`, download)) return binary;
  }
  const own = lockedVersion("wasm-bindgen-cli-support", join(BINDGEN, "Cargo.lock"));
  if (own !== version) {
    const update = "cargo update --workspace --manifest-path scripts/bindgen/Cargo.toml";
    throw new Hint(`scripts/bindgen has wasm-bindgen ${own}, but Cargo.lock has ${version}. Write ${version} in both places of scripts/bindgen/Cargo.toml, then run: ${update}`);
  }
  return cargoTool("wasm-bindgen", version, () => ["--path", BINDGEN]);
}

async function downloadTo(home, { releases, version, platform, digest }) {
  try {
    const archive = await download(releases, version, platform);
    if (sha256(archive) !== digest) throw new Error(`its SHA-256 is ${sha256(archive)}, and ${digest} is recorded`);
    await atomically(home, (temporary) => {
      execFileSync("tar", ["-xzf", "-", "-C", temporary], { input: archive });
      mkdirSync(join(temporary, "bin"));
      const binary = join(temporary, "bin", "wasm-bindgen");
      renameSync(join(temporary, `wasm-bindgen-${version}-${platform}`, "wasm-bindgen"), binary);
      chmodSync(binary, 0o755);
      execFileSync(binary, ["--version"]);
    });
    return true;
  } catch (error) {
    console.log(`  The download cannot be used: ${error.cause?.message ?? error.message}.`);
    return false;
  }
}

async function download(releases, version, platform) {
  const signal = AbortSignal.timeout(DOWNLOAD_SECONDS * 1000);
  const response = await fetch(`${releases}/${version}/${archiveOf(version, platform)}`, { signal });
  if (!response.ok) throw new Error(`the server responded with status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** The digests of the published binaries of the locked version for all platforms, by file name; throws without network access. */
export async function publishedDigests(releases = process.env.ROLLCALL_DOWNLOADS || RELEASES) {
  const version = lockedVersion("wasm-bindgen");
  const digests = {};
  for (const platform of Object.values(PLATFORMS)) {
    digests[archiveOf(version, platform)] = sha256(await download(releases, version, platform));
  }
  return digests;
}
