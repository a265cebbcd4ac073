// The form in which another issuer of this host is opened. The page is about the one in its query.

import { byId } from "./dom.js";
import { discover, issuerPath } from "./issuer.js";
import { listIssuers } from "./issuer-list.js";

/** Which issuer the page is about: its `path`, and `metadata` or a `problem`; `missing` if there is none there. */
export async function openIssuer() {
  const asked = new URLSearchParams(location.search).get("issuer") ?? "";
  byId("origin").textContent = location.origin;
  byId("issuer-path").value = asked;
  byId("issuer-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const path = byId("issuer-path").value.trim();
    location.assign(path ? `?issuer=${encodeURIComponent(path)}` : location.pathname);
  });
  const path = issuerPath(asked);
  const found =
    path === null
      ? { missing: true, problem: `${asked} is not a path on this host. Write it like /t1.` }
      : { path, ...(await discover(path)) };
  // Only when somebody looks for another issuer.
  byId("other").addEventListener("toggle", () => listIssuers(found.metadata?.issuer), { once: true });
  return found;
}

/** Says why there is no issuer here. */
export function offerAnother(problem) {
  byId("problem").textContent = `${problem} If there is an issuer at another path, open that one.`;
  byId("other").open = true;
}
