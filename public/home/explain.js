// The meaning of an answer, in a sentence.

import { header } from "../ui/http.js";
import { trouble } from "../ui/trouble.js";

const DONE = {
  register: ({ json }) => `Registered as ${json.client_id}.`,
  "dry run": () => "This would be registered. Nothing was written.",
  read: () => "This is the registration as it is now.",
  update: () => "The registration was replaced.",
  delete: () => "Deleted permanently. Its identifier is never issued again.",
};

/** `action` is what was asked for by `body`; `withToken`, whether an initial access token was sent. */
export function explain(action, answer, { body, withToken }) {
  if (answer.ok) return DONE[action](answer) + ignored(body ?? {}, answer.json ?? {});
  const asked = action === "register" || action === "dry run";
  const { status, json } = answer;
  const sentence = trouble(answer);
  if (status === 401 && asked && withToken) return `${sentence}. Ask the server\u2019s operator for another one.`;
  if (status === 401 && asked) {
    const closed = "Registration on this server needs an initial access token.";
    return `${closed} The operator issues these tokens. Enter yours and try again.`;
  }
  if (status === 401) return `${sentence}. The client was deleted or has expired, or its token was replaced elsewhere.`;
  if (status === 403) return "Registration is closed on this server. Existing clients can still be managed.";
  if (status === 412) return "This registration has changed since it was read. Read it again, then edit it.";
  if (status === 429 || status === 503) {
    const wait = header(answer, "retry-after");
    return `${sentence}${wait ? ` (in ${wait} seconds)` : ""}.`;
  }
  if (json?.errors) return `Rejected: ${json.error}.`;
  return json?.error ? `${status} ${json.error}: ${sentence}.` : `${sentence}.`;
}

/** Members that are not known, misspelt ones among them, are no error (RFC 7591 §2). */
function ignored(sent, registered) {
  const says = (value) => ![null, ""].includes(value) && !(Array.isArray(value) && value.length === 0);
  const lost = Object.keys(sent).filter((name) => says(sent[name]) && !Object.hasOwn(registered, name));
  return lost.length > 0 ? ` Ignored, because the server does not store it: ${lost.join(", ")}.` : "";
}
