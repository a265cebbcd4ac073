// The processes of this machine, as far as tests need them.

import { spawnSync } from "node:child_process";
import { once } from "node:events";

/** How a child process ends, and what it has printed by then: `{ code, stdout, stderr }`. */
export async function ending(child) {
  const output = { stdout: "", stderr: "" };
  for (const name of Object.keys(output)) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  const [code] = await once(child, "close");
  return { code, ...output };
}

/** The memory that a process holds, in bytes. */
export function residentBytes(pid) {
  const { stdout, error } = spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  if (error || stdout === "") throw error ?? new Error(`there is no process ${pid}`);
  return Number(stdout) * 1024;
}
