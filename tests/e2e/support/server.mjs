// Starts the bundle under `wrangler dev`: real workerd, KV simulated on disk, a free port, a fresh
// persistence folder. Whatever happens, no process stays behind.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
const running = new Set();

process.on("exit", () => running.forEach(kill));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

function kill(child) {
  running.delete(child);
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/**
 * A server on a free port of 127.0.0.1, its records in a folder that is removed with it. `vars`
 * become variables of the Worker; `bundle` is the folder of another build than the released one.
 */
export async function startServer({ vars = {}, bundle = "build" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-"));
  const port = await freePort();
  const server = new Server({ vars, bundle, port, folder });
  await server.start();
  return server;
}

class Server {
  constructor({ vars, bundle, port, folder }) {
    Object.assign(this, { vars, bundle, port, folder });
    this.url = `http://127.0.0.1:${port}`;
    this.output = "";
  }

  async start() {
    const inspector = await freePort();
    const args = ["dev", `${this.bundle}/index.js`, "--ip", "127.0.0.1", "--port", this.port, "--inspector-port", inspector];
    args.push("--persist-to", this.folder, "--show-interactive-dev-session=false");
    for (const [name, value] of Object.entries(this.vars)) args.push("--var", `${name}:${value}`);
    this.child = spawn(process.execPath, [wrangler, ...args.map(String)], {
      cwd: root,
      env: { ...process.env, ROLLCALL_SKIP_BUILD: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    }
    const deadline = Date.now() + 60_000;
    while (!(await this.answers())) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        kill(this.child);
        throw new Error(`wrangler dev did not start:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async answers() {
    try {
      await (await fetch(`${this.url}/not-a-path`)).arrayBuffer();
      return true;
    } catch {
      return false;
    }
  }

  /** The log lines of the Worker so far, parsed. */
  logLines() {
    const lines = this.output.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line));
  }

  /** The memory that the workerd process of the Worker holds, in bytes. */
  residentBytes() {
    const status = readFileSync(`/proc/${this.workerdPid()}/status`, "utf8");
    return Number(status.match(/^VmRSS:\s+(\d+) kB/m)[1]) * 1024;
  }

  /** wrangler runs two of them: its own proxy, and the one with an inspector, which is ours. */
  workerdPid() {
    const isOurs = (pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return group === this.child.pid && command.includes("--inspector-addr");
      } catch {
        return false; // It has ended since the directory was listed.
      }
    };
    const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && isOurs(name));
    if (!pid) throw new Error("there is no workerd process");
    return pid;
  }

  /** Ends the server as a crash would; what was acknowledged has to survive. */
  async halt() {
    const ended = new Promise((resolve) => this.child.once("close", resolve));
    kill(this.child);
    await ended;
  }

  async restart() {
    await this.halt();
    await this.start();
  }

  async stop() {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
