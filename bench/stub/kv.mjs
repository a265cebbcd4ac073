// Workers KV in the memory of the process that asks for it, so that what is measured is the program and not a
// simulator of KV. Runs in workerd and in node. Values are bytes in it, as they are in KV.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const records = new Map();
const NONE = { get: 0, put: 0, delete: 0, list: 0, object: 0 };
let operations = { ...NONE };
let keeps = true;

const bytesOf = (value) => (typeof value === "string" ? encoder.encode(value) : new Uint8Array(value).slice());

function valueOf(bytes, options) {
  const type = typeof options === "string" ? options : options?.type;
  if (type === "arrayBuffer") return bytes.slice().buffer;
  const text = decoder.decode(bytes);
  return type === "json" ? JSON.parse(text) : text;
}

export const kv = {
  async get(key, options) {
    operations.get += 1;
    const record = records.get(key);
    return record ? valueOf(record.bytes, options) : null;
  },
  async getWithMetadata(key, options) {
    const value = await kv.get(key, options);
    return { value, metadata: records.get(key)?.metadata ?? null, cacheStatus: null };
  },
  async put(key, value, { metadata } = {}) {
    operations.put += 1;
    const record = { bytes: bytesOf(value), metadata };
    if (keeps) records.set(key, record);
  },
  async delete(key) {
    operations.delete += 1;
    if (keeps) records.delete(key);
  },
  async list({ prefix = "", limit = 1000 } = {}) {
    operations.list += 1;
    const found = [...records].filter(([key]) => key.startsWith(prefix)).slice(0, limit);
    return { keys: found.map(([name, { metadata }]) => ({ name, metadata })), list_complete: true, cacheStatus: null };
  },
};

const claims = new Map();

/** A claim is granted once; from then on its client is stored. */
function claimed({ Recall, Claim }) {
  if (Claim) claims.set(Claim.key, Claim.client);
  const client = Recall && claims.get(Recall.key);
  if (client) return { Known: { client, state: "Stored" } };
  return Recall ? "Unknown" : Claim ? "Granted" : "Noted";
}

const replies = {
  "/": () => ({ Refused: { in_doubt: [], pending: false } }),
  "/ledger": () => "Granted",
  "/claims": claimed,
};

/** The Durable Object of an issuer: it knows no initial access token, and grants every write and every new claim. */
export const object = {
  idFromName: (name) => name,
  get: () => ({
    async fetch(url, { body }) {
      operations.object += 1;
      return Response.json(replies[new URL(url).pathname](JSON.parse(body)));
    },
  }),
};

/** What the benchmark asks of the stub, by the path of a URL; the answer is an object. */
export function control(url) {
  const { pathname, searchParams } = new URL(url, "http://stub");
  const counts = { operations, records: records.size };
  operations = { ...NONE };
  if (pathname === "/keep") keeps = searchParams.get("values") === "true";
  if (pathname === "/fill") fill(Number(searchParams.get("records")));
  return { ...counts, stored: records.size };
}

/** More records like the one that is there, which share its bytes: KV has its memory elsewhere. */
function fill(count) {
  const [[key, record]] = records;
  for (let n = records.size; n < count; n += 1) records.set(`${key}${n}`, record);
}
