// npm start: sets up what is missing, builds, and serves on http://localhost:8787. Arguments after
// `--` go to `wrangler dev`, which keeps the records in .wrangler/state unless an argument says otherwise.

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  process.exit(1);
}

const { parseArgs } = await import("node:util");
const { freePort, isFree } = await import("./lib/ports.mjs");
const { Hint, endWithNpm, spawnGuarded } = await import("./lib/process.mjs");
const { root, setup } = await import("./setup.mjs");
const { build, isBuilt, reportSize } = await import("./build.mjs");

const args = process.argv.slice(2);
const text = { type: "string" };
const options = { ip: text, port: text, "inspector-port": text, config: { ...text, short: "c" } };
const {
  ip = "localhost",
  port: chosen,
  "inspector-port": inspector,
  config,
} = parseArgs({ args, options, strict: false }).values;
const port = chosen ?? "8787";

const started = Date.now();
const compiles = !isBuilt();
const settingUp = setup({ rust: compiles, bindgen: compiles });
await build(settingUp);
const tools = await settingUp;
reportSize();
// wrangler would take another port without a word, or fail in its own words.
if (!(await isFree(Number(port)))) {
  // Another host was chosen on purpose, or is the issuer's.
  const other = chosen ? "" : ", or choose another with npm start -- --port NUMBER";
  throw new Hint(`Port ${port} is taken: end what uses it${other}.`);
}
const own = ["dev", "--port", port, "--show-interactive-dev-session=false"];
if (!inspector) own.push("--inspector-port", String(await freePort()));
// Of an option given twice, wrangler would make a list.
const rest = args.filter(
  (arg, at) => arg !== "--port" && !arg.startsWith("--port=") && args[at - 1] !== "--port",
);
const server = spawnGuarded(tools.node, [tools.wrangler, ...own, ...rest], { cwd: root, env: tools.env });

let announced = false;
server.stderr.pipe(process.stderr);
server.stdout.on("data", (chunk) => {
  process.stdout.write(chunk);
  // From here on it answers; any earlier, an answer would be another server's.
  if (announced || !String(chunk).includes("Ready on")) return;
  announced = true;
  const url = `http://${ip === "0.0.0.0" ? "localhost" : ip}:${port}`;
  console.log(`\nRollcall is ready on ${url} after ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  // The pages are there in our own configuration.
  if (!config) console.log(`  to try it:     ${url}/`);
  console.log(`  discovery:     ${url}/.well-known/oauth-authorization-server`);
  console.log(`  registration:  POST ${url}/reg`);
});

let asked = false;
const stop = () => ((asked = true), server.stdin.end());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
endWithNpm(stop);
server.on("close", (code) => process.exit(asked ? 0 : code || 1));
