// npm test: everything that has to hold before a change lands. Every step runs, whatever the others
// do; the summary comes last. `npm test -- e2e` runs the steps whose names contain a word.

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  process.exit(1);
}

const { readdirSync } = await import("node:fs");
const { join } = await import("node:path");
const { runCounting } = await import("./lib/process.mjs");
const { budget, canCount } = await import("./budget.mjs");
const { build, reportSize } = await import("./build.mjs");
const { deny } = await import("./deny.mjs");
const { canFuzz, fuzz } = await import("./fuzz.mjs");
const { root, setup } = await import("./setup.mjs");

// Seconds that a step may take: a first build on a slow machine, and a hang far from the limits of a CI service.
const STEP_LIMIT = 25 * 60;

const [wanted = "", file = ""] = process.argv.slice(2);
const started = Date.now();
const tools = await setup();
const cargo = (...args) => ["cargo", args];
const wasm = ["--target", "wasm32-unknown-unknown"];
const strict = ["--", "-D", "warnings"];
/** The tests of a folder, one file after another: they share two cores, and start servers. */
const nodeTests = (folder) => {
  const named = (name) => name.endsWith(".test.mjs") && name.includes(file);
  const files = readdirSync(join(root, "tests", folder)).filter(named);
  const options = ["--test", "--test-concurrency=1", "--test-reporter=spec"];
  return [tools.node, [...options, ...files.map((name) => join("tests", folder, name))]];
};

const steps = [
  ["format", ...cargo("fmt", "--all", "--check")],
  ["lint, host", ...cargo("clippy", "--workspace", "--all-targets", "--locked", ...strict)],
  ["lint, wasm32", ...cargo("clippy", "--workspace", "--all-features", ...wasm, "--locked", ...strict)],
  ["dependencies", () => deny()],
  ["docs", ...cargo("doc", "--no-deps", "--document-private-items", "--locked")],
  ["native tests", ...cargo("test", "--locked", "--no-fail-fast")],
  ...(canCount() ? [["work budget", () => budget(tools)]] : []),
  ["fuzz corpus", ...cargo("test", "--locked", "--manifest-path", "fuzz/Cargo.toml")],
  ...(canFuzz() ? [["fuzz, 5 s each", () => fuzz(5)]] : []),
  ["build", () => (build(tools), reportSize())],
  ["build, with panics", () => build(tools, { out: "build-panic", features: ["panic-probe"] })],
  ["e2e tests on workerd", ...nodeTests("e2e")],
  ["contract fuzzer", ...nodeTests("contract")],
  ["client libraries", ...nodeTests("clients")],
  ["browser tests", ...nodeTests("browser")],
  ["benchmark smoke", ...nodeTests("bench")],
];

const env = { ...tools.env, RUSTDOCFLAGS: "-D warnings", ROLLCALL_SKIP_BUILD: "1" };
const results = [];
const chosen = steps.filter(([name, , args]) => name.includes(wanted) && !(file && !args?.some((arg) => arg.includes(file))));
const builds = steps.filter(([name]) => name.startsWith("build"));
// What runs on workerd is of these sources, not of whatever was built last.
if (chosen.some(([, command]) => command === tools.node) && !chosen.includes(builds[0])) chosen.unshift(...builds);
if (chosen.length === 0) console.error(`There is no such step; there are: ${steps.map(([name]) => name).join("; ")}`);
for (const [name, command, args] of chosen) {
  console.log(`\n== ${name}`);
  const from = Date.now();
  let result;
  if (command === tools.node && results.some(({ name, ok }) => name.startsWith("build") && !ok)) {
    console.error("Not run: there is no bundle of these sources.");
    result = { ok: false };
  } else if (typeof command === "function") {
    result = await Promise.resolve()
      .then(command)
      .then(
        () => ({ ok: true }),
        (error) => (console.error(error.message), { ok: false }),
      );
  } else {
    result = await runCounting(command, args, { cwd: root, env, limit: STEP_LIMIT });
  }
  results.push({ name, seconds: (Date.now() - from) / 1000, ...result });
}

console.log("\n== summary");
if (!canCount()) console.log("(no valgrind for this system: the work budget was not counted)");
if (!canFuzz()) console.log("(no nightly toolchain: the parsers were run over the kept corpus, not fuzzed)");
for (const { name, ok, seconds, tests, skipped } of results) {
  const count = (tests ? `  ${tests} tests` : "") + (skipped ? `  ${skipped} SKIPPED` : "");
  console.log(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(22)} ${seconds.toFixed(1).padStart(6)} s${count}`);
}
const sum = (key) => results.reduce((total, result) => total + (result[key] ?? 0), 0);
// A step that counts no tests counts as one itself.
const passed = sum("passed") + results.filter(({ ok, tests }) => ok && !tests).length;
const failed = sum("failed") + results.filter(({ ok, failed }) => !ok && !failed).length;
console.log(`in ${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && results.length > 0 ? 0 : 1);
