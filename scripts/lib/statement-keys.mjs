// Whether the keys of trusted issuers of software statements can be fetched (docs/software-statements.md#keys).

import { describe, get } from "./issuer.mjs";

/** The limits that the Worker has. */
const LIMITS = { bytes: 64 * 1024, ms: 3_000 };

/** The findings about the issuers in the table SOFTWARE_STATEMENTS of `vars`, and of each entry of ISSUERS. */
export async function examineStatementKeys({ SOFTWARE_STATEMENTS, ISSUERS = {} }) {
  const tables = Object.entries(ISSUERS).map(([issuer, own]) => [`ISSUERS."${issuer}".`, own?.SOFTWARE_STATEMENTS]);
  const findings = [];
  for (const [path, table] of [["", SOFTWARE_STATEMENTS], ...tables]) {
    const issuers = Array.isArray(table?.issuers) ? table.issuers : [];
    for (const [index, { iss, jwks_uri }] of issuers.entries()) {
      if (typeof jwks_uri !== "string" || !URL.canParse(jwks_uri)) continue;
      const answer = await get(jwks_uri, { limits: LIMITS });
      const keys = answer.json?.keys;
      if (answer.status === 200 && Array.isArray(keys) && keys.length > 0 && keys.length <= 100) continue;
      const wrong = answer.status === 200 ? "is no JWK set of 1 to 100 keys" : describe(answer);
      const member = `${path}SOFTWARE_STATEMENTS.issuers[${index}].jwks_uri`;
      const breaks = `registrations with a software statement of ${iss} get 503`;
      findings.push({ severity: "warning", member, wrong, breaks, fix: "Make the key set reachable, or correct the URL" });
    }
  }
  return findings;
}
