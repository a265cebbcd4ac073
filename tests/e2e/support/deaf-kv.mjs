// The released bundle, with a KV that never answers requests with the header `x-deaf`, as it is for a request that the
// runtime has cancelled, and that answers those with `x-slow` after a minute. Beside it the size of the module's memory,
// and a clock that can be put forward.

import { answerLater } from "./clock.mjs";
import { memory } from "./memory.mjs";
import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

const never = () => new Promise(() => {});
const deaf = { get: never, put: never, delete: never };
const minute = () => new Promise((resolve) => setTimeout(resolve, 60_000));
const slow = { get: minute, put: minute, delete: minute };

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/__test/memory") return Response.json({ bytes: memory().buffer.byteLength });
    const later = answerLater(request);
    if (later) return later;
    const CLIENTS = (request.headers.has("x-deaf") && deaf) || (request.headers.has("x-slow") && slow) || env.CLIENTS;
    return rollcall.fetch(request, { ...env, CLIENTS }, context);
  },
};
