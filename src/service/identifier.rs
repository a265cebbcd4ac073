//! Issuer identifiers (RFC 8414 §2).

use super::config_error::ConfigError;
use crate::vocabulary::WebUri;

/// An issuer identifier (RFC 8414 §2), byte for byte as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier {
    pub text: String,
    loopback: bool,
}

impl Identifier {
    /// Reads an identifier: https without query or fragment; http on a loopback host.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let expected = "an https URL without query or fragment (http on localhost)";
        let wrong = || ConfigError::value("ISSUER", &text.into(), expected);
        let uri = WebUri::parse(text).map_err(|_| wrong())?;
        let loopback = uri.host().is_loopback();
        let plain = !text.contains(['?', '#']);
        if plain && (uri.is_https() || loopback) {
            Ok(Self { text: text.to_owned(), loopback })
        } else {
            Err(wrong())
        }
    }

    /// What paths are appended to: a trailing slash would double theirs.
    pub fn base(&self) -> &str {
        self.text.trim_end_matches('/')
    }

    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}
