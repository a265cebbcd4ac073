// What can be seen of a running issuer from outside: HTTP as clients need it, and its documents.

const TIMEOUT_MS = 10_000;
const DOCUMENT = "application/json";

/** `GET`, or another method; never follows a redirect. Without an answer, `error` says why. */
export async function get(url, init = {}) {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
    const text = await response.text();
    const type = (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, type, text, json };
  } catch (error) {
    return { error: error.cause?.message ?? error.message };
  }
}

/** The places where clients look for an issuer's documents (RFC 8414 §3.1, OIDC Discovery §4). */
export function places(issuer) {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, "");
  const forms = (name) => {
    const inserted = `${origin}/.well-known/${name}${path}`;
    return path ? [inserted, `${origin}${path}/.well-known/${name}`] : [inserted];
  };
  return { oauth: forms("oauth-authorization-server"), openid: forms("openid-configuration"), origin };
}

/** Checks a running issuer; `examine` returns the findings of a document. */
export async function examineIssuer(issuer, examine) {
  const findings = [];
  const add = (severity) => (member, wrong, breaks, mend) =>
    findings.push({ severity, member, wrong, breaks, mend });
  const [fatal, warn] = [add("fatal"), add("warning")];
  const { oauth, openid, origin } = places(issuer);

  const main = await get(oauth[0]);
  if (!isDocument(main)) {
    fatal(oauth[0], told(main), "clients find no metadata (RFC 8414 section 3)", "Serve the document there with status 200");
    return { issuer, findings };
  }
  findings.push(...examine(main.json));
  await otherForms(main, { oauth, openid }, fatal, warn);
  await asHttp(oauth[0], main, warn);
  await unknownPath(origin, fatal, warn);
  if (typeof main.json.registration_endpoint === "string") {
    await registration(main.json.registration_endpoint, fatal, warn);
  }
  findings.sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "fatal" ? -1 : 1));
  return { issuer, findings };
}

function isDocument({ status, json }) {
  return status === 200 && json !== null && typeof json === "object" && !Array.isArray(json);
}

function told({ error, status, type, headers }) {
  if (error) return `cannot be reached: ${error}`;
  if (status >= 300 && status < 400) return `is a redirect to ${headers.get("location")}`;
  return `is answered with status ${status} and ${type || "no content type"}`;
}

/** Every place clients try has the same document, or says with a 404 that it has none. */
async function otherForms(main, { oauth, openid }, fatal, warn) {
  for (const url of [...oauth.slice(1), ...openid]) {
    const answer = await get(url);
    if (isDocument(answer)) {
      if (answer.json.issuer !== main.json.issuer) {
        fatal(url, "has another issuer", "clients that look here stop", "Serve one issuer's document at all places");
      } else if (oauth.includes(url) && answer.text !== main.text) {
        warn(url, "differs from the document at its first place", "clients act on what they happen to find", "Serve the same text at all places");
      }
    } else if (answer.status !== 404) {
      fatal(url, told(answer), "MCP SDKs stop looking at anything but a document or a 404", "Answer 404 with JSON");
    } else if (oauth.includes(url)) {
      warn(url, told(answer), "some clients look nowhere else for an issuer with a path", "Serve the same document there too");
    }
  }
}

/** Content type, browsers, HEAD, caching. */
async function asHttp(url, main, warn) {
  if (main.type !== DOCUMENT) {
    warn(url, `has the content type ${main.type || "(none)"}`, "strict clients read application/json only", "Send Content-Type: application/json");
  }
  if (!main.headers.get("access-control-allow-origin")) {
    warn(url, "has no Access-Control-Allow-Origin", "browser apps cannot read it", "Send Access-Control-Allow-Origin: *");
  }
  await preflight(url, ["mcp-protocol-version"], warn);
  const head = await get(url, { method: "HEAD" });
  if (head.status !== 200) warn(url, `${told(head)} for HEAD`, "monitors and proxies use HEAD", "Answer HEAD like GET");
  if (!main.headers.get("cache-control")) {
    warn(url, "has no Cache-Control", "caches guess how long to keep it", "Send Cache-Control: public, max-age=300");
  }
}

async function preflight(url, names, warn) {
  const headers = {
    origin: "https://app.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": names.join(","),
  };
  const answer = await get(url, { method: "OPTIONS", headers });
  const allowed = (answer.headers?.get("access-control-allow-headers") ?? "").toLowerCase().split(/\s*,\s*/);
  const missing = names.filter((name) => !allowed.includes(name));
  if (answer.error || answer.status >= 300 || missing.length > 0) {
    warn(url, `does not allow browsers to send ${missing.join(", ") || "anything"}`, "browser apps, MCP inspectors among them, are stopped by their browser", "Answer OPTIONS with 204 and Access-Control-Allow-Headers that lists it");
  }
}

async function unknownPath(origin, fatal, warn) {
  const url = `${origin}/.well-known/there-is-nothing-here`;
  const answer = await get(url);
  if (answer.status !== 404) {
    fatal(url, told(answer), "MCP SDKs take a page or a server error for broken metadata and stop", "Answer 404 to unknown paths");
  } else if (typeof answer.json?.error !== "string") {
    warn(url, "is a 404 without an OAuth error in JSON", "clients show a JSON syntax error instead of the reason", 'Answer {"error": "...", "error_description": "..."}');
  }
}

/** The registration endpoint, asked for something that no server may register. */
async function registration(url, fatal, warn) {
  await preflight(url, ["content-type", "authorization"], warn);
  const body = JSON.stringify({ redirect_uris: ["/relative"] });
  const answer = await get(url, { method: "POST", headers: { "content-type": DOCUMENT }, body });
  if (answer.error || answer.status >= 500 || answer.status === 404 || (answer.status >= 300 && answer.status < 400)) {
    fatal("registration_endpoint", told(answer), "nobody can register", "Let the endpoint that the document names answer");
  } else if (answer.status < 300) {
    fatal("registration_endpoint", "registers a relative redirect URI", "codes can be sent anywhere", "Refuse it with invalid_redirect_uri");
  } else if (typeof answer.json?.error !== "string" || typeof answer.json?.error_description !== "string") {
    warn("registration_endpoint", "refuses without error and error_description in JSON", "clients cannot tell what is wrong", "Answer as RFC 7591 section 3.2.2 says");
  } else if (!answer.headers.get("access-control-allow-origin")) {
    warn("registration_endpoint", "has no Access-Control-Allow-Origin on a refusal", "browser apps cannot read why", "Send CORS headers with errors too");
  }
}
