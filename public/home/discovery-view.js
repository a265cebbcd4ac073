// The discovery document, for reading.

import { el } from "../ui/dom.js";
import { valueView } from "../ui/value-view.js";

const ASKED_FOR = new Set([
  "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported",
  "token_endpoint_auth_methods_supported", "code_challenge_methods_supported", "subject_types_supported",
  "acr_values_supported", "claims_supported", "prompt_values_supported", "authorization_details_types_supported",
]);

const GROUPS = [
  ["Endpoints", (name) => name.endsWith("_endpoint") || name === "jwks_uri"],
  ["What clients may ask for", (name) => ASKED_FOR.has(name)],
  ["Algorithms", (name) => /_(alg|enc)_values_supported$/.test(name)],
  ["Everything else", () => true],
];

/** One block for each group that has members. */
export function discoveryView(metadata) {
  const blocks = GROUPS.map(([title]) => [title, []]);
  for (const [name, value] of Object.entries(metadata)) {
    if (name === "issuer") continue;
    const at = GROUPS.findIndex(([, belongs]) => belongs(name));
    blocks[at][1].push(el("dt", {}, el("code", {}, name)), el("dd", {}, valueView(value)));
  }
  return blocks
    .filter(([, members]) => members.length > 0)
    .map(([title, members]) => el("section", { class: "group" }, el("h3", {}, title), el("dl", {}, members)));
}
