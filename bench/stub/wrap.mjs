// Puts a Worker on the stub: the `default` export of the entry that workerd runs, and beside it the benchmark's
// own door to the stub, on another socket.

import { WorkerEntrypoint } from "cloudflare:workers";

import { control, kv } from "./kv.mjs";

const limiter = { limit: async () => ({ success: true }) };
const allow = { ADDRESS_LIMIT: limiter, ISSUER_LIMIT: limiter, FAILURE_LIMIT: limiter };

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
