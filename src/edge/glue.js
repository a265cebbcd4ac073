// What takes many calls between WebAssembly and JavaScript, done in one: each call costs more than what it
// is made for.

const HEADERS = [
  "authorization",
  "cf-connecting-ip",
  "cf-ray",
  "content-encoding",
  "content-length",
  "content-type",
  "if-match",
  "if-none-match",
  "rollcall-upstream",
];

/** Method, URL and headers of a request, one a line; no header can hold a line break. */
export function describe(request) {
  let text = `${request.method}\n${request.url}`;
  for (const name of HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) text += `\n${name}:${value}`;
  }
  return text;
}

/** `head` has names and values of headers in turn, one a line. */
export function respond(status, head, body) {
  const lines = head.split("\n");
  const headers = {};
  for (let at = 0; at + 1 < lines.length; at += 2) headers[lines[at]] = lines[at + 1];
  return new Response(body, { status, headers });
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

let resume;

/** Keeps what is called with the number of a task when its promise is settled. */
export const keep = (call) => {
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
