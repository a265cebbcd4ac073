// node examples/browser-app/serve.mjs [PORT] [ISSUER]: serves the app on its own origin. Without arguments, the variables
// PORT and ISSUER are used.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const FILES = {
  "/": ["index.html", "text/html"],
  "/app.js": ["app.js", "text/javascript"],
  "/client.js": ["client.js", "text/javascript"],
};

const { PORT = "5173", ISSUER = "http://localhost:8787" } = process.env;
const [port = PORT, issuer = ISSUER] = process.argv.slice(2);
const server = createServer(({ url }, answer) => {
  const [name, type] = FILES[url.split("?")[0]] ?? [];
  if (!name) return answer.writeHead(404).end();
  const text = readFileSync(new URL(name, import.meta.url), "utf8").replace("ISSUER", issuer);
  answer.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(text);
});
server.on("error", (error) => {
  console.error(`${error.message}: stop the program that uses the port, or choose another port.`);
  process.exit(1);
});
server.listen(Number(port), "localhost", () => {
  console.log(`The app is at http://localhost:${server.address().port}/`);
});
