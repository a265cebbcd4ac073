//! A developer's machine: no issuer is configured, and the request came in on a loopback host. Then
//! there is everything that a client library needs to discover and register, and nothing to log in at.

use serde_json::{Map, Value, json};

/// The metadata of a developer's machine: neither an issuer nor an authorization server is configured.
#[must_use]
pub fn metadata() -> Map<String, Value> {
    let signing = ["RS256", "PS256", "ES256", "EdDSA"];
    let metadata = json!({
        "authorization_endpoint": "/authorize",
        "token_endpoint": "/token",
        "jwks_uri": "/jwks",
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": signing,
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": signing,
    });
    match metadata {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The key set at `/jwks`, for clients that do not go on without a key. Nothing is signed with it, and nothing can be:
/// the modulus is RSA-2048 of the RSA Factoring Challenge, whose factors are unknown.
pub const JWKS: &str = "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"nobody\",\"use\":\"sig\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"\
    x5cM7tzDsHVEkCAaeqYTzXOREIHHkPXxqHJvRjVQu1t_8NuOHqEYnscvk9FlABG9chrurMKs3jKgQQfwZIwoE6MfWwt3Zf-LRLS2\
    _8kzhLZG6wnHz16FktQOozyAA581tPFKBLUfe_14G-TRZzFkuo65kcLE1zC7vjX1kr3vUkr36Nrv0mxm_ALEea-J1k03P0QnCUOd\
    5mzrlV8-o31RWfYTWAn4UzS1yxgTrdyAzQVgnxCsapWtZYcskJUlva0yvHKVkmQpIPJMYdxbPDt5I-VrFqTZ03PYch8ko_wPGzEx\
    9VYVFyhmvMww-VBUyCTnM6XraBf3vBY5nUjGNhzH5Q\"}]}";
