// The released bundle with the limit that the simulator of KV does not have: a second write to a key
// within a second is rejected, in the words of the real one.

import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

const written = new Map();

function limited(kv) {
  const guard = (operation) => (key, ...rest) => {
    const last = written.get(key);
    if (last !== undefined && Date.now() < last + 1000) {
      throw new Error(`KV ${operation.toUpperCase()} failed: 429 Too Many Requests`);
    }
    written.set(key, Date.now());
    return kv[operation](key, ...rest);
  };
  return {
    get: (...args) => kv.get(...args),
    getWithMetadata: (...args) => kv.getWithMetadata(...args),
    list: (...args) => kv.list(...args),
    put: guard("put"),
    delete: guard("delete"),
  };
}

export default {
  fetch: (request, env, context) => rollcall.fetch(request, { ...env, CLIENTS: limited(env.CLIENTS) }, context),
};
