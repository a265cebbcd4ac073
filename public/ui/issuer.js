// Which issuer this page is about, and its metadata (RFC 8414). It is on this origin: nothing else can be
// asked from here.

import { request, send } from "./http.js";
import { trouble } from "./trouble.js";

/** The path of an issuer as a user may write it, "" for the root; null if it is none of this origin. */
export function issuerPath(text) {
  if (!text || text === "/") return "";
  if (!text.startsWith("/") || !URL.canParse(text, location.origin)) return null;
  const { origin, pathname, search, hash } = new URL(text, location.origin);
  if (origin !== location.origin || search || hash || pathname.startsWith("//")) return null;
  return pathname.replace(/\/$/, "");
}

/** The URL of the document of an issuer with this path. */
export const documentUrl = (path) => `${location.origin}/.well-known/oauth-authorization-server${path}`;

/** Asks for the document: `{ metadata }` or `{ problem }`, a sentence; `missing` if there is no issuer. */
export async function discover(path) {
  const answer = await send(request("GET", documentUrl(path)));
  if (answer.ok && typeof answer.json?.issuer === "string") return { metadata: answer.json };
  if (answer.failure) return { problem: "The server cannot be reached." };
  if (answer.status === 404) return { missing: true, problem: `There is no issuer at ${location.origin}${path || "/"}.` };
  return { problem: `${trouble(answer)}.` };
}

/** Whether this page may ask `url`: the browser lets it speak to its own origin only. */
export const reachable = (url) => URL.canParse(url) && new URL(url).origin === location.origin;
