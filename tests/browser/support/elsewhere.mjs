// An app on another origin, and on another site, than Rollcall: what its scripts may do there.

import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { launched } from "./page.mjs";

const LIBRARIES = `
  export * as oauth from "oauth4webapi";
  export { discoverAuthorizationServerMetadata, registerClient } from "@modelcontextprotocol/sdk/client/auth.js";
`;

/** Serves the app: a page with client libraries in it. */
export async function startApp() {
  const { outputFiles } = await build({
    stdin: { contents: LIBRARIES, resolveDir: fileURLToPath(new URL("../../..", import.meta.url)) },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "libraries",
    platform: "browser",
    logLevel: "error",
  });
  const files = {
    "/": ["text/html", "<!doctype html><title>An app</title><link rel=icon href=data:,><script src=/libraries.js></script>"],
    "/libraries.js": ["text/javascript", outputFiles[0].text],
  };
  const server = createServer(({ url }, answer) => {
    const [type, text] = files[url] ?? ["text/plain", ""];
    answer.writeHead(url in files ? 200 : 404, { "content-type": type }).end(text);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  // Rollcall is at 127.0.0.1: a name makes it another site as well.
  return { url: `http://localhost:${server.address().port}/`, stop: () => server.close() };
}

/** Opens the app in a context of its own. `ask` is a request of its script: what that script sees of the answer. */
export async function inApp(app, action) {
  const context = await (await launched()).newContext();
  try {
    const page = await context.newPage();
    await page.goto(app.url);
    const ask = (method, url, { body, type = "application/json", ...more } = {}) =>
      page.evaluate(request, { method, url, body, type, ...more });
    await action(ask, page);
  } finally {
    await context.close();
  }
}

async function request({ method, url, body, type, headers, ...more }) {
  const content = body === undefined ? {} : { "content-type": type };
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  try {
    const answer = await fetch(url, { method, headers: { ...content, ...headers }, body: text, ...more });
    const sent = await answer.text();
    const json = sent.startsWith("{") ? JSON.parse(sent) : undefined;
    return { status: answer.status, type: answer.type, headers: Object.fromEntries(answer.headers), body: json };
  } catch (error) {
    return { failure: error.name };
  }
}
