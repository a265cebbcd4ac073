// Reads the output of cargo and of Node's test runner: how many tests ran, how long they took, which failed.

const PASSED = [/^test result: .*? (\d+) passed/gm, /^ℹ pass (\d+)/gm];
const FAILED = [/^test result: .*? (\d+) failed/gm, /^ℹ fail (\d+)/gm, /^ℹ cancelled (\d+)/gm];
const SKIPPED = [/^test result: .*? (\d+) ignored/gm, /^ℹ skipped (\d+)/gm, /^ℹ todo (\d+)/gm];

/** Lines about what went well. */
const FINE = /^test .* \.\.\. ok$|^running \d+ tests?$|^\s*✔ |^ℹ |^\s*(Compiling|Checking|Documenting|Downloaded|Downloading|Running|Updating|Locking) /;

/** The numbers of tests that passed, failed and were skipped. */
export function countTests(output) {
  const sum = (patterns) => patterns.flatMap((one) => [...output.matchAll(one)]).reduce((total, [, count]) => total + Number(count), 0);
  return { passed: sum(PASSED), failed: sum(FAILED), skipped: sum(SKIPPED) };
}

/** After this line Node's test runner repeats what failed, without what the programs under test print. */
const FAILING = /^✖ failing tests:$/m;

/** The part of the output about what failed, or all of it but the lines about what went well. */
export function failuresIn(output) {
  const at = output.search(FAILING);
  const part = at < 0 ? output : output.slice(at);
  return part.split("\n").filter((line) => !FINE.test(line)).join("\n").trim();
}

/** How long each test binary of cargo took: `{ name, ms }`. */
export function binariesIn(output) {
  const found = [];
  let name = "";
  for (const line of output.split("\n")) {
    const [, running] = /^\s+(?:Running (?:unittests )?(\S+) \(|Doc-tests )/.exec(line) ?? [];
    if (running) name = `${running} (native)`;
    const [, seconds] = /^test result: .* finished in ([\d.]+)s$/.exec(line) ?? [];
    if (seconds && name) found.push({ name, ms: Number(seconds) * 1000 });
  }
  return found;
}
