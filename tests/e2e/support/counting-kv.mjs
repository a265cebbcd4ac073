// The released bundle, with a page that says how many clients are in KV. With SLOW_PUT_MS, a put takes
// that long. Its clock can be put forward.

import { answerLater } from "./clock.mjs";
import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

const pause = (env) => new Promise((resolve) => setTimeout(resolve, Number(env.SLOW_PUT_MS)));

function slow(env) {
  const kv = env.CLIENTS;
  const put = async (...args) => (await pause(env), kv.put(...args));
  return { ...env, CLIENTS: { get: (...args) => kv.get(...args), put, delete: (key) => kv.delete(key) } };
}

export default {
  async fetch(request, env, context) {
    const later = answerLater(request);
    if (later) return later;
    if (new URL(request.url).pathname !== "/__test/clients") {
      return rollcall.fetch(request, env.SLOW_PUT_MS ? slow(env) : env, context);
    }
    const { keys } = await env.CLIENTS.list({ prefix: "c:" });
    return Response.json({ clients: keys.length });
  },
};
