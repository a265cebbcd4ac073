// A clock of the Worker that a test can put forward, so that leases and lifetimes end without a wait. It is part of the
// modules that tests start instead of the released one: no setting of a deployment leads here.

const now = Date.now;
let ahead = 0; // milliseconds

Date.now = () => now() + ahead;

/** Answers `/__test/later?ms=NUMBER`, which puts the clock forward; undefined for any other request. */
export function answerLater(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== "/__test/later") return undefined;
  ahead += Number(searchParams.get("ms"));
  return Response.json({ ahead });
}
