// The bundle that can be made to panic, with a KV whose values take a second to come.

import rollcall from "../../../build-panic/index.js";

export * from "../../../build-panic/index.js";

function slow(kv) {
  const get = async (...args) => {
    const value = await kv.get(...args);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return value;
  };
  return { get, put: (...args) => kv.put(...args), delete: (key) => kv.delete(key) };
}

export default {
  fetch: (request, env, context) => rollcall.fetch(request, { ...env, CLIENTS: slow(env.CLIENTS) }, context),
};
