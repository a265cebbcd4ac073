// @cloudflare/workers-oauth-provider on workerd, its records in the KV of Miniflare. A Worker has its own page at
// /authorize: this one shows a page for every request that the library accepts.

import { build } from "esbuild";
import { Log, LogLevel, Miniflare, convertV4MiniflareOptions } from "miniflare";

import { freePort } from "../../scripts/lib/ports.mjs";

const WORKER = `
import { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";

const server = new OAuthAuthorizationServer({
  issuer: ISSUER,
  resources: [\`\${ISSUER}/mcp\`],
  scopesSupported: ["profile", "email", "offline_access"],
  clientRegistrationEndpoint: \`\${ISSUER}/register\`,
});

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/authorize") return server.fetch(request, env, ctx);
    try {
      await server.getOAuthApi(env).parseAuthRequest(request);
      return new Response("<p>Log in</p>", { headers: { "content-type": "text/html" } });
    } catch (error) {
      if (error.redirectTo) return Response.redirect(error.redirectTo, 302);
      return new Response("<p>The request is wrong</p>", { status: 400, headers: { "content-type": "text/html" } });
    }
  },
};
`;

const port = await freePort();
const issuer = `http://127.0.0.1:${port}`;
const { outputFiles } = await build({
  stdin: { contents: WORKER, resolveDir: import.meta.dirname },
  bundle: true,
  format: "esm",
  write: false,
  external: ["cloudflare:*", "node:*"],
  define: { ISSUER: JSON.stringify(issuer) },
  logLevel: "error",
});
const worker = { name: "peer", modules: [{ type: "ESModule", path: "index.js", contents: outputFiles[0].text }], compatibilityDate: "2026-11-01", compatibilityFlags: ["nodejs_compat"], kvNamespaces: ["OAUTH_KV"] };
const miniflare = new Miniflare(convertV4MiniflareOptions({ host: "127.0.0.1", port, cf: false, log: new Log(LogLevel.NONE), workers: [worker] }));
await miniflare.ready;
console.log(JSON.stringify({ issuer }));
