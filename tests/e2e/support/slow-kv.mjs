// The bundle that can be made to panic, with a KV whose values take a second to come. A key that is a number is its own
// value after so many milliseconds; that of the key `never` never comes.

import rollcall from "../../../build-panic/index.js";

export * from "../../../build-panic/index.js";

const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function slow(kv) {
  const get = async (key, ...args) => {
    if (key === "never") return new Promise(() => {});
    const own = /^\d+$/.test(key) && new TextEncoder().encode(key).buffer;
    const value = own || (await kv.get(key, ...args));
    await after(own ? Number(key) : 1000);
    return value;
  };
  return { get, put: (...args) => kv.put(...args), delete: (key) => kv.delete(key) };
}

export default {
  fetch: (request, env, context) => rollcall.fetch(request, { ...env, CLIENTS: slow(env.CLIENTS) }, context),
};
