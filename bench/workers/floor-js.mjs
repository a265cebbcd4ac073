// The least that a registration server in JavaScript can be. No rule of any spec is in it.

import discovery from "./floor-discovery.json";

const base64url = { alphabet: "base64url", omitPadding: true };
const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes)).toBase64(base64url);
const answer = (status, body) => new Response(body, { status, headers: { "content-type": "application/json" } });

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/.well-known/")) return answer(200, discovery);
    if (pathname.startsWith("/reg/")) {
      const found = await env.CLIENTS.get(pathname.slice(5));
      return found ? answer(200, found) : answer(404, '{"error":"not_found"}');
    }
    const client = await request.json();
    if (!Array.isArray(client.redirect_uris)) return answer(400, '{"error":"invalid_redirect_uri"}');
    client.client_id = random(16);
    client.client_secret = random(64);
    client.client_id_issued_at = Math.floor(Date.now() / 1000);
    const text = JSON.stringify(client);
    await env.CLIENTS.put(client.client_id, text);
    return answer(201, text);
  },
};
