// The entry points for the runtime: the Worker and its Durable Object. The shim of worker-build would make three proxies for each
// request, to start the module anew after a panic; wasm-bindgen's functions do that by themselves:
// docs/decisions/0010-edge-on-worker.md.

import { book, fetch } from "./index.js";

// An object, not a WorkerEntrypoint: of that the runtime would make one for each request.
export default { fetch };

/** The book of one issuer's initial access tokens. */
export class InitialAccessTokens {
  constructor(state) {
    this.state = state;
  }

  fetch(request) {
    return book(request, this.state);
  }
}
