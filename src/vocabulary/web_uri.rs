//! URIs that are looked at or called, not redirected to: `client_uri`, `jwks_uri` and their like.

use std::fmt;

use url::{Position, Url};

use super::host::Host;
use super::uri::{Uri, UriError};

/// An absolute `http` or `https` URI, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUri {
    text: String,
    /// Its scheme and authority.
    url: Url,
    /// Where its path begins.
    path: usize,
}

/// Why a text is no web URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebUriError {
    /// Not an absolute URI at all.
    Uri(UriError),
    /// Another scheme than `http` or `https`: a page that shows the link would run or dial it.
    Scheme,
}

impl From<UriError> for WebUriError {
    fn from(error: UriError) -> Self {
        Self::Uri(error)
    }
}

impl fmt::Display for WebUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(error) => error.fmt(f),
            Self::Scheme => f.write_str("must be an http or https URI"),
        }
    }
}

impl WebUri {
    /// Judges `text` and keeps it as it is.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, WebUriError> {
        let uri = Uri::new(text)?;
        if !matches!(&*uri.scheme, "https" | "http") {
            return Err(WebUriError::Scheme);
        }
        let path = text.len().saturating_sub(uri.tail.len());
        Ok(Self { url: uri.parse()?, path, text: text.to_owned() })
    }

    /// The URI, byte for byte as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host.
    #[must_use]
    pub fn host(&self) -> Host<'_> {
        // An http URL without a host does not parse.
        Host(self.url.host().unwrap_or(url::Host::Domain("")))
    }

    /// Whether what is fetched from here is protected: `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Path, query and fragment, as they were sent.
    #[must_use]
    pub fn after_authority(&self) -> &str {
        self.text.get(self.path..).unwrap_or_default()
    }

    /// Whether there is a `#`, even with nothing behind it.
    #[must_use]
    pub fn has_fragment(&self) -> bool {
        self.after_authority().contains('#')
    }

    /// Host and port in lower case, without a default port.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// Scheme, host and port as browsers write an origin: in lower case, without a default port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.url[..Position::AfterPort]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_can_be_looked_at() {
        for text in
            ["http://localhost:9000", "https://example.com/#top", "https://192.168.1.4:8123/"]
        {
            assert_eq!(WebUri::parse(text).unwrap().as_str(), text);
        }
        for text in
            ["javascript:alert(1)", "data:text/html,x", "blob:https://x/y", "ftp://example.com/"]
        {
            assert_eq!(WebUri::parse(text), Err(WebUriError::Scheme), "{text}");
        }
        for text in ["https://example.com/a/../b", "https://example.com/%2e?x", "http://h/..;/x"] {
            assert_eq!(WebUri::parse(text), Err(UriError::DotSegment.into()), "{text}");
        }
        assert!(WebUri::parse("https://example.com/a?x=../b#../c").is_ok());
        assert_eq!(WebUri::parse("example.com"), Err(WebUriError::Uri(UriError::Relative)));
        assert_eq!(
            WebUri::parse("https://u@example.com"),
            Err(WebUriError::Uri(UriError::Userinfo))
        );
    }

    #[test]
    fn a_default_port_is_the_same_origin_as_none() {
        let (a, b) = (
            WebUri::parse("https://a.example").unwrap(),
            WebUri::parse("https://A.example:443/x").unwrap(),
        );
        assert_eq!(a.origin(), b.origin());
    }
}
