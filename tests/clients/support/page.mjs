// docs/clients.md, from the lines that the clients printed.

import { steps } from "./libraries.mjs";

const HEAD = `# Client libraries

This page shows which steps real client libraries can do with Rollcall. \`tests/clients/clients.test.mjs\` tests them in each \`npm test\`.
Each library runs on its own, in the version of the table, against a Rollcall on workerd: once with an issuer at the root of a host, and
once with an issuer below a path. The test compares the library's results with the requests. \`UPDATE_DOCS=1 npm test -- client\` writes
this page.

- **Discover**: the library finds the issuer's document, from the issuer or from an MCP server that names it, and the registration
  endpoint in that document.
- **Register**: the library registers clients of these kinds ([the requests](../tests/clients/kinds.json)) and understands the response.
  \`secret_basic\` and \`secret_post\` are servers with a secret. \`keys\` is a server with \`private_key_jwt\`. \`browser\` is a page without a
  secret. \`loopback\` and \`private_use\` are native apps with these redirect URIs.
- **Read**, **Update**, **Delete**: the library manages the registration with its access token (RFC 7592). A read shows the registered or
  updated metadata; after a deletion it is rejected.

`;

const TAIL = `
## The MCP conformance suite

\`tests/clients/conformance.test.mjs\` runs [the conformance suite of MCP](https://github.com/modelcontextprotocol/conformance), as far as it
is about registration. The version is a preview, because only previews have tests of authorization servers.

| Command of the suite | What it tests here | Result |
| --- | --- | --- |
| \`authorization\` | the metadata of an issuer at the root of a host, and of one below a path with [metadata documents](documents.md); the code grant of a client that was registered at Rollcall, with [\`examples/worker-as\`](../examples/worker-as/) | passes |
| \`client\` | the client of [\`examples/mcp-server\`](../examples/mcp-server/): how it finds an issuer, registers and uses the method that it was registered with, for MCP 2025-11-25 and 2026-07-28. The suite brings its own authorization server, so this does not test Rollcall | passes |
| \`server\` | nothing: it tests MCP servers without authorization | |

The suite has no test that sends a registration to an authorization server. The libraries above do that. With a server that supports
\`none\`, as this one does, the suite always uses a client without a secret.
`;

/** `did`: of each library the lines that its client printed. */
export function page(did) {
  const texts = [];
  const mark = (text) => {
    if (!texts.includes(text)) texts.push(text);
    return `[^${texts.indexOf(text) + 1}]`;
  };
  const rows = [...did].map(([library, lines]) => {
    const { cannot = {}, notes = {}, name, language } = library;
    const took = (step) => lines.some((line) => line.step === step && line.ok);
    const cell = (text, ...about) => {
      const said = about.map((step) => cannot[step] ?? notes[step]).filter(Boolean);
      return [text, ...[...new Set(said)].map(mark)].join(" ");
    };
    const yesOrNo = (step) => cell(took(step) ? "yes" : "-", step);
    const registrations = steps.filter((step) => step.startsWith("register "));
    const kinds = registrations.filter(took).map((step) => step.slice("register ".length));
    const all = kinds.length === registrations.length ? "all" : kinds.join(", ");
    const cells = [name, lines[0].version, language, yesOrNo("discover"), cell(all, ...registrations)];
    return `| ${[...cells, ...["read", "update", "delete"].map(yesOrNo)].join(" | ")} |\n`;
  });
  const title = "| Library | Version | Language | Discover | Register | Read | Update | Delete |\n";
  const footnotes = texts.map((text, at) => `[^${at + 1}]: ${text}\n`);
  return [HEAD, title, "| --- ".repeat(8), "|\n", ...rows, "\n", ...footnotes, TAIL].join("");
}
