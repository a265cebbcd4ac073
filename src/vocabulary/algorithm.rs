//! One table of the JOSE algorithms (RFC 7518, RFC 8037, RFC 8812, RFC 9864) and what each is for.

/// What an algorithm does.
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
    /// What it is for.
    pub purpose: Use,
    /// The `kty` of the key it needs; `""` where none or any.
    pub kty: &'static str,
}

const fn row(name: &'static str, purpose: Use, kty: &'static str) -> Algorithm {
    Algorithm { name, purpose, kty }
}

const ALGORITHMS: [Algorithm; 38] = [
    row("RS256", Use::Signature, "RSA"),
    row("RS384", Use::Signature, "RSA"),
    row("RS512", Use::Signature, "RSA"),
    row("PS256", Use::Signature, "RSA"),
    row("PS384", Use::Signature, "RSA"),
    row("PS512", Use::Signature, "RSA"),
    row("ES256", Use::Signature, "EC"),
    row("ES384", Use::Signature, "EC"),
    row("ES512", Use::Signature, "EC"),
    row("ES256K", Use::Signature, "EC"),
    row("EdDSA", Use::Signature, "OKP"),
    row("Ed25519", Use::Signature, "OKP"),
    row("Ed448", Use::Signature, "OKP"),
    row("HS256", Use::Mac, "oct"),
    row("HS384", Use::Mac, "oct"),
    row("HS512", Use::Mac, "oct"),
    row("none", Use::Unsecured, ""),
    row("RSA-OAEP", Use::KeyWrap, "RSA"),
    row("RSA-OAEP-256", Use::KeyWrap, "RSA"),
    row("RSA-OAEP-384", Use::KeyWrap, "RSA"),
    row("RSA-OAEP-512", Use::KeyWrap, "RSA"),
    row("ECDH-ES", Use::KeyWrap, ""),
    row("ECDH-ES+A128KW", Use::KeyWrap, ""),
    row("ECDH-ES+A192KW", Use::KeyWrap, ""),
    row("ECDH-ES+A256KW", Use::KeyWrap, ""),
    row("dir", Use::SharedKeyWrap, "oct"),
    row("A128KW", Use::SharedKeyWrap, "oct"),
    row("A192KW", Use::SharedKeyWrap, "oct"),
    row("A256KW", Use::SharedKeyWrap, "oct"),
    row("A128GCMKW", Use::SharedKeyWrap, "oct"),
    row("A192GCMKW", Use::SharedKeyWrap, "oct"),
    row("A256GCMKW", Use::SharedKeyWrap, "oct"),
    row("A128CBC-HS256", Use::Content, ""),
    row("A192CBC-HS384", Use::Content, ""),
    row("A256CBC-HS512", Use::Content, ""),
    row("A128GCM", Use::Content, ""),
    row("A192GCM", Use::Content, ""),
    row("A256GCM", Use::Content, ""),
];

impl Algorithm {
    /// Looks up a registered name. `RSA1_5` and the PBES2 family are unknown on purpose: RFC 8725
    /// §3.2 advises against the one, the other needs passwords.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name).copied()
    }
}
