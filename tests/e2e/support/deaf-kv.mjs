// The released bundle, with a KV that behaves for a request as its header `test-kv` says. Beside it the size of the
// module's memory, and a clock that can be put forward.

import { answerLater } from "./clock.mjs";
import { memory } from "./memory.mjs";
import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

const never = () => new Promise(() => {});
const kept = [];
const operations = {
  /** As it is for a request that the runtime has cancelled. */
  never,
  /** The same, but JavaScript can never collect the promises. */
  kept: () => kept[kept.push(never()) - 1],
  minute: () => new Promise((resolve) => setTimeout(resolve, 60_000)),
  rejects: () => Promise.reject(new Error("rejected by a test")),
  throws() {
    throw new Error("thrown by a test");
  },
  /** A value that is no promise has no `then` to call. */
  nothing: () => null,
};

function bindings(request, env) {
  const how = request.headers.get("test-kv");
  if (how === "second") {
    const second = () => new Promise((resolve) => setTimeout(resolve, 1000));
    const after = (name) => async (...args) => (await second(), env.CLIENTS[name](...args));
    return { ...env, CLIENTS: { get: after("get"), put: after("put"), delete: after("delete") } };
  }
  const action = operations[how];
  if (!action) return env;
  const limits = Object.keys(env).filter((name) => name.endsWith("_LIMIT"));
  // All other bindings of a request throw with KV.
  const throwing = how === "throws" ? Object.fromEntries(limits.map((name) => [name, { limit: action }])) : {};
  return { ...env, ...throwing, CLIENTS: { get: action, put: action, delete: action } };
}

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/__test/memory") return Response.json({ bytes: memory().buffer.byteLength });
    const later = answerLater(request);
    if (later) return later;
    return rollcall.fetch(request, bindings(request, env), context);
  },
};
