// Python programs that tests run: each in a virtual environment of its own, made once.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { atomically, toolsDir } from "./cache.mjs";
import { Hint, announce, run } from "./process.mjs";

const MINIMUM = [3, 11]; // what the packages that we pin ask for
// Python uses this bytecode without comparing file times. In a restored cache or a copy, the times would differ, and each run
// would compile every module that it imports.
const BYTECODE = ["--invalidation-mode", "unchecked-hash"];

/** The python of the environment with these requirements, which are installed if it is not there yet. */
export async function venv(name, requirementsFile) {
  const version = requirePython();
  const requirements = readFileSync(requirementsFile);
  const hash = createHash("sha256").update(version).update(BYTECODE.join()).update(requirements).digest("hex").slice(0, 16);
  const home = join(toolsDir, `python-${name}-${hash}`);
  const python = join(home, "bin", "python");
  if (existsSync(python)) return python;
  await announce(`Installing the Python packages for ${name}`, () =>
    atomically(home, (temporary) => {
      run("python3", ["-m", "venv", temporary]);
      const options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-compile"];
      run(join(temporary, "bin", "python"), ["-m", "pip", "install", ...options, "-r", requirementsFile]);
      relocate(join(temporary, "bin"), temporary, home);
      // Some packages contain a file that this version of Python cannot compile.
      run(join(temporary, "bin", "python"), ["-m", "compileall", "-qq", "-j", "0", ...BYTECODE, join(temporary, "lib")], { mayFail: true });
    }),
  );
  return python;
}

function requirePython() {
  const script = "import ensurepip, sys, venv; print(*sys.version_info[:3])";
  const { error, status, stdout } = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  const needed = `Python ${MINIMUM.join(".")} or newer`;
  if (error) throw new Hint(`python3 is missing: install ${needed} and try again.`);
  if (status !== 0) {
    throw new Hint(`python3 lacks its venv module: install it (Debian and Ubuntu: apt install python3-venv).`);
  }
  const [major, minor] = stdout.split(" ").map(Number);
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    throw new Hint(`python3 is Python ${major}.${minor}: install ${needed} and try again.`);
  }
  return stdout;
}

/** The programs of an environment name its place in their first line. */
function relocate(bin, from, to) {
  for (const name of readdirSync(bin)) {
    const path = join(bin, name);
    if (!lstatSync(path).isFile()) continue; // a link to the interpreter
    const text = readFileSync(path, "utf8");
    if (text.includes(from)) writeFileSync(path, text.replaceAll(from, to));
  }
}
