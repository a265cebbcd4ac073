//! URIs that are looked at or called, not redirected to: `client_uri`, `jwks_uri` and their like.

use std::fmt;

use super::host::Host;
use super::uri::{Uri, UriError};

/// An absolute `http` or `https` URI, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUri {
    text: String,
    host: Host,
    port: Option<u16>,
    https: bool,
    fragment: bool,
}

/// Why a text is no web URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebUriError {
    /// Not an absolute URI at all.
    Uri(UriError),
    /// Another scheme than `http` or `https`: a page that shows the link would run or dial it.
    Scheme,
    /// A path segment `.` or `..`, which browsers resolve before they go there.
    DotSegment,
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
            Self::DotSegment => f.write_str("must not contain the path segments . or .."),
        }
    }
}

impl WebUri {
    /// Judges `text` and keeps it as it is.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, WebUriError> {
        let uri = Uri::split(text)?;
        let https = match &*uri.scheme {
            "https" => true,
            "http" => false,
            _ => return Err(WebUriError::Scheme),
        };
        let authority = uri.host_and_port()?;
        if uri.has_dot_segment() {
            return Err(WebUriError::DotSegment);
        }
        Ok(Self {
            text: text.to_owned(),
            host: authority.host,
            port: authority.port,
            https,
            fragment: uri.fragment.is_some(),
        })
    }

    /// The URI, byte for byte as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Whether what is fetched from here is protected: `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether there is a `#`, even with nothing behind it.
    #[must_use]
    pub fn has_fragment(&self) -> bool {
        self.fragment
    }

    /// Scheme, host and port as one comparable value; a default port is the same as none.
    #[must_use]
    pub fn origin(&self) -> (bool, &Host, u16) {
        (self.https, &self.host, self.port.unwrap_or(if self.https { 443 } else { 80 }))
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
            assert_eq!(WebUri::parse(text), Err(WebUriError::DotSegment), "{text}");
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
