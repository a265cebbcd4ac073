// Puts a Worker on the stub: the `default` export of the entry that workerd runs, and beside it the benchmark's
// own door to the stub, on another socket.

import { WorkerEntrypoint } from "cloudflare:workers";

import { control, kv } from "./kv.mjs";

const limiter = { limit: async () => ({ success: true }) };
const names = ["ADDRESS_LIMIT", "NETWORK_LIMIT", "WORKERS_LIMIT", "FAILURE_LIMIT", "ISSUER_LIMIT", "UPDATE_LIMIT"];
const allow = Object.fromEntries(names.map((name) => [name, limiter]));

/** `worker` is a class, as `worker-build` makes it, or an object with `fetch`. */
export function onStub(worker) {
  if (typeof worker !== "function") return { fetch: (request, env, ctx) => worker.fetch(request, bound(env), ctx) };
  return class extends worker {
    constructor(ctx, env) {
      super(ctx, bound(env));
    }
  };
}

const bound = (env) => ({ ...env, CLIENTS: kv, OAUTH_KV: kv, ...(env.LIMITED ? allow : undefined) });

export class Control extends WorkerEntrypoint {
  fetch(request) {
    return Response.json(control(request.url));
  }
}
