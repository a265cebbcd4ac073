// Made-up clients, for who needs many of them.

import { randomBytes } from "node:crypto";

export const now = () => Math.floor(Date.now() / 1000);

/** A record as it is stored: docs/storage-schema.md. */
export function record(client_name, more = {}) {
  const digest = () => randomBytes(32).toString("base64url");
  return {
    v: 3,
    client_id: randomBytes(16).toString("base64url"),
    issued_at: now(),
    changes: 0,
    provenance: { self_asserted: true, policy: digest().slice(0, 12) },
    version: digest().slice(0, 12),
    secrets: [{ sha256: digest(), issued_at: now(), expires_at: 0 }],
    tokens: [digest()],
    metadata: {
      redirect_uris: ["https://app.example/cb"],
      token_endpoint_auth_method: "client_secret_basic",
      client_name,
    },
    ...more,
  };
}
