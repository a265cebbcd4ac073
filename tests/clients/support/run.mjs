// node run.mjs CLIENT ISSUER MCP [ISSUER MCP …]: runs a client in JavaScript for each issuer. Loading a library takes most
// of the time of a run, so one process runs the client for all issuers.

import { begin } from "./steps.mjs";

const [client, ...urls] = process.argv.slice(2);
for (let at = 0; at < urls.length; at += 2) {
  begin(urls[at], urls[at + 1]);
  // The query makes it another module, while the library that it imports stays the same.
  await import(`../js/${client}.mjs?run=${at}`);
}
