// The released bundle, beside it a page that tells how many operations of KV each request has done since it
// was last asked.

import Rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

let requests = [];

export default class extends Rollcall {
  constructor(ctx, env) {
    const operations = { get: 0, list: 0, put: 0, delete: 0 };
    const metered = {};
    for (const name of Object.keys(operations)) {
      metered[name] = (...args) => ((operations[name] += 1), env.CLIENTS[name](...args));
    }
    super(ctx, { ...env, CLIENTS: metered });
    this.operations = operations;
  }

  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/__test/requests") {
      requests.push({ request: `${request.method} ${pathname}`, operations: this.operations });
      return super.fetch(request);
    }
    const told = requests;
    requests = [];
    return Response.json(told);
  }
}
