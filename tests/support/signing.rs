//! Keys that sign, and the model of their signatures: a digest that only the right algorithm, key and text have. The tests
//! on the runtime make real signatures, with a JOSE library.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use rollcall::vocabulary::Digest;
use serde_json::{Value, json};

/// The members that make a public key.
const MATERIAL: [&str; 6] = ["kty", "n", "e", "crv", "x", "y"];

/// The signature of `key` over `signed`, as bytes.
pub fn sign(algorithm: &str, key: &Value, signed: &str) -> Vec<u8> {
    let material: String = MATERIAL.iter().map(|name| key[name].to_string()).collect();
    let parts = [algorithm.as_bytes(), material.as_bytes(), signed.as_bytes()];
    String::from(Digest::of_parts(&parts)).into_bytes()
}

/// A public key for `algorithm`, with `seed` in its material.
pub fn key(algorithm: &str, kid: &str, seed: u8) -> Value {
    let material = |bytes: usize| {
        let mut material = vec![seed; bytes];
        material[0] = 0xc3;
        material[bytes - 1] |= 1;
        BASE64URL.encode(material)
    };
    let ec = |curve: &str, bytes: usize| json!({"kty": "EC", "crv": curve, "x": material(bytes), "y": material(bytes)});
    let mut key = match algorithm {
        "ES256" => ec("P-256", 32),
        "ES384" => ec("P-384", 48),
        "ES512" => ec("P-521", 66),
        "EdDSA" | "Ed25519" => json!({"kty": "OKP", "crv": "Ed25519", "x": material(32)}),
        _ => json!({"kty": "RSA", "n": material(256), "e": "AQAB"}),
    };
    key["kid"] = json!(kid);
    key
}

/// A compact JWS with exactly this header and payload, signed with `key` by the `alg` of its header.
pub fn jws(header: &Value, payload: &Value, key: &Value) -> String {
    jws_of(&header.to_string(), &payload.to_string(), key, header["alg"].as_str().unwrap_or(""))
}

/// The same for texts that are not what they should be.
pub fn jws_of(header: &str, payload: &str, key: &Value, algorithm: &str) -> String {
    let signed = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(payload));
    let signature = BASE64URL.encode(sign(algorithm, key, &signed));
    format!("{signed}.{signature}")
}
