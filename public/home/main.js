// The page at /: finds the issuer it is about, shows its document, and lets clients be registered there.

import { byId } from "../ui/dom.js";
import { discoveryView } from "./discovery-view.js";
import { discover, documentUrl, issuerPath } from "./issuer.js";
import { Workspace } from "./workspace.js";

const asked = new URLSearchParams(location.search).get("issuer") ?? "";

byId("origin").textContent = location.origin;
byId("issuer-path").value = asked;
byId("issuer-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const path = byId("issuer-path").value.trim();
  location.assign(path ? `?issuer=${encodeURIComponent(path)}` : location.pathname);
});

const path = issuerPath(asked);
const { metadata, problem } =
  path === null ? { problem: `${asked} is no path on this host: it has to be like /t1.` } : await discover(path);

if (metadata) {
  byId("issuer").textContent = metadata.issuer;
  byId("endpoint").textContent = metadata.registration_endpoint ?? "none: registration is closed";
  byId("document").href = documentUrl(path);
  byId("groups").append(...discoveryView(metadata));
  for (const id of ["facts", "workspace", "discovery"]) byId(id).hidden = false;
  new Workspace(metadata).start();
} else {
  byId("problem").textContent = `${problem} If there is an issuer at another path, open that one.`;
  byId("other").open = true;
}
