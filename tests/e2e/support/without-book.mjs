// The released bundle without the binding of its Durable Object, as in a wrangler.toml that lacks it.

import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

export default {
  fetch(request, { INITIAL_ACCESS_TOKENS, ...env }, context) {
    return rollcall.fetch(request, env, context);
  },
};
