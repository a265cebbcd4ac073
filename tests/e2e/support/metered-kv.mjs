// The released bundle, with a page that tells how many operations of KV each request has done since it
// was last asked.

import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

let requests = [];

function metered(kv, operations) {
  const counted = (name) => (...args) => ((operations[name] += 1), kv[name](...args));
  return Object.fromEntries(Object.keys(operations).map((name) => [name, counted(name)]));
}

export default {
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/__test/requests") {
      const counts = requests;
      requests = [];
      return Response.json(counts);
    }
    const operations = { get: 0, list: 0, put: 0, delete: 0 };
    requests.push({ request: `${request.method} ${pathname}`, operations });
    return rollcall.fetch(request, { ...env, CLIENTS: metered(env.CLIENTS, operations) }, context);
  },
};
