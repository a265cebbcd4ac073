// The needs of a command before it can do its work: in the repository, tools and a bundle; in the package, everything is there.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { isPackage } from "./installation.mjs";
import { wranglerEnv } from "./wrangler.mjs";

/** The Node and the wrangler to run, and the environment for them; what is missing is installed first. */
export async function prepareTools() {
  if (!isPackage) return (await import("../setup.mjs")).setup({ rust: false, bindgen: false });
  const cli = createRequire(import.meta.url).resolve("wrangler");
  const wrangler = join(dirname(dirname(cli)), "bin", "wrangler.js");
  return { node: process.execPath, wrangler, env: wranglerEnv(process.execPath) };
}

/** The same, with a bundle that is up to date; with `checkup`, the doctor's checks too. With ROLLCALL_SKIP_BUILD nothing is built: `npm test` has built both. */
export async function prepareBundle({ checkup = false } = {}) {
  if (isPackage || process.env.ROLLCALL_SKIP_BUILD) return prepareTools();
  const { build, buildCheckup, isBuilt, isCheckupBuilt } = await import("../build.mjs");
  if (isBuilt() && (!checkup || isCheckupBuilt())) return prepareTools();
  const { setup } = await import("../setup.mjs");
  const settingUp = setup();
  await build(settingUp);
  if (checkup) await buildCheckup(settingUp);
  return settingUp;
}
