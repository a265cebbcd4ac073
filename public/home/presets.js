// Starting points of a registration: one for each kind of client.

const code = { grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] };

export const PRESETS = [
  {
    id: "spa",
    name: "SPA",
    about: "A single-page application runs in a browser and cannot keep a secret. It is a public client, with PKCE.",
    metadata: {
      client_name: "Example SPA",
      redirect_uris: ["https://spa.example/callback"],
      ...code,
      token_endpoint_auth_method: "none",
    },
  },
  {
    id: "web",
    name: "Web server",
    about: "Runs on a server, and can keep a secret.",
    metadata: {
      client_name: "Example web application",
      redirect_uris: ["https://web.example/callback"],
      ...code,
      token_endpoint_auth_method: "client_secret_basic",
      client_uri: "https://web.example/",
    },
  },
  {
    id: "native",
    name: "Native app",
    about: "The user returns through a loopback address or a private-use scheme (RFC 8252). Each installation may be a client of its own.",
    metadata: {
      client_name: "Example native app",
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/callback", "com.example.app:/callback"],
      ...code,
      token_endpoint_auth_method: "none",
    },
  },
  {
    id: "mcp",
    name: "MCP client",
    about: "A Model Context Protocol client: a public client that listens on a loopback port.",
    metadata: {
      client_name: "Example MCP client",
      client_uri: "https://mcp.example/",
      redirect_uris: ["http://127.0.0.1:33418/callback", "http://localhost:33418/callback"],
      ...code,
      token_endpoint_auth_method: "none",
    },
  },
  {
    id: "machine",
    name: "Machine",
    about: "Acts for itself, without a user: client credentials, and no redirect URIs.",
    metadata: {
      client_name: "Example nightly job",
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  },
];
