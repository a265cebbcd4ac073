// The released bundle, beside it a page that says how many clients are in KV. With SLOW_PUT_MS, a put takes
// that long.

import Rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

export default class extends Rollcall {
  constructor(ctx, env) {
    const kv = env.CLIENTS;
    const pause = () => new Promise((resolve) => setTimeout(resolve, Number(env.SLOW_PUT_MS)));
    const put = async (...args) => (await pause(), kv.put(...args));
    const slow = { get: (...args) => kv.get(...args), put, delete: (key) => kv.delete(key) };
    super(ctx, env.SLOW_PUT_MS ? { ...env, CLIENTS: slow } : env);
    this.kv = kv;
  }

  fetch(request) {
    if (new URL(request.url).pathname !== "/__test/clients") return super.fetch(request);
    return this.kv.list({ prefix: "c:" }).then(({ keys }) => Response.json({ clients: keys.length }));
  }
}
