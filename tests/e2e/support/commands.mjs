// Commands of the pages that the tests do not run, and what is known of them all the same: that there is such a
// script, that wrangler has such a command and such options.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { requirePackage } from "../../../scripts/lib/require.mjs";

const { experimental_getWranglerCommands: wranglerCommands } = requirePackage("wrangler");
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** How such commands begin, and why they are not run. */
export const NOT_RUN = {
  "npm start": "serves until it is stopped; what it starts is what every test here talks to",
  "npm test": "this is part of it",
  "npm run deploy": "needs a Cloudflare account",
  "npm run doctor -- --document": "asks a server on the Internet; doctor-documents.test.mjs runs it",
  "npm run admin -- reject": "needs a client that waits for approval; editing.test.mjs has one",
  "npm run package": "package.test.mjs makes it",
  "npx rollcall": "package.test.mjs runs its commands, where the package is installed",
  "node bench/flood.mjs": "takes a minute; tests/bench runs what it is made of",
  "npm run bench": "takes minutes; tests/bench runs it in small",
  "npm run profile": "builds a bundle of its own",
  "npm run client": "waits for a user with a browser, which authorization-server.test.mjs is",
  "npm install": "fetches packages",
  "node scripts/wrangler.mjs": "needs a Cloudflare account, or serves until it is stopped",
  "node examples/browser-app/serve.mjs": "serves until it is stopped; tests/browser starts it",
  "node examples/worker-as/start.mjs": "serves until it is stopped; examples.test.mjs starts it",
  "node examples/worker-as/client.mjs": "waits for a user with a browser, which worker-as.test.mjs is",
  "node examples/software-statement/register.mjs": "needs a server that trusts its key; statements.test.mjs runs it",
  "cargo test": "the native tests are a step of their own",
};

/** The entries of NOT_RUN that hold for a line of shell. */
export const listedIn = (command) =>
  Object.keys(NOT_RUN).filter((start) => parts(command).some((part) => part === start || part.startsWith(`${start} `)));

/** The commands of a line of shell: without comment and variables, each command of a pipe or list alone. */
const parts = (command) =>
  command
    .replace(/\\\n/g, " ")
    .replace(/\s#\s.*$/gm, "")
    .split(/&&|\|\||[|;\n]/)
    .map((part) => part.trim().replace(/^(\w+=\S*\s+)+/, ""));

/** The errors in the commands of a line that can be seen without running them. */
export function wrongWith(command, page) {
  return parts(command).flatMap((part) => {
    const [program, ...words] = part.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
    const check = { npm, npx, node, cargo }[program];
    return check ? check(words, page) : [];
  });
}

function npm(words, page) {
  const [name, ...rest] = words.filter((word) => word !== "-s" && word !== "run" && word !== "--");
  if (!words.includes("run") && !["start", "test"].includes(name)) return [];
  const folder = existsSync(join(root, dirname(page), "package.json")) ? join(root, dirname(page)) : root;
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!Object.hasOwn(scripts, name)) return [`package.json has no script ${name}`];
  const [program, file] = scripts[name].split(" ");
  if (program !== "node") return [];
  if (file === "scripts/start.mjs") return wrangler(["dev", ...rest]);
  if (file === "scripts/deploy.mjs") return wrangler(["deploy", ...rest.filter((word) => word !== "--anyway")]);
  const source = readFileSync(join(folder, file), "utf8");
  const names = rest.filter((word) => word.startsWith("--") || name === "test").map((word) => word.replace(/^--/, ""));
  if (file === "scripts/admin.mjs" || file === "scripts/token.mjs") return [];
  // The second word is that of a file.
  const files = file === "scripts/test.mjs" ? readdirSync(join(root, "tests"), { recursive: true }).join() : "";
  return names.filter((one) => !source.includes(one) && !files.includes(one)).map((one) => `${file} knows nothing of ${one}`);
}

function npx([program, name, ...words]) {
  if (program === "wrangler") return wrangler([name, ...words]);
  if (program !== "rollcall") return [`nothing installs ${program}`];
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (name !== "init" && !Object.hasOwn(scripts, name)) return [`rollcall has no command ${name}`];
  return name === "start" ? wrangler(["dev", ...words]) : [];
}

function node([file, ...words], page) {
  if (file === "scripts/wrangler.mjs") return wrangler(words);
  const there = [root, join(root, dirname(page))].some((folder) => existsSync(join(folder, file)));
  return there || file.startsWith("-") ? [] : [`there is no ${file}`];
}

function cargo(words) {
  const name = words[words.indexOf("--test") + 1];
  const missing = words.includes("--test") && !existsSync(join(root, "tests", `${name}.rs`));
  return missing ? [`there is no tests/${name}.rs`] : [];
}

/** The arguments that wrangler would not understand. */
function wrangler(words) {
  const { registry, globalFlags } = wranglerCommands();
  let command = registry;
  const rest = [...words];
  while (command.subtree.has(rest[0])) command = command.subtree.get(rest.shift());
  const name = ["wrangler", ...words.slice(0, words.length - rest.length)].join(" ");
  if (command.definition?.type !== "command") return [`${name} is no command of wrangler's: ${words.join(" ")}`];
  const options = new Map();
  for (const [option, about] of Object.entries({ ...globalFlags, ...command.definition.args })) {
    for (const spelling of [option, about.alias ?? []].flat()) options.set(spelling, about);
  }
  const wrong = [];
  let given = 0;
  while (rest.length > 0) {
    const [, option, value] = /^--?(?:no-)?([\w-]+)(=.*)?$/.exec(rest[0]) ?? [];
    const about = options.get(option);
    if (option && !about) wrong.push(`${name} has no option ${rest[0]}`);
    if (!option) given += 1;
    rest.splice(0, about && !value && about.type !== "boolean" ? 2 : 1);
  }
  const positionals = command.definition.positionalArgs ?? [];
  const many = positionals.some((one) => command.definition.args[one].array);
  if (given > positionals.length && !many) wrong.push(`${name} takes ${positionals.length} words: ${words.join(" ")}`);
  return wrong;
}
