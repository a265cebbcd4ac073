// Rollcall as the test of the suite starts it (tests/conformance), but without metadata documents, which the other servers
// cannot read from this machine.

import { startRollcall } from "../../tests/conformance/support/rollcall.mjs";

const { issuer } = await startRollcall();
console.log(JSON.stringify({ issuer }));
