// Where documents are: the target's metadata, and those that this program publishes.

/** The two URLs of an issuer's metadata: RFC 8414 §3.1 inserts the well-known part, OpenID Connect Discovery §4 appends it. */
export function documentUrls(issuer) {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return {
    oauth: `${origin}/.well-known/oauth-authorization-server${path}`,
    oidc: `${origin}${path}/.well-known/openid-configuration`,
  };
}

/** Where clients that follow RFC 8414 §5 look for the OpenID Connect document. */
export const insertedOidc = (issuer) => documentUrls(issuer).oauth.replace("/oauth-authorization-server", "/openid-configuration");

/** `documents` is the base URL of the document server, `documentsHost` its host and port, `documentsRest` all after "https". */
export function documentVariables(documents) {
  if (!documents) return {};
  return { documents: documents.base, documentsHost: new URL(documents.base).host, documentsRest: documents.base.slice("https".length) };
}
