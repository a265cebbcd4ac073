// Whether a case applies to a target. A case that does not apply is skipped with a reason, and never failed.

/** Reasons, by the capability that is missing. */
const REASONS = {
  metadata: "the issuer has no metadata document",
  "oauth-metadata": "the issuer has no RFC 8414 document",
  "oidc-metadata": "the issuer has no OpenID Connect document",
  endpoint: "no document names a registration_endpoint, and --endpoint is not set",
  registration: "the target accepts no registration of this program: see --token and --redirect-host",
  management: "the target does not offer RFC 7592",
  public: "the target registers no public clients",
  secret: "the target registers no clients with a secret",
  open: "the target does not register without an initial access token",
  gated: "the target registers without an initial access token, or --token is not set",
  token: "--token is not set",
  https: "the issuer is on http",
  "issuer-path": "the issuer has no path",
  authorize: "the authorization endpoint does not show whether it accepts a redirect URI",
  "documents-announced": "no metadata documents: the target does not announce them, or --documents is not set",
  documents: "the target accepts no metadata document from this program: see --documents",
};

const describeAnnouncement = ([member, value]) => (value === undefined ? `the target does not announce ${member}` : `${member} does not announce ${JSON.stringify(value)}`);

/** Kinds of needs that are objects: `[holds, reason]`. */
const KINDS = {
  announces: [(argument, target) => target.announces(argument), describeAnnouncement],
  announcesNot: [(argument, target) => !target.announces(argument), ([member, value]) => `${member} announces ${JSON.stringify(value)}`],
  announcesAny: [([member, values], target) => values.some((value) => target.announces([member, value])), ([member, values]) => `${member} announces none of ${values.join(", ")}`],
};

export const NEEDS = Object.keys(REASONS);

/** The reason why a case does not apply, or undefined. */
export function missingNeed(needs, target) {
  for (const need of needs) {
    if (typeof need === "string") {
      if (!target.capabilities.has(need)) return REASONS[need];
      continue;
    }
    const [[kind, argument]] = Object.entries(need);
    const [holds, reason] = KINDS[kind];
    if (!holds(argument, target)) return reason(argument);
  }
  return undefined;
}
