// The page at /: finds the issuer it is about, shows its document, and lets clients be registered there.

import { byId } from "../ui/dom.js";
import { showDocumentation } from "../ui/documentation.js";
import { documentUrl } from "../ui/issuer.js";
import { offerAnother, openIssuer } from "../ui/issuer-form.js";
import { discoveryView } from "./discovery-view.js";
import { DocumentForm } from "./document-form.js";
import { Workspace } from "./workspace.js";

const { path, metadata, problem } = await openIssuer();

if (metadata) {
  showDocumentation(metadata);
  byId("issuer").textContent = metadata.issuer;
  byId("endpoint").textContent = metadata.registration_endpoint ?? "none: registration is closed";
  byId("document").href = documentUrl(path);
  byId("groups").append(...discoveryView(metadata));
  for (const id of ["nav", "facts", "workspace", "documents", "discovery"]) byId(id).hidden = false;
  const workspace = new Workspace(metadata);
  workspace.start();
  new DocumentForm(workspace.likely).start();
} else {
  offerAnother(problem);
}
