// What the runtime calls: the Worker and its Durable Object.
//
// A panic leaves the memory of the module in the middle of something, and with it whatever is served from there.
// So it ends the requests beside it, too, and the module is started anew for the next one.

import { known, resumeWith } from "./glue.js";
import * as module from "./index.js";

/** From one start of the module to its end: how to tell those that wait for it. */
let life = start();

function start() {
  const own = { waiting: new Set() };
  // Tasks are numbered from the start on: a promise of a former life must not resume one of this.
  resumeWith((id, fulfilled, value) => {
    if (own === life) guarded(() => module.resume(id, fulfilled, value));
  });
  return own;
}

/** Calls the module, which throws nothing but what it doesn't survive. */
function guarded(call) {
  try {
    call();
  } catch (error) {
    console.error("Critical", error);
    const { waiting } = life;
    life = undefined;
    for (const reject of waiting) reject(error);
  }
}

/**
 * A promise of what `begin` comes to, which is handed how to settle it. It returns the number of its task, which is
 * abandoned if the caller goes away: the runtime never settles what a cancelled request waits for.
 */
function answered({ signal }, begin) {
  if (!life) {
    console.log("Starting the module anew");
    module.__wbg_reset_state();
    life = start();
  }
  const own = life;
  const { waiting } = own;
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    const settled = (settle) => (value) => {
      waiting.delete(reject);
      settle(value);
    };
    guarded(() => {
      const task = begin(settled(resolve), settled(reject));
      const abandon = () => own === life && guarded(() => module.abandon(task));
      if (task !== undefined) signal.addEventListener("abort", abandon);
    });
  });
}

// An object, not a WorkerEntrypoint: of that the runtime would make one for each request.
export default {
  fetch(request, env, context) {
    return known(request) ?? answered(request, (resolve, reject) => module.fetch(request, env, context, resolve, reject));
  },
};

/** The book of one issuer's initial access tokens. */
export class InitialAccessTokens {
  constructor(state) {
    this.state = state;
  }

  fetch(request) {
    return answered(request, (resolve, reject) => module.book(request, this.state, resolve, reject));
  }
}
