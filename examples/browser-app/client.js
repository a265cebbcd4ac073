// Makes a browser app an OAuth client: it registers when it first runs in a browser, and signs its user in. It does not depend
// on Rollcall.

/** The server's metadata (RFC 8414 §3). */
export async function discover(issuer) {
  const { origin, pathname } = new URL(issuer);
  const server = await ask(`${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, "")}`);
  if (server.issuer !== issuer) throw new Error(`${issuer} says that it is ${server.issuer}`);
  return server;
}

/** This browser's registration, or a new one if it has none or it was deleted (RFC 7591 §3). */
export function registration(server, metadata) {
  // Two tabs that open at the same time share one client.
  return navigator.locks.request(server.issuer, async () => {
    const kept = JSON.parse(localStorage.getItem(server.issuer));
    const known = kept && (await read(kept));
    const client = known ?? (await register(server, metadata));
    localStorage.setItem(server.issuer, JSON.stringify(client));
    // A tab in another process sees the stored value a moment later, so it waits for the lock until then.
    if (!known) await new Promise((resolve) => setTimeout(resolve, 250));
    return client;
  });
}

const register = (server, metadata) =>
  ask(server.registration_endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(metadata),
  });

/** RFC 7592 §2.1. The response may have a new token. Undefined if the client was deleted. */
async function read(client) {
  // A server may let nobody manage a client, for example because many share it.
  if (!client.registration_client_uri) return client;
  const answer = await send(client.registration_client_uri, { headers: bearer(client) });
  return answer.status === 401 ? undefined : { ...client, ...(await answered(answer)) };
}

/** RFC 7592 §2.3 */
export async function leave(server) {
  const client = JSON.parse(localStorage.getItem(server.issuer));
  if (client.registration_client_uri) {
    const answer = await send(client.registration_client_uri, { method: "DELETE", headers: bearer(client) });
    if (answer.status !== 401) await answered(answer);
  }
  localStorage.removeItem(server.issuer);
}

/** Sends the user to the server (RFC 6749 §4.1.1, with PKCE: RFC 7636 §4.3). */
export async function signIn(server, { client_id, redirect_uris: [redirect_uri], scope }) {
  const [state, code_verifier] = [random(), random()];
  sessionStorage.setItem(state, JSON.stringify({ client_id, redirect_uri, code_verifier }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code_verifier));
  const url = new URL(server.authorization_endpoint);
  const pkce = { code_challenge: base64url(digest), code_challenge_method: "S256" };
  const asked = { response_type: "code", client_id, redirect_uri, ...(scope && { scope }), state, ...pkce };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  location.assign(url);
}

/** The tokens, if the user returns to this page from the server; otherwise undefined. */
export async function signedIn(server) {
  const back = Object.fromEntries(new URLSearchParams(location.search));
  if (!back.state) return undefined;
  // The code works only once, so it is removed from the address and the history.
  history.replaceState(null, "", location.pathname);
  const begun = JSON.parse(sessionStorage.getItem(back.state));
  sessionStorage.removeItem(back.state);
  if (!begun) throw new Error("This sign-in was not begun here.");
  // RFC 9207 §2.4: a response of another server.
  if (server.authorization_response_iss_parameter_supported && back.iss !== server.issuer)
    throw new Error(`The answer is from ${back.iss}.`);
  if (back.error) throw new Error(back.error_description ?? back.error);
  const body = new URLSearchParams({ grant_type: "authorization_code", code: back.code, ...begun });
  return ask(server.token_endpoint, { method: "POST", body });
}

const ask = async (url, init) => answered(await send(url, init));

async function send(url, init) {
  // A browser gives no further reason: the server is down, or it rejects pages.
  const unreachable = () => Promise.reject(new Error(`${url} cannot be reached.`));
  return fetch(url, init).catch(unreachable);
}

/** The JSON of a response; throws its error (RFC 6749 §5.2, RFC 7591 §3.2.2). */
async function answered(answer) {
  const body = answer.status === 204 ? undefined : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error_description ?? body.error ?? `${answer.url} answers ${answer.status}`);
  return body;
}

const bearer = ({ registration_access_token: token }) => ({ authorization: `Bearer ${token}` });
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const base64url = (bytes) => {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
