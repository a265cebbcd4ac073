//! Servers that support more than the shipped one, and the keys of a client.

use std::sync::LazyLock;

use serde_json::Value;

/// Metadata of a server that supports everything there is.
pub fn everything() -> Value {
    static SERVERS: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../vectors/servers.json")).unwrap());
    SERVERS["everything"].clone()
}

/// A set of public keys that can do anything: RSA and P-256, for any use.
pub fn keys() -> Value {
    static KEYS: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../vectors/keys.json")).unwrap());
    KEYS["public"].clone()
}
