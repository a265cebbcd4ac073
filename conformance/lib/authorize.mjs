// Whether the authorization endpoint accepts a client and its redirect URI, seen from outside and without a user.
//
// A server that accepts both goes on in one way: a page, a redirect to a login, or an error at the redirect URI. A server
// that rejects one of them must not redirect to it (RFC 6749 §4.1.2.1) and does something else. The probe first asks with a
// registered client and its own redirect URI, then with a redirect URI that is not registered. If both look alike,
// nothing can be concluded, and cases that need the endpoint are skipped.

import { createHash, randomBytes } from "node:crypto";

const challenge = () => createHash("sha256").update(randomBytes(32)).digest("base64url");

/** The URL of an authorization request (RFC 6749 §4.1.1, RFC 7636). */
export function authorizationUrl(metadata, { client_id, redirect_uri, ...others }) {
  const url = new URL(metadata.authorization_endpoint);
  const scope = metadata.scopes_supported?.includes("openid") ? { scope: "openid" } : {};
  const parameters = { response_type: "code", ...scope, state: randomBytes(12).toString("hex"), code_challenge: challenge(), code_challenge_method: "S256", client_id, redirect_uri, ...others };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

/** How a response looks: its status, and where it redirects, without what differs in each request. */
export function appearance({ status, headers }, redirectUri) {
  const location = headers.location ?? "";
  if (location && redirectUri && location.startsWith(redirectUri)) return `${status} to the client`;
  return `${status} ${location.split(/[?#]/)[0]}`.replace(/[\w-]{20,}/g, "*");
}

/** How the target's authorization endpoint responds to a client with this redirect URI. */
export async function askToAuthorize({ metadata, http }, client_id, redirect_uri) {
  const url = authorizationUrl(metadata, { client_id, redirect_uri });
  const { response } = await http.send({ method: "GET", url, headers: { accept: "text/html" } });
  return appearance(response, redirect_uri);
}

/** The appearance of a request that is accepted, or undefined if a rejected one looks alike. */
export async function authorizeProbe(target, { client_id }) {
  if (!URL.canParse(target.metadata.authorization_endpoint)) return undefined;
  try {
    const accepted = await askToAuthorize(target, client_id, `${target.redirectBase}/callback`);
    const rejected = await askToAuthorize(target, client_id, `${target.redirectBase}/not-registered`);
    return accepted === rejected || accepted.startsWith("5") ? undefined : accepted;
  } catch {
    return undefined;
  }
}
