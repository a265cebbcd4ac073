#!/usr/bin/env node
// The command of the npm package. Each of its commands is a script beside this one, which `npm run` calls in the repository.

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`Rollcall needs Node 22.12 or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}

const { fileURLToPath } = await import("node:url");
const { version } = await import("./lib/installation.mjs");

const COMMANDS = ["start", "init", "doctor", "token", "admin", "deploy"];
const HELP = `rollcall COMMAND      Rollcall ${version}

  start     serves on http://localhost:8787
  init      writes wrangler.toml and .dev.vars.example into this folder
  doctor    checks wrangler.toml, issuers that are running, or a metadata document
  token     makes, lists and revokes initial access tokens
  admin     lists, shows, switches off and deletes clients
  deploy    uploads the Worker to Cloudflare

rollcall COMMAND --help says more. wrangler is installed too: npx wrangler login, secret put, tail.`;

const [name, ...args] = process.argv.slice(2);
if (!name || name === "--help" || name === "-h") {
  console.log(HELP);
} else if (COMMANDS.includes(name)) {
  const script = new URL(`./${name}.mjs`, import.meta.url);
  process.argv = [process.argv[0], fileURLToPath(script), ...args];
  await import(script.href);
} else {
  console.error(`There is no command "${name}"; there are: ${COMMANDS.join(", ")}.`);
  process.exitCode = 1;
}
