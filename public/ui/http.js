// One exchange over HTTP: what is sent is what is shown.

const REASONS = {
  200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
  403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 412: "Precondition Failed",
  413: "Content Too Large", 415: "Unsupported Media Type", 429: "Too Many Requests", 500: "Internal Server Error",
  501: "Not Implemented", 503: "Service Unavailable", 508: "Loop Detected",
};

/** How long an answer is waited for, in milliseconds. */
const PATIENCE = 60_000;

/** Whether a header can carry it. */
export const isToken = (text) => /^[ -~]+$/.test(text);

/** A request: `body` is an object that is sent as JSON; `token` goes into the Authorization header. */
export function request(method, url, { body, token, etag } = {}) {
  const headers = [];
  if (body !== undefined) headers.push(["Content-Type", "application/json"]);
  if (token) headers.push(["Authorization", `Bearer ${token.value}`]);
  if (etag) headers.push(["If-Match", etag]);
  return { method, url, headers, token, body, text: body === undefined ? "" : JSON.stringify(body, null, 2) };
}

/**
 * Sends it. The answer has `status`, `reason`, `headers`, `text`, and `json` where it is JSON; or `failure`. It is
 * `ok` if what was asked for is done, and said as the API says it: others answer 200, too, like the page of a network.
 */
export async function send({ method, url, headers, text }) {
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: text || undefined,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const { status } = response;
    const said = parsed(await response.text());
    const ok = response.ok && (status === 204 || (typeof said.json === "object" && said.json !== null));
    return { status, reason: REASONS[status] ?? response.statusText, headers: [...response.headers], ok, ...said };
  } catch (error) {
    return { failure: error.message, ok: false, headers: [], text: "" };
  }
}

function parsed(text) {
  try {
    return { text, json: JSON.parse(text) };
  } catch {
    return { text };
  }
}

export const header = (answer, name) => answer.headers.find(([key]) => key.toLowerCase() === name)?.[1];
