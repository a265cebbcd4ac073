// docs/clients.md, from the lines that the clients printed.

import { steps } from "./libraries.mjs";

const HEAD = `# Client libraries

What real client libraries do with Rollcall, written by \`tests/clients/clients.test.mjs\`, which \`npm test\` runs:
each library, in the version named here, runs on its own against a Rollcall on workerd, once with an issuer at the
root of a host and once with one below a path, and what it returns is compared with what was asked for.
\`UPDATE_DOCS=1 npm test -- client\` writes this page anew.

- **Discover**: finds the issuer's document, from the issuer or from an MCP server that names it, and in it the
  registration endpoint.
- **Register**: clients of these kinds ([what is sent](../tests/clients/kinds.json)), and understands the answer:
  \`secret_basic\` and \`secret_post\`, a server with a secret; \`keys\`, a server with \`private_key_jwt\`; \`browser\`, a
  page without a secret; \`loopback\` and \`private_use\`, native apps by how the user comes back.
- **Read**, **Update**, **Delete**: the registration, with its access token (RFC 7592). A read shows what was
  registered or updated; after a deletion it is refused.

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
  return [HEAD, title, "| --- ".repeat(8), "|\n", ...rows, "\n", ...footnotes].join("");
}
