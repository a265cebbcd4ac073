// The processes of this machine, as far as a test needs them.

import { spawnSync } from "node:child_process";
import { once } from "node:events";

/** How a child process ends, and what it has printed by then: `{ code, stdout, stderr }`. */
export async function ending(child) {
  const output = { stdout: "", stderr: "" };
  for (const name of Object.keys(output)) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  const [code] = await once(child, "close");
  return { code, ...output };
}

/** All that `ancestor` has started, directly or not: `{ pid, parent, residentBytes, command }`. */
export function descendants(ancestor) {
  const { stdout, error } = spawnSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,rss=,args="], {
    encoding: "utf8",
  });
  if (error) throw error;
  const all = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().match(/^(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/))
    .filter(Boolean)
    .map(([, pid, parent, kib, command]) => ({
      pid: Number(pid),
      parent: Number(parent),
      residentBytes: Number(kib) * 1024,
      command,
    }));
  const below = (pid) =>
    all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one.pid)]);
  return below(ancestor);
}
