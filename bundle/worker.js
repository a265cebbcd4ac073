// What the runtime calls: the Worker and its Durable Object.
//
// A panic leaves the memory of the module in the middle of something: then it is started anew for the next
// request. Whoever was served by it at that moment gets no answer of ours.

import * as module from "./index.js";

let broken = false;

/** Calls the module, and notes whether it has survived that. */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      console.error("Critical", error);
      broken = true;
    }
    throw error;
  }
}

const resume = (id, fulfilled, value) => guarded(() => module.resume(id, fulfilled, value));

/** A promise of what `begin` comes to, which is handed how to settle it. */
function answered(begin) {
  if (broken) {
    console.log("Starting the module anew");
    module.__wbg_reset_state();
    broken = false;
    module.start(resume);
  }
  return new Promise((resolve, reject) => guarded(() => begin(resolve, reject)));
}

module.start(resume);

// An object, not a WorkerEntrypoint: of that the runtime would make one for each request.
export default {
  fetch(request, env, context) {
    return answered((resolve, reject) => module.fetch(request, env, context, resolve, reject));
  },
};

/** The book of one issuer's initial access tokens. */
export class InitialAccessTokens {
  constructor(state) {
    this.state = state;
  }

  fetch(request) {
    return answered((resolve, reject) => module.book(request, this.state, resolve, reject));
  }
}
