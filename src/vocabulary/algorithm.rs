//! One table of the JOSE algorithms (RFC 7518, RFC 8037, RFC 8812, RFC 9864) and what each is for.

/// The purpose of an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Signs with a private key (`alg` of a JWS).
    Signature,
    /// Authenticates with a key both sides have: the client secret (`alg` of a JWS).
    Mac,
    /// Signs nothing (`none`, RFC 7518 §3.6).
    Unsecured,
    /// Wraps a content key with a public key (`alg` of a JWE).
    KeyWrap,
    /// Wraps a content key with a shared key: the client secret (`alg` of a JWE).
    SharedKeyWrap,
    /// Encrypts content (`enc` of a JWE).
    Content,
}

/// A registered algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithm {
    /// Its registered name, case-sensitive.
    pub name: &'static str,
    /// Its purpose.
    pub purpose: Use,
    /// The `kty` of the key it needs; `""` for none or any.
    pub kty: &'static str,
}

const fn row(name: &'static str, purpose: Use, kty: &'static str) -> Algorithm {
    Algorithm { name, purpose, kty }
}

#[rustfmt::skip]
const ALGORITHMS: [Algorithm; 38] = {
    use Use::{Content, KeyWrap, Mac, SharedKeyWrap, Signature, Unsecured};
    [
        row("RS256", Signature, "RSA"), row("RS384", Signature, "RSA"), row("RS512", Signature, "RSA"),
        row("PS256", Signature, "RSA"), row("PS384", Signature, "RSA"), row("PS512", Signature, "RSA"),
        row("ES256", Signature, "EC"), row("ES384", Signature, "EC"), row("ES512", Signature, "EC"),
        row("ES256K", Signature, "EC"),
        row("EdDSA", Signature, "OKP"), row("Ed25519", Signature, "OKP"), row("Ed448", Signature, "OKP"),
        row("HS256", Mac, "oct"), row("HS384", Mac, "oct"), row("HS512", Mac, "oct"),
        row("none", Unsecured, ""),
        row("RSA-OAEP", KeyWrap, "RSA"), row("RSA-OAEP-256", KeyWrap, "RSA"), row("RSA-OAEP-384", KeyWrap, "RSA"),
        row("RSA-OAEP-512", KeyWrap, "RSA"),
        row("ECDH-ES", KeyWrap, ""), row("ECDH-ES+A128KW", KeyWrap, ""), row("ECDH-ES+A192KW", KeyWrap, ""),
        row("ECDH-ES+A256KW", KeyWrap, ""),
        row("dir", SharedKeyWrap, "oct"), row("A128KW", SharedKeyWrap, "oct"), row("A192KW", SharedKeyWrap, "oct"),
        row("A256KW", SharedKeyWrap, "oct"), row("A128GCMKW", SharedKeyWrap, "oct"),
        row("A192GCMKW", SharedKeyWrap, "oct"), row("A256GCMKW", SharedKeyWrap, "oct"),
        row("A128CBC-HS256", Content, ""), row("A192CBC-HS384", Content, ""), row("A256CBC-HS512", Content, ""),
        row("A128GCM", Content, ""), row("A192GCM", Content, ""), row("A256GCM", Content, ""),
    ]
};

impl Algorithm {
    /// The names of the signature algorithms that Web Crypto verifies: every asymmetric one of RFC 7518 §3.1, and `EdDSA`
    /// with Ed25519 (RFC 8037 §3.1, RFC 9864 §2.2).
    pub const VERIFIABLE: [&str; 11] = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        "Ed25519",
    ];

    /// Looks up one of [`Self::VERIFIABLE`].
    #[must_use]
    pub fn verifiable(name: &str) -> Option<Self> {
        Self::find(name).filter(|algorithm| Self::VERIFIABLE.contains(&algorithm.name))
    }

    /// Looks up a registered name. `RSA1_5` and the PBES2 family are unknown on purpose: RFC 8725
    /// §3.2 advises against the one, the other needs passwords.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name).copied()
    }
}
