// The released bundle, with what becomes of a request whose caller went away: the answer of KV never comes, for requests
// that say so. Beside it the size of the module's memory, and a clock that can be put forward.

import { memory } from "./memory.mjs";
import rollcall from "../../../build/index.js";

export * from "../../../build/index.js";

const now = Date.now;
let ahead = 0; // milliseconds
Date.now = () => now() + ahead;

const never = () => new Promise(() => {});
const deaf = { get: never, put: never, delete: never };

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__test/memory") return Response.json({ bytes: memory().buffer.byteLength });
    if (pathname === "/__test/later") return Response.json({ ahead: (ahead += Number(searchParams.get("ms"))) });
    return rollcall.fetch(request, request.headers.has("x-deaf") ? { ...env, CLIENTS: deaf } : env, context);
  },
};
