// npm test -- budget: what the most expensive request of every shape costs, in instructions. Each is held to BUDGET times
// the registration that the README begins with; the shapes are in tests/budget. No clock is looked at.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Hint, run } from "./lib/process.mjs";
import { requireValgrind } from "./lib/valgrind.mjs";
import { root, setup } from "./setup.mjs";

const BUDGET = 50;
/** The cost of judging a host with an xn-- label in the runtime, in registrations, measured on workerd. */
const QUESTION = 0.03;
const LIMIT_MS = 10 * 60_000; // far from the half minute that it takes
const MEASURED = "budget::measured";
/**
 * The code that the bundle has. Optimisation between crates would only take longer. The development profile has other code: there,
 * the most expensive request costs 55 registrations instead of 49.
 */
const UNLINKED = { CARGO_PROFILE_RELEASE_LTO: "off" };

/** There is no valgrind for a Mac of today. */
export const canCount = () => process.platform === "linux";

/** Counts every request; fails if one is beyond the budget. */
export function budget({ env }) {
  requireValgrind();
  run("cargo", ["build", "--release", "--package", "rollcall-budget", "--locked", "--quiet"], { cwd: root, env: { ...env, ...UNLINKED } });
  const folder = mkdtempSync(join(tmpdir(), "rollcall-budget-"));
  try {
    const { unit, requests } = counted(folder, env);
    requests.sort((one, other) => other.times - one.times);
    console.log(`The README's registration: ${unit.toLocaleString("en")} instructions. The most expensive requests:`);
    const beyond = requests.filter(({ times }) => times > BUDGET);
    for (const { times, name } of requests.slice(0, Math.max(5, beyond.length))) {
      console.log(`${times.toFixed(1).padStart(7)} times  ${name}`);
    }
    if (beyond.length > 0) throw new Hint(`${beyond.length} of ${requests.length} are beyond ${BUDGET} times.`);
    console.log(`${requests.length} requests, none beyond ${BUDGET} times.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each call of the measured function is a line of the program's and a file of callgrind's. */
function counted(folder, env) {
  const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release", "budget");
  const options = [`--toggle-collect=${MEASURED}`, `--dump-after=${MEASURED}`, "--callgrind-out-file=out"];
  const command = ["--quiet", "--tool=callgrind", ...options, program];
  const made = spawnSync("valgrind", command, { cwd: folder, env, encoding: "utf8", timeout: LIMIT_MS });
  if (made.status !== 0) throw new Hint(`The requests were not all made. ${made.error?.message ?? made.stderr.slice(0, 2000)}`);
  const lines = made.stdout.trimEnd().split("\n");
  const dumps = readdirSync(folder).filter((name) => /^out\.\d+$/.test(name)).length;
  if (dumps !== lines.length) throw new Hint(`${lines.length} requests were made and ${dumps} were counted.`);
  const [unit, ...costs] = lines.map((_, nth) => {
    const instructions = Number(readFileSync(join(folder, `out.${nth + 1}`), "utf8").match(/^totals: (\d+)/m)?.[1]);
    if (!(instructions > 1000)) throw new Hint(`Nothing was counted of request ${nth + 1}.`);
    return instructions;
  });
  const requests = costs.map((cost, nth) => {
    const [configuration, shape, , , questions] = lines[nth + 1].split("\t");
    return { times: cost / unit + questions * QUESTION, name: `${configuration}: ${shape}` };
  });
  return { unit, requests };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) budget(await setup());
