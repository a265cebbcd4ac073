//! `application_type` (OIDC Dynamic Client Registration 1.0 §2).

use serde::Serialize;

use super::RedirectUri;

/// The kind of application that a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// Runs on a server or in a browser.
    Web,
    /// Runs on the user's device.
    Native,
}

impl ApplicationType {
    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }

    /// Reads the value of the member.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "web" => Some(Self::Web),
            "native" => Some(Self::Native),
            _ => None,
        }
    }

    /// The type of a client that does not say: native if it has a private-use scheme, else web. The
    /// spec's plain default `web` would shut out the desktop clients that leave the member out.
    #[must_use]
    pub fn inferred_from(redirect_uris: &[RedirectUri]) -> Self {
        let private_use = |uri: &RedirectUri| !matches!(uri.scheme(), "https" | "http");
        if redirect_uris.iter().any(private_use) { Self::Native } else { Self::Web }
    }
}
