//! Issuer identifiers (RFC 8414 §2).

use super::config_error::ConfigError;
use super::reference;
use crate::vocabulary::WebUri;

/// An issuer identifier (RFC 8414 §2), byte for byte as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier(WebUri);

impl Identifier {
    /// Reads an identifier: https without query or fragment; http on a loopback host.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        let uri = WebUri::parse(text).ok().filter(|uri| {
            let secure = uri.is_https() || uri.host().is_loopback();
            secure && !text.contains(['?', '#'])
        });
        let wrong = || ConfigError::value(name, &text.into(), reference::IDENTIFIER);
        uri.map(Self).ok_or_else(wrong)
    }

    /// The identifier as it is configured.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The base of its endpoints, without a trailing slash, which would double theirs.
    pub fn base(&self) -> &str {
        self.as_str().trim_end_matches('/')
    }

    /// The path of the issuer: empty, or like `/tenant`.
    pub fn path(&self) -> &str {
        self.0.after_authority().trim_end_matches('/')
    }

    pub fn is_loopback(&self) -> bool {
        self.0.host().is_loopback()
    }

    /// Scheme, host and port as browsers write an origin.
    pub fn origin(&self) -> &str {
        self.0.origin()
    }

    /// The host in lower case, without a port.
    pub fn host(&self) -> String {
        self.0.host().to_string()
    }

    /// Host and port in lower case, without a default port, to be compared with where a request came in. The
    /// scheme does not count: a proxy that ends TLS speaks http to us.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }
}
