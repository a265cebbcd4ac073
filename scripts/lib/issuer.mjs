// The checks of a running issuer from outside: its documents, and whether its HTTP responses suit clients.

const LIMITS = { bytes: 1024 * 1024, ms: 10_000 };
const DOCUMENT = "application/json";

/** Whether a parsed URL leads to this machine. */
export const isLocal = ({ hostname }) => ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

/** `GET`, or another method; never follows a redirect. Without a response, `error` says why. */
export async function get(url, { limits = LIMITS, ...init } = {}) {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(limits.ms), ...init });
    const pieces = [];
    let bytes = 0;
    for await (const piece of response.body ?? []) {
      bytes += piece.length;
      if (bytes > limits.bytes) throw new Error(`the response has more than ${limits.bytes} bytes`);
      pieces.push(piece);
    }
    const body = Buffer.concat(pieces);
    const text = body.toString("utf8");
    const type = (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, type, body, text, json };
  } catch (error) {
    return { error: error.cause?.message ?? error.message };
  }
}

/** The URLs where clients look for an issuer's documents (RFC 8414 §3.1, OIDC Discovery §4). */
export function places(issuer) {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, "");
  const forms = (name) => {
    const inserted = `${origin}/.well-known/${name}${path}`;
    return path ? [inserted, `${origin}${path}/.well-known/${name}`] : [inserted];
  };
  return { oauth: forms("oauth-authorization-server"), openid: forms("openid-configuration"), origin };
}

/**
 * Checks a running issuer. Also reports whether Cloudflare's cache is on and which version of Rollcall runs. `examine` returns the
 * findings of a document, and `examineRollcall` promises those about a Rollcall with this registration endpoint.
 */
export async function examineIssuer(issuer, examine, examineRollcall) {
  const findings = [];
  const add = (severity) => (member, wrong, breaks, fix) =>
    findings.push({ severity, member, wrong, breaks, fix });
  const [fatal, warn] = [add("fatal"), add("warning")];
  const { oauth, openid, origin } = places(issuer);

  let main = await get(oauth[0]);
  let at = oauth[0];
  if (!isDocument(main)) {
    const answers = await Promise.all(openid.map((url) => get(url)));
    const found = answers.findIndex(isDocument);
    if (found < 0) {
      fatal(at, describe(main), "clients find no metadata (RFC 8414 section 3)", "Serve the document at this URL with status 200");
      return { issuer, findings };
    }
    warn(at, describe(main), "clients that support only OAuth find no metadata", "Serve the document there too");
    [main, at] = [answers[found], openid[found]];
  }
  findings.push(...examine(main.json));
  await otherForms(main, { oauth: at === oauth[0] ? oauth : [], openid }, examine, fatal, warn);
  await asHttp(at, main, warn);
  const cache = await caching(at, warn);
  await unknownPath(origin, fatal, warn);
  const { registration_endpoint: endpoint } = main.json;
  const isCalled = typeof endpoint === "string" && isNear(endpoint, issuer);
  if (typeof endpoint === "string") {
    if (isCalled) await registration("registration_endpoint", endpoint, fatal, warn);
    else warn("registration_endpoint", "was not called, because it is not an https URL on the site of the issuer", "the doctor cannot say whether clients can register", "Register a client there by hand");
  }
  const alias = main.json.mtls_endpoint_aliases?.registration_endpoint;
  if (typeof alias === "string" && isNear(alias, issuer)) await registration("mtls_endpoint_aliases.registration_endpoint", alias, fatal, warn);
  const version = await runningVersion(origin);
  // Another server could take a dry run for a registration.
  if (isCalled && version) findings.push(...(await examineRollcall(endpoint)));
  findings.sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "fatal" ? -1 : 1));
  return { issuer, findings, cache, version };
}

/** The version that the OpenAPI document of a running Rollcall names; undefined for other servers, or without its static files. */
async function runningVersion(origin) {
  const { status, json } = await get(`${origin}/openapi.json`);
  const { title, version } = (status === 200 && json?.info) || {};
  return title === "Rollcall" && typeof version === "string" ? version : undefined;
}

/** How many requests the cache gets to show a hit: one may fill it, and another may still miss it. */
const CACHE_TRIES = 3;

/** The state of Cloudflare's cache, by `Cf-Cache-Status`, which every response through the cache has (Workers Cache, "Debugging"). */
async function caching(url, warn) {
  let status;
  for (let tries = 0; tries < CACHE_TRIES && status !== "HIT"; tries += 1) {
    const { error, headers } = await get(url);
    if (error) return undefined;
    if (!headers.has("cf-ray")) return "not in use: the document does not come through Cloudflare";
    status = headers.get("cf-cache-status");
  }
  if (!status) {
    warn(url, "has no Cf-Cache-Status", "Cloudflare's cache is off, so the Worker runs for every request", "Set enabled to true under [cache] in wrangler.toml, and deploy it");
    return "off";
  }
  const said = `(Cf-Cache-Status: ${status})`;
  if (status === "STALE") {
    warn(url, `is served from the cache although it has expired ${said}`, "the Worker fails, so requests to other paths fail too", "Read the Worker's log");
    return `on, and it serves an expired document ${said}`;
  }
  if (status === "HIT") return `on, and the document comes from it ${said}`;
  if (status === "BYPASS") return `on, but the document is not stored, as for issuers on several hosts ${said}`;
  if (status === "DYNAMIC") return `not in use for the document ${said}`;
  return `on, but the document did not come from it in ${CACHE_TRIES} requests ${said}`;
}

function isDocument({ status, json }) {
  return status === 200 && json !== null && typeof json === "object" && !Array.isArray(json);
}

/** Whether a URL from a document may be called: https on the issuer's site, or both on this machine. */
function isNear(url, issuer) {
  if (!URL.canParse(url)) return false;
  const [theirs, ours] = [new URL(url), new URL(issuer)];
  const site = ({ hostname }) => hostname.split(".").slice(-2).join(".");
  if (isLocal(theirs) || isLocal(ours)) return theirs.origin === ours.origin;
  return theirs.protocol === "https:" && site(theirs) === site(ours);
}

/** A description of the answer that came instead of a document. */
export function describe({ error, status, type, headers }) {
  if (error) return `cannot be reached: ${error}`;
  if (status >= 300 && status < 400) return `is a redirect to ${headers.get("location")}`;
  if (headers.get("cf-mitigated") === "challenge") return `responds with a bot challenge (status ${status}, Cf-Mitigated: challenge)`;
  return `responds with status ${status} and ${type || "no content type"}`;
}

/** Checks that every URL that clients try has the same document, or is a 404. */
async function otherForms(main, { oauth, openid }, examine, fatal, warn) {
  for (const url of [...oauth.slice(1), ...openid]) {
    const answer = await get(url);
    if (isDocument(answer)) {
      if (answer.json.issuer !== main.json.issuer) {
        fatal(url, "has another issuer", "clients that read this document stop", "Serve the document of this issuer at all its URLs");
      } else if (oauth.includes(url) && answer.text !== main.text) {
        warn(url, "differs from the document at the first URL", "clients use whichever document they find first", "Serve the same text at all URLs");
      } else if (openid.includes(url) && answer.text !== main.text) {
        for (const { severity, member, wrong, breaks, fix } of examine(answer.json)) {
          (severity === "fatal" ? fatal : warn)(`${url}: ${member}`, wrong, breaks, fix);
        }
      }
    } else if (answer.status >= 400 && answer.status < 500 && answer.status !== 404) {
      warn(url, describe(answer), "clients and monitors cannot tell that the document does not exist", "Respond with 404 and JSON");
    } else if (answer.status !== 404) {
      fatal(url, describe(answer), "MCP SDKs stop unless they get a document or a 404", "Respond with 404 and JSON");
    } else if (oauth.includes(url)) {
      warn(url, describe(answer), "some clients look only there for an issuer with a path", "Serve the same document there too");
    }
  }
}

/** Checks content type, CORS, HEAD and caching. */
async function asHttp(url, main, warn) {
  if (main.type !== DOCUMENT) {
    warn(url, `has the content type ${main.type || "(none)"}`, "strict clients accept only application/json", "Send Content-Type: application/json");
  }
  if (!main.headers.get("access-control-allow-origin")) {
    warn(url, "has no Access-Control-Allow-Origin", "browser apps cannot read the document", "Send Access-Control-Allow-Origin: *");
  }
  await preflight(url, "GET", ["mcp-protocol-version"], warn);
  const head = await get(url, { method: "HEAD" });
  if (head.status !== 200) warn(url, `${describe(head)} for HEAD`, "monitors and proxies use HEAD", "Respond to HEAD as to GET");
  if (!main.headers.get("cache-control")) {
    warn(url, "has no Cache-Control", "caches guess how long they may store it", "Send Cache-Control: public, max-age=300");
  }
}

/** Whether pages on any origin may call it. */
async function preflight(url, method, names, warn) {
  const headers = {
    origin: "https://app.example",
    "access-control-request-method": method,
    "access-control-request-headers": names.join(","),
  };
  const answer = await get(url, { method: "OPTIONS", headers });
  const allowed = (answer.headers?.get("access-control-allow-headers") ?? "").toLowerCase().split(/\s*,\s*/);
  // `*` covers every header but Authorization.
  const any = allowed.includes("*");
  const missing = names.filter((name) => !allowed.includes(name) && !(any && name !== "authorization"));
  const origin = answer.headers?.get("access-control-allow-origin");
  if (answer.status === 403 && answer.json?.error === "access_denied") {
    warn(url, "rejects pages on origins that its operator has not listed", "browser apps on other origins cannot register", "Nothing, if that is intended (REGISTRATION.allowed_origins)");
    return false;
  }
  if (answer.error || answer.status >= 300 || missing.length > 0 || !origin) {
    warn(url, `does not allow browsers to send ${missing.join(", ") || "anything"}`, "the browser blocks web apps, including MCP inspectors", "Respond to OPTIONS with 204, and list the header in Access-Control-Allow-Headers");
  }
  return true;
}

async function unknownPath(origin, fatal, warn) {
  const url = `${origin}/.well-known/there-is-nothing-here`;
  const answer = await get(url);
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 404) {
    warn(url, describe(answer), "clients cannot tell a missing document from a forbidden one", "Respond with 404 on unknown paths");
  } else if (answer.status !== 404) {
    fatal(url, describe(answer), "MCP SDKs treat a page or a server error as broken metadata, and stop", "Respond with 404 on unknown paths");
  } else if (typeof answer.json?.error !== "string") {
    warn(url, "is a 404 without an OAuth error in JSON", "clients show a JSON syntax error instead of the reason", 'Respond with {"error": "...", "error_description": "..."}');
  }
}

/** Sends the registration endpoint a request that every server must reject. */
async function registration(member, url, fatal, warn) {
  const forPages = await preflight(url, "POST", ["content-type", "authorization"], warn);
  const body = JSON.stringify({ redirect_uris: ["/relative"] });
  const answer = await get(url, { method: "POST", headers: { "content-type": DOCUMENT }, body });
  if (answer.error || answer.status >= 500 || [404, 405].includes(answer.status) || (answer.status >= 300 && answer.status < 400)) {
    fatal(member, describe(answer), "clients cannot register", "Serve registration at the URL that the document names");
  } else if (answer.status < 300) {
    fatal(member, "registers a relative redirect URI", "authorization codes can be sent anywhere", "Reject it with invalid_redirect_uri");
    const { registration_client_uri: uri, registration_access_token: token } = answer.json ?? {};
    // Deletes the client that should not exist.
    if (isNear(uri, url)) await get(uri, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  } else if (typeof answer.json?.error !== "string" || typeof answer.json?.error_description !== "string") {
    warn(member, "rejects requests without error and error_description in JSON", "clients cannot tell what is wrong", "Respond as RFC 7591 section 3.2.2 says");
  } else if (answer.status === 400 && answer.json.error !== "invalid_redirect_uri") {
    warn(member, `rejects a relative redirect URI with ${JSON.stringify(answer.json.error)}`, "clients decide by this code what to do", "Respond with invalid_redirect_uri (RFC 7591 section 3.2.2)");
  } else if (forPages && !answer.headers.get("access-control-allow-origin")) {
    warn(member, "has no Access-Control-Allow-Origin on an error", "browser apps cannot read the error", "Send CORS headers with errors too");
  }
}
