// Several Workers under `wrangler dev`, which connects them.

import { once } from "node:events";

import { freePort } from "../../../scripts/lib/ports.mjs";
import { spawnGuarded } from "../../../scripts/lib/process.mjs";
import { root } from "../../../scripts/lib/repository.mjs";

const START_MS = 60_000;

export class WranglerDev {
  /** `workers` are their configuration files, first the one that gets the requests and `vars`. */
  constructor(options) {
    Object.assign(this, options);
  }

  async start(print) {
    const configs = this.workers.flatMap((file) => ["--config", file]);
    const own = ["--ip", "127.0.0.1", "--port", this.port, "--inspector-port", await freePort(), "--persist-to", this.folder];
    const args = ["node_modules/wrangler/bin/wrangler.js", "dev", ...configs, ...own];
    args.push("--show-interactive-dev-session=false", "--env-file", this.noSecrets);
    for (const [name, value] of Object.entries(this.vars)) {
      args.push("--var", `${name}:${typeof value === "string" ? value : JSON.stringify(value)}`);
    }
    // Killed, as by a crash, when its time has come.
    this.child = spawnGuarded(process.execPath, args.map(String), {
      cwd: root,
      env: { ...process.env, ROLLCALL_SKIP_BUILD: "1", XDG_CONFIG_HOME: this.scratch },
      signal: "SIGKILL",
    });
    this.ended = once(this.child, "close");
    let output = "";
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        print(text);
      });
    }
    for (const deadline = Date.now() + START_MS; !(await this.answers()); await new Promise((resolve) => setTimeout(resolve, 100))) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        await this.halt();
        throw new Error(`wrangler dev did not start:\n${output}`);
      }
    }
  }

  async answers() {
    try {
      await (await fetch(`${this.url}/not-a-path`, { signal: AbortSignal.timeout(5_000) })).arrayBuffer();
      return true;
    } catch {
      return false;
    }
  }

  async halt() {
    this.child.stdin.end();
    await this.ended;
  }
}
