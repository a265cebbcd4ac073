// Installs or builds the programs that only tests run: node scripts/programs.mjs installed|built. Tests would do the
// same when they need them, but each of them by itself.

import { buildFloor } from "../bench/lib/floor.mjs";
import { chromiumBinary } from "./lib/chromium.mjs";
import { pythonOf, rustClients } from "./lib/programs.mjs";
import { setup } from "./setup.mjs";

const kinds = {
  /** Programs that package managers install. */
  async installed() {
    chromiumBinary();
    await pythonOf("contract");
    await pythonOf("clients", "python");
  },
  /** Programs that cargo builds. */
  async built() {
    const tools = await setup();
    await rustClients();
    if (process.platform === "linux") await buildFloor(tools);
  },
};

await kinds[process.argv[2]]();
