// worker-build, which builds the Rust floor of the benchmark. On Linux the published crate needs OpenSSL's development
// files, for downloads that it makes only where no `*_BIN` variable is set; here they all are. So it is built from a copy
// without that feature, and a machine with Rust and a C compiler is enough.

import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { cargoTool } from "../../scripts/lib/cargo-tools.mjs";
import { Hint, runAsync } from "../../scripts/lib/process.mjs";
import { lockedVersion, root } from "../../scripts/lib/repository.mjs";

/** The command and the environment that build a Worker with the project's own tools. */
export async function workerBuildTool(tools) {
  const version = lockedVersion("worker", join(root, "bench", "floor-wasm", "Cargo.lock"));
  const variables = { WASM_BINDGEN_BIN: tools.wasmBindgen, WASM_OPT_BIN: tools.wasmOpt, ESBUILD_BIN: tools.esbuild };
  return { command: await workerBuild(version), env: { ...tools.env, ...variables } };
}

function workerBuild(version) {
  return cargoTool("worker-build", version, async (temporary, options) => {
    // Unpacks the source below cargo's home, whichever registry or mirror the user has configured.
    await runAsync("cargo", ["info", `worker-build@${version}`], { ...options, stdio: "ignore" });
    const sources = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "registry", "src");
    const source = readdirSync(sources)
      .map((registry) => join(sources, registry, `worker-build-${version}`))
      .find((path) => existsSync(join(path, ".cargo-ok")));
    if (!source) throw new Hint(`cargo did not unpack worker-build ${version} below ${sources}.`);
    const copy = join(temporary, "source");
    cpSync(source, copy, { recursive: true });
    const manifest = join(copy, "Cargo.toml");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/^\s*"native-tls",\n/m, ""));
    // Removes from the crate's own Cargo.lock what that feature needed, and changes no version in it.
    await runAsync("cargo", ["metadata", "--format-version", "1", "--manifest-path", manifest], { ...options, stdio: "ignore" });
    return ["--path", copy, "--bin", "worker-build"];
  });
}
