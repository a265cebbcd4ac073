// The processes that are measured: workerd itself, without wrangler, and node. Whatever happens, none stays behind.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { spawnGuarded } from "../../scripts/lib/process.mjs";
import { root } from "../../scripts/setup.mjs";

const START_MS = 30_000;
const workerd = join(root, "node_modules", "workerd", "bin", "workerd");
const settings = readFileSync(join(root, "wrangler.toml"), "utf8");
const compatibilityDate = settings.match(/^compatibility_date = "(.+)"/m)[1];
const compatibilityFlags = settings.match(/^compatibility_flags = (\[.+\])/m)[1];

/** The servers get a core of their own where there is one; we take another. */
const pinned = availableParallelism() > 1 && spawnSync("taskset", ["-c", "1", "true"]).status === 0;
const pin = pinned ? ["taskset", "-c", "1"] : [];
export const pinOurselves = () => pinned && spawnSync("taskset", ["-a", "-c", "-p", "0", String(process.pid)]);
export const isPinned = pinned;

/** Tells its process id, then becomes the server; descriptor 3 is where that announces its ports, logs go nowhere. */
const LAUNCH = 'exec 3>&1 >/dev/null; echo "{\\"pid\\":$$}" >&3; exec "$@"';

export class Server {
  constructor(contestant, scratch) {
    Object.assign(this, { contestant, ports: {}, errors: "" });
    this.command = contestant.node ? [process.execPath, contestant.node] : workerdCommand(contestant, scratch);
  }

  /** Resolves when it listens; `launched` is the moment it began, by `performance.now()`. */
  start() {
    this.ports = {};
    this.child = spawnGuarded("sh", ["-c", LAUNCH, "sh", ...pin, ...this.command], { signal: "SIGKILL", cwd: root });
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.errors = (this.errors + text).slice(-4000)));
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${this.contestant.name} ${why}:\n${this.errors}`));
      const timer = setTimeout(fail, START_MS, "did not start in time");
      this.child.once("close", () => (clearTimeout(timer), fail("ended")));
      let rest = "";
      this.child.stdout.setEncoding("utf8").on("data", (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop();
        for (const { pid, socket, port } of lines.map((line) => JSON.parse(line))) {
          if (pid) Object.assign(this, { pid, launched: performance.now() });
          else this.ports[socket] = port;
        }
        if (this.ports.http && this.ports.control) resolve(clearTimeout(timer));
      });
    });
  }

  async stop() {
    if (!this.child || this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("close", resolve));
    this.child.stdin.end();
    await ended;
  }

  /** What the stub has counted since it was last asked. */
  async stub(path = "/") {
    const answer = await fetch(`http://127.0.0.1:${this.ports.control}${path}`);
    return answer.json();
  }

  /** CPU seconds of all its threads, user and system; by the nanosecond where the kernel counts them. */
  cpu() {
    const tasks = `/proc/${this.pid}/task`;
    try {
      const nanoseconds = (id) => Number(readFileSync(`${tasks}/${id}/schedstat`, "utf8").split(" ")[0]);
      return readdirSync(tasks).reduce((sum, id) => sum + nanoseconds(id), 0) / 1e9;
    } catch {
      const fields = readFileSync(`/proc/${this.pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    }
  }

  /** Resident memory in bytes. */
  memory() {
    return Number(readFileSync(`/proc/${this.pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB/m)[1]) * 1024;
  }
}

function workerdCommand(contestant, scratch) {
  const home = join(scratch, contestant.name);
  mkdirSync(home, { recursive: true });
  const entry = `import worker from "./index.js";
import { onStub } from "./wrap.mjs";
export { Control } from "./wrap.mjs";
export * from "./index.js";
export default onStub(worker);
`;
  writeFileSync(join(home, "entry.mjs"), entry);
  const files = { "wrap.mjs": join(root, "bench/stub/wrap.mjs"), "kv.mjs": join(root, "bench/stub/kv.mjs") };
  Object.assign(files, contestant.modules(scratch));
  for (const [name, path] of Object.entries(files)) copyFileSync(path, join(home, name));
  copyFileSync(join(root, "bench/stub/web.mjs"), join(home, "web.mjs"));
  writeFileSync(join(home, "config.capnp"), config(["entry.mjs", ...Object.keys(files)], contestant.vars));
  return [workerd, "serve", "--control-fd=3", join(home, "config.capnp")];
}

function config(modules, vars) {
  const text = JSON.stringify;
  const kind = (name) => (name.endsWith(".wasm") ? "wasm" : "esModule");
  const bindings = Object.entries(vars).map(([name, value]) =>
    typeof value === "string"
      ? `(name = ${text(name)}, text = ${text(value)})`
      : `(name = ${text(name)}, json = ${text(text(value))})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "web", worker = .web)],
  sockets = [
    (name = "control", address = "127.0.0.1:0", http = (), service = (name = "main", entrypoint = "Control")),
    (name = "http", address = "127.0.0.1:0", http = (forwardedProtoHeader = "X-Forwarded-Proto"), service = "main"),
  ],
);
const main :Workerd.Worker = (
  compatibilityDate = ${text(compatibilityDate)},
  compatibilityFlags = ${compatibilityFlags},
  modules = [${modules.map((name) => `(name = ${text(name)}, ${kind(name)} = embed ${text(name)})`).join(", ")}],
  bindings = [${bindings.join(", ")}],
  globalOutbound = "web",
);
const web :Workerd.Worker = (
  compatibilityDate = ${text(compatibilityDate)},
  modules = [(name = "web.mjs", esModule = embed "web.mjs")],
);
`;
}
