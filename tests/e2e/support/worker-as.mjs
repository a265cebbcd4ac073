// The example of an authorization server that is itself a Worker, to be started by a test.

export { configure } from "../../../examples/worker-as/configuration.mjs";
