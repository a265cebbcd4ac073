// Puts a Worker on the stub: the `default` export of the entry that workerd runs, and beside it the benchmark's
// own door to the stub, on another socket.

import { WorkerEntrypoint } from "cloudflare:workers";

import { control, kv, object } from "./kv.mjs";

/** Counts by key, without a window: `allowed` of each key pass. */
function limiter(allowed) {
  const counts = new Map();
  return {
    async limit({ key }) {
      const count = (counts.get(key) ?? 0) + 1;
      if (allowed !== Infinity) counts.set(key, count);
      return { success: count <= allowed };
    },
  };
}
const names = ["ADDRESS_LIMIT", "NETWORK_LIMIT", "WORKERS_LIMIT", "FAILURE_LIMIT", "ISSUER_LIMIT", "UPDATE_LIMIT"];
const limiters = (allowed) => Object.fromEntries(names.map((name) => [name, limiter(allowed[name] ?? Infinity)]));

/** `worker` is a class, as `worker-build` makes it, or an object with `fetch`. */
export function onStub(worker) {
  if (typeof worker !== "function") return { fetch: (request, env, ctx) => worker.fetch(request, bound(env), ctx) };
  return class extends worker {
    constructor(ctx, env) {
      super(ctx, bound(env));
    }
  };
}

let limits;

/** `LIMITED` has how many are allowed by each limit; any number by those that it does not name. */
function bound(env) {
  limits ??= env.LIMITED && limiters(env.LIMITED);
  return { ...env, CLIENTS: kv, OAUTH_KV: kv, INITIAL_ACCESS_TOKENS: object, ...limits };
}

export class Control extends WorkerEntrypoint {
  fetch(request) {
    return Response.json(control(request.url));
  }
}
