//! Token endpoint authentication methods (RFC 7591 §2 and the IANA registry).

use serde::Serialize;

/// How a client proves at the token endpoint who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A public client: it proves nothing (RFC 7591 §2).
    None,
    /// The secret in an `Authorization: Basic` header (RFC 6749 §2.3.1). The default.
    ClientSecretBasic,
    /// The secret in the body (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// A JWT signed with the client's own key (OIDC Core §9, RFC 7523).
    PrivateKeyJwt,
    /// A certificate of a public key infrastructure (RFC 8705 §2.1).
    TlsClientAuth,
    /// A self-signed certificate whose key is in the client's JWK set (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
}

impl AuthMethod {
    /// Every method that can be offered. `client_secret_jwt` is not one: it needs the plain secret,
    /// and only a digest of it is kept.
    #[rustfmt::skip]
    pub const ALL: [Self; 6] = [
        Self::None, Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt, Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
    ];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// Reads a registered name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// Whether a client of this method gets a `client_secret`.
    #[must_use]
    pub fn needs_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }

    /// Whether a client of this method has to register a key.
    #[must_use]
    pub fn needs_keys(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::SelfSignedTlsClientAuth)
    }
}
