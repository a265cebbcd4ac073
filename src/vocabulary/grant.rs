//! Grant types (RFC 7591 §2, RFC 6749 §4).

use serde::{Serialize, Serializer};

/// A grant type. Those that decide something have a variant; what a server adds is an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §4.2. Offered only if the operator lists it.
    Implicit,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// Any other, an absolute URI as a rule (RFC 6749 §4.5).
    Extension(String),
}

impl GrantType {
    /// Reads a value of `grant_types`. Every name is accepted here: one that is not supported is narrowed
    /// away later.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "authorization_code" => Self::AuthorizationCode,
            "implicit" => Self::Implicit,
            "refresh_token" => Self::RefreshToken,
            "client_credentials" => Self::ClientCredentials,
            other => Self::Extension(other.to_owned()),
        }
    }

    /// The value on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::Implicit => "implicit",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Extension(name) => name,
        }
    }

    /// Whether the grant sends the user's browser back to the client (RFC 7591 §2, `redirect_uris`).
    #[must_use]
    pub fn uses_redirection(&self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Implicit)
    }
}

impl Serialize for GrantType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
