// Work that takes many calls between WebAssembly and JavaScript, done in one: each call costs more than what it
// is made for.

let readNames = [];

/** Takes the names of the headers that the module reads, one a line. */
export const readHeaders = (names) => {
  readNames = names.split("\n");
};

/** Cloudflare's own id of a request; on a developer's machine a random one. */
function idOf(headers) {
  const ray = headers.get("cf-ray");
  return ray !== null && /^[0-9a-zA-Z-]{1,64}$/.test(ray) ? ray : crypto.randomUUID();
}

/** The members of `tlsClientAuth` that `ClientCertificate::from_report` reads, in its order. */
const CERTIFICATE = [
  "certPresented",
  "certVerified",
  "certRevoked",
  "certSubjectDNRFC2253",
  "certIssuerDNRFC2253",
  "certFingerprintSHA256",
];

/** What Cloudflare says about the client certificate of a registration or its management, as JSON; empty without one. The
 * runtime parses `cf` at its first use, so other requests are not asked. */
function certificateOf({ cf }) {
  const reported = cf?.tlsClientAuth;
  if (!reported || reported.certPresented === "0") return "";
  return JSON.stringify(CERTIFICATE.map((name) => reported[name]));
}

/** Method, URL, id, client certificate and headers of a request, one a line; no header can hold a line break. The line of a
 * header begins with a colon, and is empty without the header. */
export function describe(request) {
  // Each getter is a call into the runtime.
  const { method, url, headers } = request;
  const certificate = url.includes("/reg") ? certificateOf(request) : "";
  let text = `${method}\n${url}\n${idOf(headers)}\n${certificate}`;
  for (const name of readNames) {
    const value = headers.get(name);
    text += value === null ? "\n" : `\n:${value}`;
  }
  return text;
}

/** Whether the caller is a Worker whose binding has the property that an operator gives to it; nobody else can. 2 if the
 * operator also lets it ask for client secrets. */
export const boundAs = ({ props }) => (props?.authorization_server === true ? 1 + (props.secrets === true) : 0);

/** Sets headers that are names and values in turn, one a line. */
function setAll(headers, lines) {
  const texts = lines.split("\n");
  for (let at = 0; at + 1 < texts.length; at += 2) headers.set(texts[at], texts[at + 1]);
  return headers;
}

/** Headers that many responses share, or of a request that the program makes. */
export const makeHeaders = (lines) => setAll(new Headers(), lines);

/** A response with `shared` headers and its `own`. */
export function respond(status, shared, own, body) {
  const response = new Response(body, { status, headers: shared });
  // The getter is a call into the runtime.
  if (own !== "") setAll(response.headers, own);
  return response;
}

/** As much of a body as most registrations have. Then as much again as has arrived: a sender who stops holds no more
 * memory than twice what was sent. A request that declares no more than this is read in one call, for a tenth less of
 * the CPU time of a registration. */
const FIRST_BYTES = 4096;
/** The most that is read and dropped of a body that is too large: pieces as the sender made them, and milliseconds. */
const DROPPED_PIECES = 32;
const DROPPED_BYTES = 64 * 1024;
const DROP_MS = 500;

const after = (milliseconds) => {
  let timer;
  const over = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)));
  return { over, stop: () => clearTimeout(timer) };
};

/**
 * Collects the body of a request or a response. Resolves to its bytes, to "too large" if there are more than `most`,
 * or to "too slow" if they take longer than `milliseconds`. Rejects if the body is cut off. `declared` is the length that a
 * request declares: the runtime takes no more bytes than that.
 */
export const collect = (source, most, milliseconds, declared) =>
  declared <= Math.min(most, FIRST_BYTES) ? collectShort(source, milliseconds) : collectPieces(source, most, milliseconds);

const collectShort = (request, milliseconds) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds, "too slow");
    const ending = (settle) => (value) => (clearTimeout(timer), settle(value));
    request.arrayBuffer().then(ending(resolve), ending(reject));
  });

/** The runtime waits for bytes by itself: however small the pieces are, 64 KiB take six reads at most. */
async function collectPieces({ body }, most, milliseconds) {
  if (!body) return new Uint8Array();
  const reader = body.getReader({ mode: "byob" });
  const late = after(milliseconds);
  try {
    const pieces = [];
    for (let total = 0; ;) {
      const wanted = Math.min(Math.max(FIRST_BYTES, total), most + 1 - total);
      const read = await Promise.race([reader.readAtLeast(wanted, new Uint8Array(wanted)), late.over]);
      if (!read) return end(reader, "too slow");
      const { done, value } = read;
      if (value) pieces.push(value);
      total += value?.byteLength ?? 0;
      if (total > most) {
        await drop(reader);
        return end(reader, "too large");
      }
      // Fewer bytes than wanted: that was the end.
      if (done || value.byteLength < wanted) return joined(pieces, total);
    }
  } finally {
    late.stop();
  }
}

function end(reader, why) {
  // It may have ended by itself.
  reader.cancel().catch(() => {});
  return why;
}

/** A client that is still sending when the connection closes sees a broken connection instead of the answer. */
async function drop(reader) {
  const late = after(DROP_MS);
  try {
    for (let pieces = 0; pieces < DROPPED_PIECES; pieces += 1) {
      const read = await Promise.race([reader.read(new Uint8Array(DROPPED_BYTES)), late.over]);
      if (!read || read.done) return;
    }
  } catch {
    // Then the sender is gone.
  } finally {
    late.stop();
  }
}

function joined(pieces, total) {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** The bytes of a buffer, or of a view of one. */
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

/** Whether the host `name` stays as it is: its `xn--` labels decode, and encode to themselves.
 * workerd reads labels only where a host is not all ASCII, so one that is not goes behind it. */
export const isUnchanged = (name) => URL.parse(`https://${name}.\u00f1/`)?.hostname === `${name}.xn--ida`;

/** The value of a promise of Web Crypto; undefined if it says that its data are none of their kind. */
async function orUndefined(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error.name !== "OperationError" && error.name !== "DataError") throw error;
  }
}

/** Takes a public key, for signatures; undefined if Web Crypto says that it is none. */
const importKey = (jwk, algorithm) => orUndefined(crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]));

/** For each public EC key (JWKs as JSON), "1" if Web Crypto takes it, "0" if it is not a point on its curve. */
export async function onCurve(keys) {
  // Only the point: what the key is for does not matter here.
  const judge = async ({ kty, crv, x, y }) =>
    (await importKey({ kty, crv, x, y }, { name: "ECDSA", namedCurve: crv })) ? "1" : "0";
  return (await Promise.all(JSON.parse(keys).map(judge))).join("");
}

/** Encrypts or decrypts with AES-256-GCM; becomes null if `data` were not encrypted with these parameters. */
export async function aesGcm(method, key, iv, additionalData, data) {
  // The memory of the module may move while the key is imported.
  [iv, additionalData, data] = [iv, additionalData, data].map((bytes) => bytes.slice());
  const imported = await crypto.subtle.importKey("raw", key.slice(), "AES-GCM", false, [method]);
  try {
    return new Uint8Array(await crypto.subtle[method]({ name: "AES-GCM", iv, additionalData }, imported, data));
  } catch (error) {
    if (method === "decrypt" && error.name === "OperationError") return null;
    throw error;
  }
}

/** The algorithms of Web Crypto by the first two letters of those of a JWS (RFC 7518 section 3.1, RFC 8037 section 3.1). */
const SCHEMES = {
  RS: (bits) => ({ name: "RSASSA-PKCS1-v1_5", hash: `SHA-${bits}` }),
  PS: (bits) => ({ name: "RSA-PSS", hash: `SHA-${bits}`, saltLength: bits / 8 }),
  ES: (bits, namedCurve) => ({ name: "ECDSA", hash: `SHA-${bits}`, namedCurve }),
  Ed: () => ({ name: "Ed25519" }),
};

/** Whether a public key (a JWK as JSON) has made the signature of a JWS over `signed`. */
export async function verify(alg, key, signed, signature) {
  const jwk = JSON.parse(key);
  const algorithm = SCHEMES[alg.slice(0, 2)](alg.slice(2), jwk.crv);
  // The memory of the module may move before the signature is verified.
  const bytes = signature.slice();
  const imported = await importKey(jwk, algorithm);
  const text = new TextEncoder().encode(signed);
  // A signature of the wrong length is an error for some algorithms.
  return imported !== undefined && (await orUndefined(crypto.subtle.verify(algorithm, imported, bytes, text))) === true;
}

export function attach(promise, settle) {
  promise.then(
    (value) => settle(true, value),
    (error) => settle(false, error),
  );
}

/** With the flag `enable_request_signal`, the runtime says when a caller goes away. */
export const onAbort = ({ signal }, abandon) => signal.addEventListener("abort", abandon);

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** No redirect is followed: what was asked for is at this address or nowhere. */
export function send(method, url, headers, body, milliseconds) {
  const signal = AbortSignal.timeout(milliseconds);
  return fetch(url, { method, headers: makeHeaders(headers), body, redirect: "manual", signal });
}
