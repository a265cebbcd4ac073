// The counter of the work budget: found on this machine, or installed where that is ours to do.

import { existsSync } from "node:fs";

import { Hint, announce, run, succeeds } from "./process.mjs";

/** Makes sure that there is a valgrind in the PATH; installs it on Debian and its kin, as root or with sudo. */
export function requireValgrind() {
  if (succeeds("valgrind", ["--version"])) return;
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const ours = existsSync("/etc/debian_version") && (sudo.length === 0 || succeeds("sudo", ["-n", "true"]));
  if (!ours) throw new Hint("The work budget is counted with valgrind: install it and try again.");
  announce("Installing valgrind, for the work budget", () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const [command, ...args] = [...sudo, "apt-get"];
    run(command, [...args, "update", "-qq"], { env });
    run(command, [...args, "install", "-y", "-qq", "valgrind"], { env });
  });
}
