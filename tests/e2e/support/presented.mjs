// The released bundle behind a TLS connection with a client certificate: what a test names in a header of its own is in
// `request.cf`, where Cloudflare reports it, and the header is gone.

import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

/** The header, for tests only: JSON of `tlsClientAuth`. */
const PRESENTED = "x-test-presented";

export default {
  fetch(request, env, context) {
    const presented = request.headers.get(PRESENTED);
    if (!presented) return rollcall.fetch(request, env, context);
    const headers = new Headers(request.headers);
    headers.delete(PRESENTED);
    return rollcall.fetch(new Request(request, { headers, cf: { tlsClientAuth: JSON.parse(presented) } }), env, context);
  },
};
