// The command line.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { LEVELS } from "./cases.mjs";

export const USAGE = `Usage: registration-conformance ISSUER [options]
       registration-conformance --compare BEFORE.json AFTER.json

Tests dynamic client registration at the server with this issuer identifier. It registers clients, and deletes them where
the server supports RFC 7592.

  --token TOKEN           the initial access token, if the server needs one
  --endpoint URL          the registration endpoint, if no metadata document names it
  --redirect-host HOST    a host that the server accepts in redirect URIs (client.example.com)
  --rate NUMBER           requests a second (10); 0 for no limit
  --parallel NUMBER       cases at a time (4)
  --timeout SECONDS       the time that a response may take (10)
  --group NAME            only this group of cases; may be repeated
  --only TEXT             only cases whose identifier contains TEXT
  --ca FILE               a certificate authority to trust (PEM)
  --insecure              allow http for an issuer on the loopback interface
  --documents URL         the https URL at which the target reaches this program's document server
  --documents-listen HOST:PORT  where that server listens (127.0.0.1:8788)
  --documents-cert FILE, --documents-key FILE  its certificate and key (PEM); without them it speaks http, for a proxy
  --fail-on LEVEL         the weakest level whose failures make the exit code 1: ${LEVELS.join(", ")} (MUST)
  --json FILE             write a report as JSON; - for the standard output
  --junit FILE            write a report as JUnit XML; - for the standard output
  --list                  list the cases, and run none
  --compare               compare two JSON reports
  --help

Exit codes: 0 without failures of that level, 1 with one, 2 if nothing could be tested.`;

const TEXTS = ["token", "endpoint", "redirect-host", "rate", "parallel", "timeout", "only", "ca", "documents", "documents-listen", "documents-cert", "documents-key", "fail-on", "json", "junit"];
const FLAGS = ["insecure", "list", "compare", "help"];

/** A mistake on the command line, in a sentence. */
export class UsageError extends Error {}

function number(name, text, fallback) {
  const value = text === undefined ? fallback : Number(text);
  if (!(value >= 0)) throw new UsageError(`--${name} must be a number, not ${text}`);
  return value;
}

function checkIssuer(issuer, insecure) {
  if (!URL.canParse(issuer)) throw new UsageError(`the issuer must be a URL, not ${issuer}`);
  const { protocol, hostname, search, hash } = new URL(issuer);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback && insecure)) throw new UsageError(`the issuer must be https; with --insecure, http works on the loopback interface (${issuer})`);
  if (search || hash) throw new UsageError(`the issuer must have no query and no fragment (RFC 8414 section 2): ${issuer}`);
}

/** The document server's settings, or undefined without `--documents`. */
function documentOptions(values) {
  if (values.documents === undefined) return undefined;
  const [cert, key] = ["documents-cert", "documents-key"].map((name) => values[name] && readFileSync(values[name], "utf8"));
  if (!cert !== !key) throw new UsageError("--documents-cert and --documents-key belong together");
  const listen = values["documents-listen"] ?? "127.0.0.1:8788";
  if (!/^.+:\d+$/.test(listen)) throw new UsageError(`--documents-listen must be HOST:PORT, not ${listen}`);
  return { base: values.documents.replace(/\/$/, ""), listen, cert, key };
}

/** The options of `args`. Throws `UsageError`. */
export function readOptions(args) {
  const options = Object.fromEntries([...TEXTS.map((name) => [name, { type: "string" }]), ...FLAGS.map((name) => [name, { type: "boolean" }])]);
  options.group = { type: "string", multiple: true };
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error.message);
  }
  const { values, positionals } = parsed;
  if (values.help || values.compare || values.list) return { ...values, groups: values.group, positionals };
  if (positionals.length !== 1) throw new UsageError("one issuer is needed");
  checkIssuer(positionals[0], values.insecure);
  const failOn = values["fail-on"] ?? "MUST";
  if (!LEVELS.includes(failOn)) throw new UsageError(`--fail-on must be one of ${LEVELS.join(", ")}, not ${failOn}`);
  return {
    ...values,
    issuer: positionals[0],
    groups: values.group,
    failOn,
    redirectHost: values["redirect-host"] ?? "client.example.com",
    rate: number("rate", values.rate, 10),
    parallel: number("parallel", values.parallel, 4),
    timeout: number("timeout", values.timeout, 10) * 1000,
    ca: values.ca && readFileSync(values.ca, "utf8"),
    documents: documentOptions(values),
  };
}
