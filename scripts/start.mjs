// npm start: sets up what is missing, builds, and serves on http://localhost:8787. Arguments after
// `--` go to `wrangler dev`, which keeps the records in .wrangler/state unless told otherwise.

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  process.exit(1);
}

const { setup } = await import("./setup.mjs");
const { build, reportSize } = await import("./build.mjs");
const { wrangler } = await import("./wrangler.mjs");

const args = process.argv.slice(2);
const option = (name, fallback) => {
  const at = args.indexOf(name);
  return at >= 0 ? args[at + 1] : fallback;
};

const started = Date.now();
const tools = await setup();
build(tools);
reportSize();
const server = wrangler(tools, ["dev", "--show-interactive-dev-session=false", ...args]);
server.on("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.kill(signal));

const host = option("--ip", "localhost");
const url = `http://${host === "0.0.0.0" ? "localhost" : host}:${option("--port", "8787")}`;
const discovery = `${url}/.well-known/oauth-authorization-server`;
while (!(await fetch(discovery).then((r) => r.body?.cancel() ?? true, () => false).then((r) => r !== false))) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
console.log(`\nRollcall is ready on ${url} after ${((Date.now() - started) / 1000).toFixed(1)} s.`);
console.log(`  discovery:     ${discovery}`);
console.log(`  registration:  POST ${url}/reg`);
