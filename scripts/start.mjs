// npm start: sets up what is missing, builds, and serves on http://localhost:8787, or on the port in PORT. HELP is its manual.

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  process.exit(1);
}

const { existsSync, mkdirSync, writeFileSync } = await import("node:fs");
const { dirname, join } = await import("node:path");
const { parseArgs } = await import("node:util");
const { commandLine, configuration, folder, isPackage, shippedConfiguration } = await import("./lib/installation.mjs");
const { freePort, isFree } = await import("./lib/ports.mjs");
const { prepareBundle } = await import("./lib/prepare.mjs");
const { Hint, endWith, spawnGuarded } = await import("./lib/process.mjs");

const HELP = `${commandLine("start", "[OPTION...]")}      serves on http://localhost:8787

  --port NUMBER     another port
  --ip ADDRESS      an address of this machine to listen on; 0.0.0.0 is all of them
  --config FILE     another file than wrangler.toml
  --env NAME        an environment of it

Records are kept in .wrangler/state, secrets are taken from .dev.vars. All other options go to \`wrangler dev\`.`;

const args = process.argv.slice(2);
const text = { type: "string" };
const options = { ip: text, port: text, "inspector-port": text, config: { ...text, short: "c" }, help: { type: "boolean" } };
const {
  ip = "localhost",
  port: chosen = process.env.PORT || undefined,
  "inspector-port": inspector,
  config,
  help,
} = parseArgs({ args, options, strict: false }).values;
const port = chosen ?? "8787";
if (help) {
  console.log(HELP);
  process.exit(0);
}

if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535 || Number(port) === 0) {
  throw new Hint(`--port ${port} is not a port: write a number from 1 to 65535.`);
}

const started = Date.now();
const tools = await prepareBundle();
if (!isPackage) (await import("./build.mjs")).reportSize();
// wrangler would take another port without a word, or fail in its own words.
if (!(await isFree(Number(port)))) {
  // An example has its own way to choose a port.
  const how = chosen ? " port" : ` with ${commandLine("start", "--port NUMBER")}`;
  throw new Hint(`Port ${port} is taken: stop the program that uses it, or choose another${how}.`);
}
const own = ["dev", "--port", port, "--show-interactive-dev-session=false"];
if (!inspector) own.push("--inspector-port", String(await freePort()));
if (!config && !existsSync(configuration)) own.push(...shipped());
// Of an option given twice, wrangler would make a list.
const rest = args.filter(
  (arg, at) => arg !== "--port" && !arg.startsWith("--port=") && args[at - 1] !== "--port",
);
const server = spawnGuarded(tools.node, [tools.wrangler, ...own, ...rest], { cwd: folder, env: tools.env });

/** The options with which wrangler serves the shipped settings, where there is no `wrangler.toml`. */
function shipped() {
  const file = join(folder, ".wrangler", "rollcall.toml");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, shippedConfiguration(dirname(file)));
  // wrangler would look for both next to that file.
  const places = { "--persist-to": join(folder, ".wrangler", "state"), "--env-file": join(folder, ".dev.vars") };
  if (!existsSync(places["--env-file"])) delete places["--env-file"];
  const isGiven = (option) => args.some((arg) => arg === option || arg.startsWith(`${option}=`));
  return ["--config", file, ...Object.entries(places).filter(([option]) => !isGiven(option)).flat()];
}

let announced = false;
let lines = "";
server.stderr.pipe(process.stderr);
server.stdout.on("data", async (chunk) => {
  process.stdout.write(chunk);
  if (lines !== undefined) lines += chunk;
  // From here on it answers; any earlier, an answer would be another server's.
  if (announced || !String(chunk).includes("Ready on")) return;
  announced = true;
  const url = `http://${ip === "0.0.0.0" ? "localhost" : ip}:${port}`;
  const problem = await unusable(url);
  lines = undefined;
  if (problem) {
    console.log(`\nRollcall answers every request on ${url} with 500: ${problem}`);
    console.log(`  details:       ${commandLine("doctor")}`);
    return;
  }
  console.log(`\nRollcall is ready on ${url} after ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  // The pages are there in our own configuration.
  if (!config) console.log(`  to try it:     ${url}/`);
  console.log(`  discovery:     ${url}/.well-known/oauth-authorization-server`);
  console.log(`  registration:  POST ${url}/reg`);
});

/** Why every request would be 500, as the Worker's log says; undefined if it serves. */
async function unusable(url) {
  const { status } = await fetch(`${url}/not-a-path`).catch(() => ({}));
  if (status !== 500) return undefined;
  // The line of the log comes a moment after the response.
  for (let tries = 0; tries < 40; tries += 1) {
    const details = lines.split("\n").filter((line) => line.startsWith("{") && line.includes('"status":500'));
    const [line] = details.map(parsed).filter((one) => one?.detail);
    if (line) return line.detail;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return "its log says why";
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

endWith(server);
