// The check of a client's metadata document from outside: its URL, the response, the document under the rules of both profiles, and
// which well-known servers reject it.

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

import { examineServers } from "../../public/home/document-servers.js";
import { version } from "./installation.mjs";
import { describe, get } from "./issuer.mjs";

/** The Worker's limits, as in `src/service/documents/fetch.rs`: bytes by default, and how long a response may take. */
const MOST_BYTES = 5120;
export const TIMEOUT_MS = 3_000;

/** A larger document is read up to here, so that the rest of it can be checked. `DOCUMENTS.max_bytes` may not be larger. */
export const READ_BYTES = 32_768;

/** The request that the Worker sends. Firewalls decide by these headers. */
export const HEADERS = { accept: "application/json", "user-agent": `rollcall/${version}` };

const DRAFT = "Client ID Metadata Document draft-02";
const FETCHING = `${DRAFT} section 5`;

const finding = (severity, wrong, spec, more = {}) => ({ severity, member: "", wrong, spec, ...more });

/**
 * Checks the document at `url`, or the one in `file` that is to be published there. `checkDocument` is the Worker's check. The
 * report has `document`, `response`, `findings`, the effective `metadata` if Rollcall can use the document, and `servers`.
 */
export async function examineDocument(url, file, checkDocument) {
  const { url: problem, can_be_fetched: canBeFetched } = checkDocument(url);
  const findings = problem ? [ofProblem(problem)] : [];
  const response = file ? undefined : canBeFetched ? await fetchDocument(url) : undefined;
  const body = file ? readFileSync(file) : response?.status === 200 ? response.body : undefined;
  if (response) findings.push(...ofResponse(response));
  if (body?.length > MOST_BYTES) {
    findings.push(finding("fatal", `the document has ${body.length} bytes, more than ${MOST_BYTES} (DOCUMENTS.max_bytes)`, `${DRAFT} section 8.7`));
  }
  if (!file && !canBeFetched) findings.push(finding("fatal", "the document was not fetched, because of its URL", FETCHING));
  const readings = body ? checkDocument(url, body).readings : [];
  findings.push(...ofReadings(readings));
  const points = readings.find(({ metadata }) => metadata)?.points;
  if (points) findings.push(...(await ofPoints(points)));
  const document = objectOf(body);
  const { status, type, ms } = response ?? {};
  const facts = { url, document, bytes: body?.length, status, type: status === 200 ? type : undefined, ms };
  const usable = !findings.some(({ severity }) => severity === "fatal");
  return {
    document: url,
    response: response && { status, type, ms, error: response.error },
    findings,
    metadata: usable ? readings.find(({ profile }) => profile === "mcp")?.metadata : undefined,
    servers: examineServers(facts),
  };
}

async function fetchDocument(url) {
  const start = performance.now();
  const response = await get(url, { limits: { bytes: READ_BYTES, ms: TIMEOUT_MS }, headers: HEADERS });
  return { ...response, ms: Math.round(performance.now() - start) };
}

function ofResponse(response) {
  const { error, status, headers, type } = response;
  if (error || status !== 200) return [finding("fatal", `the document ${describe(response)}`, FETCHING)];
  const found = [];
  if (type !== "application/json" && !/^application\/.*\+json$/.test(type)) {
    found.push(finding("fatal", `the media type is ${type || "missing"}, but must be application/json, or end in +json`, `${DRAFT} section 4`));
  }
  if (/\b(no-store|private)\b/i.test(headers.get("cache-control") ?? "")) {
    const wrong = `Cache-Control is ${headers.get("cache-control")}, so servers fetch the document again and again, and cannot use a copy while it cannot be reached`;
    found.push(finding("warning", wrong, "RFC 9111 section 5.2.2"));
  }
  return found;
}

/** The problems of both profiles, each once. Only those of the profile mcp, which is the default, make a document unusable. */
function ofReadings(readings) {
  const found = new Map();
  for (const { profile, problems, more } of readings) {
    for (const problem of problems) {
      const key = JSON.stringify(problem);
      const known = found.get(key) ?? ofProblem(problem, { profiles: [] });
      known.profiles.push(profile);
      found.set(key, known);
    }
    if (more > 0) found.set(profile, finding("fatal", `there are ${more} more problems`, `profile ${profile}`));
  }
  return [...found.values()].map((one) => (one.profiles?.includes("mcp") === false ? { ...one, severity: "warning" } : one));
}

const ofProblem = ({ member, rule, message, spec }, more) => finding("fatal", message, spec, { member, rule, ...more });

/** Keys whose points are not on their curves, by the arithmetic of Web Crypto, as in the Worker. */
async function ofPoints([places, points]) {
  const isOnCurve = ({ kty, crv, x, y }) =>
    webcrypto.subtle.importKey("jwk", { kty, crv, x, y }, { name: "ECDSA", namedCurve: crv }, false, ["verify"]).then(() => true, () => false);
  const onCurve = await Promise.all((points ?? []).map(isOnCurve));
  const wrong = places.filter((_, at) => !onCurve[at]);
  return wrong.map((at) => finding("fatal", `jwks.keys[${at}] must be a point on its curve`, "RFC 7518 section 6.2.1", { member: `/jwks/keys/${at}` }));
}

/** The document as an object; undefined if it is none. */
function objectOf(body) {
  try {
    const value = JSON.parse(body.toString("utf8").replace(/^\uFEFF/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The members of a client that decide what it can do. */
const SHOWN = ["token_endpoint_auth_method", "grant_types", "scope", "redirect_uris"];

/** The lines that are printed. */
export function documentText({ document, response, findings, metadata, servers }) {
  const lines = [document];
  if (response?.status) lines.push(`  response: status ${response.status}, ${response.type || "no media type"}, after ${response.ms} ms`);
  for (const { severity, member, wrong, spec, profiles } of findings) {
    lines.push(`  ${severity === "fatal" ? "FATAL  " : "warning"}  ${wrong}`);
    if (member) lines.push(`           at:      ${member}`);
    lines.push(`           section: ${spec}`);
    if (profiles?.length === 1) lines.push(`           profile: only ${profiles[0]}`);
  }
  if (metadata) {
    const shown = SHOWN.filter((name) => metadata[name]).map((name) => `${name} ${[metadata[name]].flat().join(" ")}`);
    lines.push(`  Rollcall can use it: ${shown.join("; ")}`);
  }
  for (const { server, reasons } of servers) {
    for (const reason of reasons) lines.push(`  ${server} rejects it: ${reason}`);
  }
  const others = servers.filter(({ reasons }) => reasons.length === 0).map(({ server }) => server);
  if (others.length > 0) lines.push(`  No reason to reject it is known of: ${others.join(", ")}`);
  return lines;
}
