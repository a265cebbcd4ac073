// node's oidc-provider, the peer that is not at the edge, its records in the same stub. Announces its ports as
// workerd does.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { writeSync } from "node:fs";

import Provider from "oidc-provider";

import { control, kv } from "../stub/kv.mjs";

class Adapter {
  constructor(model) {
    this.key = (id) => `${model}:${id}`;
  }
  upsert(id, payload, expirationTtl) {
    return kv.put(this.key(id), JSON.stringify(payload), { expirationTtl });
  }
  async find(id) {
    return (await kv.get(this.key(id), "json")) ?? undefined;
  }
  destroy(id) {
    return kv.delete(this.key(id));
  }
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const provider = new Provider("https://auth.example.com", {
  adapter: Adapter,
  features: {
    registration: { enabled: true },
    registrationManagement: { enabled: true },
    devInteractions: { enabled: false },
  },
  scopes: ["openid", "profile", "email", "offline_access"],
  clientDefaults: { id_token_signed_response_alg: "ES256" },
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: "1" }] },
});
provider.proxy = true;

const serve = async (socket, handler) => {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  writeSync(3, `${JSON.stringify({ event: "listen", socket, port: server.address().port })}\n`);
};
await serve("control", (request, response) => response.end(JSON.stringify(control(request.url))));
await serve("http", provider.callback());
