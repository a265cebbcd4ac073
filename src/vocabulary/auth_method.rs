//! Token endpoint authentication methods (RFC 7591 §2 and the IANA registry).

use serde::Serialize;

use super::algorithm::Use;

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
    /// A JWT with a MAC under the secret (OIDC Core §9, RFC 7523). Only where secrets are sealed: the server needs the
    /// plain one.
    ClientSecretJwt,
    /// A JWT signed with the client's own key (OIDC Core §9, RFC 7523).
    PrivateKeyJwt,
    /// A certificate of a public key infrastructure (RFC 8705 §2.1).
    TlsClientAuth,
    /// A self-signed certificate whose key is in the client's JWK set (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
}

impl AuthMethod {
    /// Every method that can be offered.
    #[rustfmt::skip]
    pub const ALL: [Self; 7] = [
        Self::None, Self::ClientSecretBasic, Self::ClientSecretPost, Self::ClientSecretJwt, Self::PrivateKeyJwt,
        Self::TlsClientAuth, Self::SelfSignedTlsClientAuth,
    ];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
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
            || self.needs_plain_secret()
    }

    /// Whether the authorization server needs the plain secret of a client of this method.
    #[must_use]
    pub fn needs_plain_secret(self) -> bool {
        self == Self::ClientSecretJwt
    }

    /// The purpose of the algorithms with which a client of this method signs; `None` if it signs nothing.
    #[must_use]
    pub fn signing_purpose(self) -> Option<Use> {
        match self {
            Self::PrivateKeyJwt => Some(Use::Signature),
            Self::ClientSecretJwt => Some(Use::Mac),
            _ => None,
        }
    }

    /// Whether a client of this method has to register a key.
    #[must_use]
    pub fn needs_keys(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::SelfSignedTlsClientAuth)
    }
}
