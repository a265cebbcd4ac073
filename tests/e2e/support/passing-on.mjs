// In place of the example's authorization server: it passes each request on to Rollcall, through the binding.

export { Store } from "../../../examples/worker-as/worker.mjs";

export default { fetch: (request, { ROLLCALL }) => ROLLCALL.fetch(request) };
