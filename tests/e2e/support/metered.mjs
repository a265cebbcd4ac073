// The released bundle, with a page that tells how many operations of KV and calls of the Durable Object there
// were since it was last asked. `test-address` is the address that a request comes from.

import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

const none = () => ({ get: 0, put: 0, delete: 0, list: 0, call: 0 });
let operations = none();

const counted = (name, action) => (...args) => ((operations[name] += 1), action(...args));

function metered({ CLIENTS, INITIAL_ACCESS_TOKENS, ...env }) {
  const kv = ["get", "put", "delete", "list"].map((name) => [name, counted(name, (...args) => CLIENTS[name](...args))]);
  const stub = (id) => {
    const object = INITIAL_ACCESS_TOKENS.get(id);
    return { fetch: counted("call", (...args) => object.fetch(...args)) };
  };
  const objects = { idFromName: (name) => INITIAL_ACCESS_TOKENS.idFromName(name), get: stub };
  return { ...env, CLIENTS: Object.fromEntries(kv), INITIAL_ACCESS_TOKENS: objects };
}

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname === "/__test/operations") {
      const counts = operations;
      operations = none();
      return Response.json(counts);
    }
    const headers = new Headers(request.headers);
    const address = headers.get("test-address");
    if (address) headers.set("cf-connecting-ip", address);
    return rollcall.fetch(new Request(request, { headers }), metered(env), context);
  },
};
