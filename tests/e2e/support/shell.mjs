// Runs the commands of a page as a reader would, in a folder of its own, against servers of the tests.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "rollcall-blocks-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** A block's commands with the number of their first line; lines that belong together are one. */
export function commandsOf(text) {
  const commands = [];
  let begun;
  for (const [at, line] of text.split("\n").entries()) {
    if (!begun && /^\s*(#|$)/.test(line)) continue;
    begun = begun ? { ...begun, command: `${begun.command}\n${line}` } : { at, command: line };
    // A here-document without its end is a warning.
    const { status, stderr } = spawnSync("bash", ["-n", "-c", begun.command], { encoding: "utf8" });
    if (status !== 0 || stderr || line.endsWith("\\")) continue;
    commands.push(begun);
    begun = undefined;
  }
  if (begun) throw new Error(`bash does not understand "${begun.command}"`);
  return commands;
}

/** A program that does the same as `npm run` with these scripts. npm itself would take four times the CPU time of most of them. */
const npmOf = (scripts) => `#!/bin/sh
fail() { echo "$*" >&2; exit 1; }
[ "$1" = run ] || fail "npm $1 is not known here"
shift
if [ "$1" = -s ]; then shift; else printf '\\n> rollcall %s\\n\\n' "$1"; fi
name=$1; shift
case "$1" in
  --) shift ;;
  -*) fail "npm would take $1 for itself: it needs -- before it" ;;
esac
case "$name" in
${Object.entries(scripts).map(([name, script]) => `  ${name}) exec ${script} "$@" ;;`).join("\n")}
esac
fail "package.json has no script $name"
`;

/** The shell of one page: what is exported, left in the folder, or answered is there for its later commands. */
export class Shell {
  #folder = mkdtempSync(join(scratch, "page-"));
  #bin = mkdtempSync(join(scratch, "bin-"));
  #known = {};

  /**
   * `origins` are pairs of an origin that pages name and the one that stands for it, the first the usual one. With `npm`,
   * commands run npm itself.
   */
  constructor({ origins, secrets, wrangler, npm }) {
    Object.assign(this, { origins, secrets });
    // The commands of the repository, for a folder in which files may be left.
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const own = Object.entries(scripts).map(([name, script]) => [name, script.replace("node ", `node ${root}`)]);
    const named = Object.fromEntries(own);
    const file = join(this.#folder, "wrangler.toml");
    writeFileSync(file, wrangler);
    named.doctor += ` --config ${file}`;
    writeFileSync(join(this.#folder, "package.json"), JSON.stringify({ name: "rollcall", scripts: named }));
    const curl = process.env.PATH.split(delimiter).map((folder) => join(folder, "curl")).find(existsSync);
    if (!curl) throw new Error("curl is missing, which the pages use: install it");
    // To curl, a refusal is a success.
    this.#write("curl", `#!/bin/sh\nexec ${curl} $FAIL_ON_ERRORS --max-time 20 "$@"\n`);
    if (!npm) this.#write("npm", npmOf(named));
    mkdirSync(join(this.#bin, "state"));
  }

  /** Writes a program that the commands find before the one of the machine. */
  #write(name, text) {
    writeFileSync(join(this.#bin, name), text);
    chmodSync(join(this.#bin, name), 0o755);
  }

  #state = (name) => join(this.#bin, "state", name);

  /** Runs a command: `{ code, stdout, stderr, ran }`. With `refused`, curl may get an error for its answer. */
  async run(command, { refused = false } = {}) {
    const ran = await this.#filled(command);
    const script = `set -a; [ ! -e "$STATE" ] || . "$STATE"; set -e -o pipefail
      FAIL_ON_ERRORS=${refused ? "" : "--fail-with-body"}
      trap 'code=$?; export -p >"$STATE"; printf %s "$ISSUER" >"$STATE.issuer"; exit $code' EXIT\n${ran}`;
    const npm = (name) => name.startsWith("npm_") || name === "NODE_TEST_CONTEXT";
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !npm(name))),
      ...this.secrets,
      ISSUER: this.origins[0][1],
      PATH: [this.#bin, dirname(process.execPath), process.env.PATH].join(delimiter),
      STATE: this.#state("exports"),
      npm_config_update_notifier: "false",
    };
    const child = spawn("bash", ["-c", script], {
      cwd: this.#folder,
      env,
      timeout: 60_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { stdout: "", stderr: "" };
    for (const name of Object.keys(printed)) child[name].setEncoding("utf8").on("data", (text) => (printed[name] += text));
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    this.#learn(command, printed);
    return { code, ran, ...printed };
  }

  /** Origins and placeholders replaced by what is there. */
  async #filled(command) {
    let text = command.replaceAll(/\bnode (?=(?:scripts|examples|bench)\/)/g, `node ${root}`);
    for (const [page, url] of this.origins) text = text.replaceAll(page, url);
    for (const [name, secret] of Object.entries(this.secrets)) {
      text = text.replaceAll(new RegExp(`\\b${name}=\\.\\.\\.`, "g"), `${name}=${secret}`);
      text = text.replaceAll(new RegExp(`Bearer ${name}\\b`, "g"), `Bearer ${secret}`);
    }
    for (const [name, source] of Object.entries(PLACEHOLDERS)) {
      const place = new RegExp(`(?<![$\\w{-])${name}(?![\\w=-])`, "g");
      if (!place.test(text)) continue;
      if (!this.#known[name]) Object.assign(this.#known, await source(this.#issuerOf(text), this.secrets));
      text = text.replaceAll(place, this.#known[name]);
    }
    return text;
  }

  /** Which issuer a command is for: the one that it names, or that was exported, or the usual one. */
  #issuerOf(text) {
    const named = this.origins.find(([, url]) => text.includes(url))?.[1];
    const exported = existsSync(this.#state("exports.issuer")) && readFileSync(this.#state("exports.issuer"), "utf8");
    return named || exported || this.origins[0][1];
  }

  /** Later commands may name what this one has printed, but not what it has deleted. */
  #learn(command, { stdout, stderr }) {
    const answer = answerIn(stdout);
    for (const name of Object.keys(PLACEHOLDERS)) {
      const value = answer?.[name.toLowerCase()];
      if (typeof value === "string") this.#known[name] = value;
    }
    const minted = /; id (\S+)\. It is not shown again/.exec(stderr);
    if (minted) Object.assign(this.#known, { ID: minted[1], INITIAL_ACCESS_TOKEN: stdout.trim().split("\n").at(-1) });
    if (/\b(DELETE|delete)\b/.test(command)) for (const name of ["CLIENT_ID", "REGISTRATION_ACCESS_TOKEN"]) delete this.#known[name];
    if (/\brevoke\b/.test(command)) delete this.#known.ID;
  }
}

async function post(url, body, headers) {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const named = (answer) => Object.fromEntries(Object.entries(answer).map(([name, value]) => [name.toUpperCase(), value]));
const registered = async (issuer) => named(await post(`${issuer}/reg`, { redirect_uris: ["https://app.example/cb"] }));
const minted = async (issuer, { ADMIN_TOKEN }) =>
  named(await post(`${issuer}/admin/initial-access-tokens`, { uses: 5 }, { authorization: `Bearer ${ADMIN_TOKEN}` }));

/** Words that stand for something the reader has by then, and where it comes from if no command has printed it. */
const PLACEHOLDERS = {
  CLIENT_ID: registered,
  CLIENT_SECRET: registered,
  REGISTRATION_ACCESS_TOKEN: registered,
  INITIAL_ACCESS_TOKEN: minted,
  ID: minted,
};

/** The JSON that a command has printed, below the headers of `curl -i` and the words of npm. */
export function answerIn(stdout) {
  try {
    return JSON.parse(stdout.slice(stdout.search(/^[{[]/m)));
  } catch {
    return undefined;
  }
}
