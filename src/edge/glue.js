// What takes many calls between WebAssembly and JavaScript, done in one: each call costs more than what it
// is made for.

const HEADERS = [
  "authorization",
  "cf-connecting-ip",
  "content-encoding",
  "content-length",
  "content-type",
  "if-match",
  "if-none-match",
  "rollcall-upstream",
];

/** Cloudflare's own id of a request; on a developer's machine a random one. */
function idOf(request) {
  const ray = request.headers.get("cf-ray");
  return ray !== null && /^[0-9a-zA-Z-]{1,64}$/.test(ray) ? ray : crypto.randomUUID();
}

/** Method, URL, id and headers of a request, one a line; no header can hold a line break. */
export function describe(request) {
  let text = `${request.method}\n${request.url}\n${idOf(request)}`;
  for (const name of HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) text += `\n${name}:${value}`;
  }
  return text;
}

/** What stays the same for as long as we run, by the URL that is asked for it. */
const kept = new Map();
/** Callers could have any number of names for this host. */
const MOST_KEPT = 100;

export function keep(url, head, body, line) {
  if (kept.size >= MOST_KEPT) return;
  const { at, duration_ms, request_id, ...event } = JSON.parse(line);
  kept.set(url, { headers: new Headers([...headersIn(head)]), body, event });
}

/** The answer to a request that needs no look at it, which the module has given before; logged like any other. */
export function known(request) {
  const answer = request.method === "GET" ? kept.get(request.url) : undefined;
  const { headers } = request;
  if (!answer || headers.has("if-match") || headers.has("if-none-match")) return undefined;
  const at = Math.floor(Date.now() / 1000);
  console.log(JSON.stringify({ at, ...answer.event, duration_ms: 0, request_id: idOf(request) }));
  return new Response(answer.body, answer);
}

/** Whether the caller is a Worker whose binding has the property that an operator gives to it; nobody else can. */
export const isBound = ({ props }) => props?.authorization_server === true;

function* headersIn(lines) {
  const texts = lines.split("\n");
  for (let at = 0; at + 1 < texts.length; at += 2) yield [texts[at], texts[at + 1]];
}

/** Headers as the runtime has them, by their lines: to make them costs more than all else of an answer. */
const made = new Map();

/** Headers are names and values in turn, one a line: those that the program has as they are, and the answer's own. */
export function respond(status, fixed, own, body) {
  let headers = made.get(fixed);
  if (!headers) made.set(fixed, (headers = new Headers([...headersIn(fixed)])));
  const response = new Response(body, { status, headers });
  for (const [name, value] of headersIn(own)) response.headers.set(name, value);
  return response;
}

export const bytes = (buffer) => new Uint8Array(buffer);

export const get = ({ CLIENTS }, key, cacheTtl) =>
  CLIENTS.get(key, cacheTtl ? { type: "arrayBuffer", cacheTtl } : "arrayBuffer");

export function put({ CLIENTS }, key, value, expirationTtl, metadata) {
  const options = {};
  if (expirationTtl) options.expirationTtl = expirationTtl;
  if (metadata) options.metadata = JSON.parse(metadata);
  // The memory of the module may move before the value is written.
  return CLIENTS.put(key, value.slice(), options);
}

export const remove = ({ CLIENTS }, key) => CLIENTS.delete(key);

export const list = async ({ CLIENTS }, prefix, limit, cursor) =>
  JSON.stringify(await CLIENTS.list({ prefix, limit, cursor }));

/** Whether a rate limiter lets it pass; nothing without the limiter. */
export const limit = (env, binding, key) => env[binding]?.limit({ key }).then(({ success }) => success);

let resume;

/** Takes what is called with the number of a task when its promise is settled. */
export const resumeWith = (call) => {
  resume = call;
};

export function attach(promise, task) {
  // The one of now: a module that is started anew has other tasks.
  const call = resume;
  promise.then(
    (value) => call(task, true, value),
    (error) => call(task, false, error),
  );
}

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export const waitUntil = (context, promise) => context.waitUntil(promise);
