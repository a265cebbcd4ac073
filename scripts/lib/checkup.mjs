// The program that runs the checks of a configuration: the Worker's own, for this machine.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { digestOfSources } from "../build.mjs";
import { root } from "../setup.mjs";
import { Hint } from "./process.mjs";

/**
 * The path of the program, which is built unless there is one of these sources. It is a copy: cargo would let a caller
 * wait for whatever else it is building.
 */
export function checkupProgram() {
  const home = join(root, "target", "checkup");
  const program = join(home, digestOfSources().slice(0, 16));
  if (existsSync(program)) return program;
  const args = ["build", "--quiet", "--locked", "--bin", "checkup", "--target-dir", join(root, "target")];
  const { status, stderr } = spawnSync("cargo", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Hint(`The checks could not be built:\n${stderr}`);
  mkdirSync(home, { recursive: true });
  const temporary = mkdtempSync(join(dirname(home), ".checkup-"));
  copyFileSync(join(root, "target", "debug", "checkup"), join(temporary, "checkup"));
  renameSync(join(temporary, "checkup"), program);
  rmSync(temporary, { recursive: true });
  return program;
}
