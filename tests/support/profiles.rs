//! Servers that support more than the shipped one.

use serde_json::{Value, json};

/// Metadata of a server that supports everything there is.
pub fn everything() -> Value {
    let signing = json!(["RS256", "PS256", "ES256", "EdDSA"]);
    let key_wrap = json!(["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW"]);
    let content = json!(["A128CBC-HS256", "A256GCM"]);
    let mut metadata = json!({
        "authorization_endpoint": "/authorize",
        "token_endpoint": "/token",
        "jwks_uri": "/jwks",
        "device_authorization_endpoint": "/device",
        "backchannel_authentication_endpoint": "/ciba",
        "scopes_supported": ["openid", "profile", "email", "offline_access", "payments"],
        "response_types_supported":
            ["code", "none", "id_token", "token", "id_token token", "code id_token", "code token", "code id_token token"],
        "grant_types_supported": [
            "authorization_code", "implicit", "refresh_token", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code", "urn:openid:params:grant-type:ciba",
        ],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "none", "private_key_jwt",
            "tls_client_auth", "self_signed_tls_client_auth",
        ],
        "token_endpoint_auth_signing_alg_values_supported": signing,
        "subject_types_supported": ["public", "pairwise"],
        "backchannel_token_delivery_modes_supported": ["poll", "ping"],
        "backchannel_authentication_request_signing_alg_values_supported": signing,
    });
    for (name, none) in [
        ("id_token", true), ("userinfo", true), ("request_object", true),
        ("introspection", false), ("authorization", false), ("nfv_token", false),
    ] {
        let mut algorithms = signing.clone();
        if none {
            algorithms.as_array_mut().unwrap().push("none".into());
        }
        metadata[format!("{name}_signing_alg_values_supported")] = algorithms;
        metadata[format!("{name}_encryption_alg_values_supported")] = key_wrap.clone();
        metadata[format!("{name}_encryption_enc_values_supported")] = content.clone();
    }
    metadata
}

/// A set of public keys that can do anything: RSA and P-256, for any use.
pub fn keys() -> Value {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/keys.json")).unwrap();
    vectors["public"].clone()
}
