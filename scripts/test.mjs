// npm test: everything that has to hold before a change lands. Every step runs, whatever the others do; the summary
// comes last. `npm test -- e2e` runs the steps whose names contain a word, `npm test -- e2e gate` only the files of
// those with that in theirs.
//
// Steps of one lane run one after another, lanes run side by side. The first two lanes compile, one in the development profile
// and one for a release: cargo lets only one process at a time work in the folder of a profile. Steps other than tests on
// servers and builds of the bundle run at a lower priority: those tests look at the clock, and wait for the bundle.
//
// On a developer's machine a step is skipped while the files it depends on are those it has passed with;
// `npm test -- --force` runs all. In CI every step runs.

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  process.exit(1);
}

const { mkdtempSync, readFileSync, readdirSync, rmSync } = await import("node:fs");
const { tmpdir } = await import("node:os");
const { join } = await import("node:path");
const { digestOf, listFiles, remember, remembered } = await import("./lib/inputs.mjs");
const { runKeeping } = await import("./lib/process.mjs");
const { binariesIn, countTests, failuresIn } = await import("./lib/results.mjs");
const { canCount } = await import("./budget.mjs");
const { canFuzz } = await import("./fuzz.mjs");
const { NATIVE_TESTS, lintingEnv } = await import("./lint.mjs");
const { installPackages, root, setup } = await import("./setup.mjs");

// Seconds that a step may take: a first build on a slow machine, and a hang far from the limits of a CI service.
const STEP_LIMIT = 25 * 60;
const FUZZ_SECONDS = 2; // for each target, all of them at the same time
const SLOWEST = 10;

const words = process.argv.slice(2);
const force = words.includes("--force");
const [wanted = "", file = ""] = words.filter((word) => word !== "--force");
const started = Date.now();
const settingUp = setup({ bindgen: false, packages: false });
// Cargo can start meanwhile.
const packages = installPackages();
const tools = await settingUp;
const scratch = mkdtempSync(join(tmpdir(), "rollcall-test-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

const cargo = (...args) => ["cargo", args];
const script = (name, ...args) => [process.execPath, [join("scripts", name), ...args]];

// The second bundle is only for tests, so clippy's driver compiles it.
const PANIC_BUILD = "build with panics, lint for wasm32";
/** The file of tests that need it. */
const PANICS = "panics.test.mjs";
/**
 * Files of e2e tests that leave the process as they find it. They share one program, because each program takes half a second to
 * load the simulator of the runtime.
 */
const TOGETHER = [
  ...["admin", "certificates", "doctor", "doctor-documents", "doctor-hosted", "editing", "exchange", "gate", "idempotency", "issuers"],
  ...["lifecycle", "sealing", "shared", "signed-requests", "statements", "transfer", "upstream", "vectors", "version"],
].map((name) => `${name}.test.mjs`);

// The inputs of the steps. A step with ALL depends on every file.
const ALL = [""];
const RUST = [".cargo", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "src", "bundle"];
const LINTED = [...RUST, "tests", "rustfmt.toml", "clippy.toml"];
const SERVER = [...RUST, "scripts", "package.json", "package-lock.json", "wrangler.toml", "public", "tests/e2e/support"];

/**
 * The tests in the files of a folder that `isIncluded` accepts, one file after another, or all files in one program: then they share what
 * they import, and a browser. What they need is installed or built before.
 */
function nodeTests(lane, name, folder, { inputs, oneProgram = false, needs = [], isIncluded = () => true }) {
  const all = readdirSync(join(root, "tests", folder)).filter((one) => one.endsWith(".test.mjs"));
  const files = all.filter((one) => isIncluded(one) && one.includes(file));
  const durations = join(scratch, name);
  const options = ["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-reporter-destination=stdout"];
  // Its name changed in Node 23.6. An older Node than 22 only starts these tests.
  if (oneProgram) options.push(`--${major < 24 ? "experimental-" : ""}test-isolation=none`);
  options.push(`--test-reporter=${join(root, "scripts/lib/durations.mjs")}`, `--test-reporter-destination=${durations}`);
  const command = [tools.node, [...options, ...files.map((one) => join("tests", folder, one))]];
  return { lane, name, command, files, durations, inputs, needs: ["build", ...needs] };
}

const ownTests = join("conformance", "test");
const conformanceTests = readdirSync(join(root, ownTests)).filter((name) => name.endsWith(".test.mjs")).map((name) => join(ownTests, name));

const steps = [
  { lane: "checks", name: "format", command: cargo("fmt", "--all", "--check"), inputs: LINTED, needsPackages: false },
  { lane: "checks", name: "lint for the host", command: script("lint.mjs"), inputs: [...LINTED, "scripts"], needsPackages: false },
  { lane: "checks", name: "dependencies", command: script("deny.mjs"), inputs: [...RUST, "fuzz", "bench", "deny.toml", "scripts"] },
  // `--examples`, of which there are none, makes cargo choose the features of dependencies that the tests need: it has built those.
  { lane: "checks", name: "docs", command: cargo("doc", "--lib", "--examples", "--no-deps", "--document-private-items", "--locked"), inputs: RUST },
  { lane: "checks", name: "native tests", command: cargo(...NATIVE_TESTS, "--no-fail-fast"), env: { ...lintingEnv(), ROLLCALL_ALL_CASES: "1" }, inputs: ALL },
  canFuzz() && { lane: "checks", name: `fuzz, ${FUZZ_SECONDS} s each`, command: script("fuzz.mjs", FUZZ_SECONDS), inputs: [...RUST, "fuzz", "tests/vectors", "scripts"] },
  // The fuzzer begins with the kept corpus.
  !canFuzz() && { lane: "checks", name: "fuzz corpus", command: cargo("test", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target"), inputs: [...RUST, "fuzz", "tests/vectors"] },
  nodeTests("checks", "benchmark smoke", "bench", { inputs: [...SERVER, "bench", "tests/bench"], needs: ["built test programs"] }),
  { lane: "builds", name: "build", command: script("build.mjs"), inputs: undefined },
  { lane: "builds", name: "built test programs", command: script("programs.mjs", "built"), inputs: undefined },
  { lane: "builds", name: PANIC_BUILD, command: script("build.mjs", "--panic-probe"), inputs: undefined },
  canCount() && { lane: "builds", name: "work budget", command: script("budget.mjs"), inputs: LINTED },
  { lane: "installs", name: "installed test programs", command: script("programs.mjs", "installed"), inputs: undefined },
  nodeTests("servers", "e2e tests on workerd", "e2e", { inputs: ALL, isIncluded: (name) => ![PANICS, ...TOGETHER].includes(name) }),
  nodeTests("shared servers", "e2e tests in one program", "e2e", { inputs: ALL, oneProgram: true, isIncluded: (name) => TOGETHER.includes(name) }),
  nodeTests("shared servers", "e2e tests of panics", "e2e", { inputs: [...SERVER, `tests/e2e/${PANICS}`], needs: [PANIC_BUILD], isIncluded: (name) => name === PANICS }),
  nodeTests("pages", "browser tests", "browser", { inputs: [...SERVER, "tests/browser", "examples"], oneProgram: true, needs: ["installed test programs"] }),
  nodeTests("pages", "contract fuzzer", "contract", { inputs: [...SERVER, "tests/contract"], needs: ["installed test programs"] }),
  nodeTests("shared servers", "client libraries", "clients", { inputs: [...SERVER, "tests/clients", "docs/clients.md", "examples"], needs: ["installed test programs", "built test programs"] }),
  nodeTests("shared servers", "conformance suite on Rollcall", "conformance", { inputs: [...SERVER, "conformance", "peers", "tests/conformance", "tests/vectors"] }),
  { lane: "shared servers", name: "conformance suite itself", command: [tools.node, ["--test", "--test-reporter=spec", ...conformanceTests]], inputs: ["conformance"] },
].filter(Boolean);

const env = { ...tools.env, RUSTDOCFLAGS: "-D warnings" };
// Incremental compilation keeps what the next change can reuse. In CI there is none, and it costs a quarter of the CPU time.
// A panic names its line even without debug information.
if (process.env.CI) {
  env.CARGO_INCREMENTAL ??= "0";
  env.CARGO_PROFILE_DEV_DEBUG ??= "0";
}
const matches = ({ name, files }) => name.includes(wanted) && (!file || files?.length > 0);
const chosen = steps.filter(matches);
// Tests on workerd must run these sources, not an earlier build.
const needed = new Set(chosen.flatMap(({ needs = [] }) => needs));
const running = steps.filter((step) => chosen.includes(step) || needed.has(step.name));
if (running.length === 0) console.error(`There is no such step; there are: ${steps.map(({ name }) => name).join("; ")}`);

const passedWith = remembered();
const files = process.env.CI ? [] : listFiles();
const width = Math.max(...steps.map(({ name }) => name.length));
const line = ({ state, name, seconds, counted, skipped }) => {
  const count = (counted ? `  ${counted} tests` : "") + (skipped ? `  ${skipped} SKIPPED` : "");
  return `${state.padEnd(9)}  ${name.padEnd(width)} ${seconds.toFixed(1).padStart(6)} s${count}`;
};

/** Runs a step, unless there is no need to or what it needs has failed; prints its line, and what failed. */
async function runStep(step, ended) {
  const { name, command, durations, inputs, needs = [], needsPackages = true } = step;
  if (needsPackages) await packages;
  const before = await Promise.all(needs.map((need) => ended.get(need)));
  const from = Date.now();
  const digest = inputs && digestOf(files, inputs);
  const result = { name, state: "ok", seconds: 0, passed: 0, failed: 0, skipped: 0, tests: [] };
  let output = "";
  if (before.some((one) => one?.state === "FAILED")) {
    Object.assign(result, { state: "FAILED", failed: 1 });
    output = `Not run: "${needs.filter((_, at) => before[at]?.state === "FAILED").join('", "')}" has failed.`;
  } else if (digest && !force && !wanted && passedWith[name] === digest) {
    result.state = "unchanged";
  } else {
    const build = name.startsWith("build");
    const background = !step.files && !build;
    const options = { cwd: root, env: build ? env : { ...env, ...step.env, ROLLCALL_SKIP_BUILD: "1" }, limit: STEP_LIMIT, background };
    const outcome = await runKeeping("sh", ["-c", 'exec "$@" 2>&1', "sh", command[0], ...command[1].map(String)], options);
    output = outcome.output;
    Object.assign(result, countTests(output), { seconds: (Date.now() - from) / 1000 });
    result.counted = result.passed + result.failed;
    result.tests = durations ? durationsIn(durations) : binariesIn(output);
    // A step that counts no tests counts as one itself.
    if (outcome.ok) result.passed ||= 1;
    else Object.assign(result, { state: "FAILED", failed: result.failed || 1 });
    if (outcome.ok && digest && !file) passedWith[name] = digest;
    if (!outcome.ok) delete passedWith[name];
  }
  console.log(line(result));
  if (result.state === "FAILED") console.log(`\n${failuresIn(output)}\n`);
  return result;
}

function durationsIn(path) {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean).map((one) => JSON.parse(one));
  } catch {
    return [];
  }
}

const ended = new Map();
const lanes = new Map();
for (const step of running) {
  const turn = (lanes.get(step.lane) ?? Promise.resolve()).then(() => runStep(step, ended));
  lanes.set(step.lane, turn);
  ended.set(step.name, turn);
}
const results = await Promise.all(ended.values());
await packages;
remember(passedWith);

console.log("\n== summary");
if (!canCount()) console.log("(no valgrind for this system: the work budget was not counted)");
if (!canFuzz()) console.log("(no C++ compiler: the parsers were run over the kept corpus, not fuzzed)");
for (const result of results) console.log(line(result));
const slowest = results.flatMap(({ name: step, tests }) => tests.map((test) => ({ step, ...test })));
slowest.sort((a, b) => b.ms - a.ms);
if (slowest.length > 0) console.log("\nslowest tests");
for (const { step, name, ms } of slowest.slice(0, SLOWEST)) {
  console.log(`${(ms / 1000).toFixed(1).padStart(6)} s  ${step}: ${name}`);
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const unchanged = results.filter(({ state }) => state === "unchanged").length;
if (unchanged > 0) console.log(`\n${unchanged} steps were not repeated: nothing they depend on has changed (npm test -- --force runs all)`);
console.log(`\nin ${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exit(sum("failed") === 0 && results.length > 0 ? 0 : 1);
