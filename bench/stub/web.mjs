// The web as the measured Worker sees it: one metadata document, which is fresh for a day.

const URL_OF_DOCUMENT = "https://client.example.net/oauth/client.json";
const DOCUMENT = JSON.stringify({
  client_id: URL_OF_DOCUMENT,
  client_name: "Oauth client",
  redirect_uris: ["http://localhost:9000/callback"],
  client_uri: "http://localhost:9000",
  grant_types: ["authorization_code"],
  token_endpoint_auth_method: "none",
  scope: "openid",
});

export default {
  fetch: ({ url }) => {
    if (url !== URL_OF_DOCUMENT) return new Response(null, { status: 404 });
    const headers = { "content-type": "application/json", "cache-control": "max-age=86400" };
    return new Response(DOCUMENT, { headers });
  },
};
