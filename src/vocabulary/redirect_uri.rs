//! Where a client may be sent back to: RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1.
//!
//! Judged once, kept byte for byte: an authorization server compares strings, so what a URL parser
//! would print instead is of no use to anyone.

use std::fmt;

use serde::{Serialize, Serializer};

use super::host::Host;
use super::schemes;
use super::uri::{Authority, Uri, UriError};

/// A redirect URI of one of the three kinds there are (RFC 8252 §7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectUri {
    /// `https`: a web server, or a claimed link of a native app (RFC 8252 §7.2).
    Https {
        /// The text as received.
        text: String,
        /// Its host.
        host: Host,
        /// Its port; `None` for the default of its scheme.
        port: Option<u16>,
    },
    /// `http` on the loopback interface; an AS has to ignore the port (RFC 8252 §7.3).
    Loopback {
        /// The text as received.
        text: String,
        /// Its host.
        host: Host,
        /// Its port; `None` for the default of its scheme.
        port: Option<u16>,
    },
    /// A scheme an app claims for itself (RFC 8252 §7.1).
    PrivateUse {
        /// The text as received.
        text: String,
        /// Its scheme in lower case.
        scheme: String,
    },
}

/// Why a text is no redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectUriError {
    /// Not an absolute URI at all.
    Uri(UriError),
    /// A fragment, even an empty one (RFC 6749 §3.1.2).
    Fragment,
    /// A `*`: redirect URIs are compared as they are (RFC 9700 §2.1).
    Wildcard,
    /// `http` to a host that is not the loopback interface (RFC 8252 §7.3, RFC 9700 §2.6).
    RemoteHttp,
    /// A scheme that runs, reads or calls something instead of returning to an app.
    ForbiddenScheme,
    /// A scheme of names, like `urn`: nobody can be sent there.
    Name,
    /// A path segment `.` or `..`, which browsers resolve before they go there.
    DotSegment,
    /// A private-use scheme with nothing behind it.
    Empty,
}

impl From<UriError> for RedirectUriError {
    fn from(error: UriError) -> Self {
        Self::Uri(error)
    }
}

impl fmt::Display for RedirectUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(error) => error.fmt(f),
            Self::Fragment => f.write_str("must not contain a fragment (#)"),
            Self::Wildcard => {
                f.write_str("must not contain a wildcard (*): redirect URIs are compared exactly")
            }
            Self::RemoteHttp => f.write_str(
                "must use https; http is for the loopback interface only (localhost, 127.0.0.1, [::1])",
            ),
            Self::ForbiddenScheme => f.write_str("uses a scheme that cannot return to a client"),
            Self::Name => f.write_str(
                "is a name, and a browser cannot be redirected to it; use a loopback URI such as \
                 http://127.0.0.1/callback, where any port will do",
            ),
            Self::DotSegment => f.write_str("must not contain the path segments . or .."),
            Self::Empty => f.write_str("must have something after its scheme"),
        }
    }
}

impl RedirectUri {
    /// Judges `text` and keeps it as it is.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        let uri = Uri::split(text)?;
        if uri.fragment.is_some() {
            return Err(RedirectUriError::Fragment);
        }
        if uri.has_wildcard {
            return Err(RedirectUriError::Wildcard);
        }
        if uri.has_dot_segment() {
            return Err(RedirectUriError::DotSegment);
        }
        let text = text.to_owned();
        match &*uri.scheme {
            "https" => {
                let Authority { host, port } = uri.host_and_port()?;
                Ok(Self::Https { text, host, port })
            }
            "http" => {
                let Authority { host, port } = uri.host_and_port()?;
                if host.is_loopback() {
                    Ok(Self::Loopback { text, host, port })
                } else {
                    Err(RedirectUriError::RemoteHttp)
                }
            }
            scheme if schemes::is_name(scheme) => Err(RedirectUriError::Name),
            scheme if schemes::is_forbidden(scheme) => Err(RedirectUriError::ForbiddenScheme),
            _ => {
                let authority = uri.authority.unwrap_or_default();
                if authority.contains('@') {
                    return Err(UriError::Userinfo.into());
                }
                // A name can be anything there. What looks like a port or an address has to be one: to a
                // browser, the whole text is no URL otherwise.
                if authority.contains([':', '[', ']']) {
                    uri.host_and_port()?;
                }
                if uri.authority.is_none() && uri.path.is_empty() {
                    return Err(RedirectUriError::Empty);
                }
                Ok(Self::PrivateUse { text, scheme: uri.scheme.into_owned() })
            }
        }
    }

    /// The URI, byte for byte as the client sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Https { text, .. }
            | Self::Loopback { text, .. }
            | Self::PrivateUse { text, .. } => text,
        }
    }

    /// Whether an authorization request's `redirect_uri` is this one: the same bytes, or, on the
    /// loopback interface, the same bytes but for the port (RFC 8252 §7.3, RFC 9700 §2.1).
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        if presented == self.as_str() {
            return true;
        }
        let both_loopback = matches!(self, Self::Loopback { .. })
            && matches!(Self::parse(presented), Ok(Self::Loopback { .. }));
        both_loopback && without_port(presented) == without_port(self.as_str())
    }

    /// Scheme, host and port, as [`WebUri::origin`](super::WebUri::origin) has them; `None` for a private-use scheme.
    #[must_use]
    pub fn origin(&self) -> Option<(bool, &Host, u16)> {
        match self {
            Self::Https { host, port, .. } => Some((true, host, port.unwrap_or(443))),
            Self::Loopback { host, port, .. } => Some((false, host, port.unwrap_or(80))),
            Self::PrivateUse { .. } => None,
        }
    }

    /// The host, where the kind has one that means something.
    #[must_use]
    pub fn host(&self) -> Option<&Host> {
        match self {
            Self::Https { host, .. } | Self::Loopback { host, .. } => Some(host),
            Self::PrivateUse { .. } => None,
        }
    }
}

/// What stands before and behind the port of an `http` URI.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("//")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at_checked(end)?;
    let bracket = authority.find(']').unwrap_or(0);
    let colon = authority.get(bracket..)?.find(':').map(|at| at.saturating_add(bracket));
    let host = authority.get(..colon.unwrap_or(authority.len()))?;
    // As one slice of `text`, so that the scheme is compared too.
    let before = text.get(..scheme.len().saturating_add(2).saturating_add(host.len()))?;
    Some((before, behind))
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_kinds_are_kept_byte_for_byte() {
        for text in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://example.com",
            "HTTPS://Example.COM:443/cb?x=%41",
            "http://localhost:9000/callback",
            "http://127.0.0.1/",
            "http://127.0.0.1:33418",
            "http://[::1]:8080/cb",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "com.example.app:/oauth2redirect",
            "com.example.app:oauth2redirect",
            "myapp://",
            "myapp://My_Host:8080/cb",
        ] {
            assert_eq!(RedirectUri::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_redirect_uri_says_why() {
        use RedirectUriError as E;
        for (text, error) in [
            ("", E::Uri(UriError::Relative)),
            ("/callback", E::Uri(UriError::Relative)),
            ("//example.com/cb", E::Uri(UriError::Relative)),
            ("localhost:9000/callback", E::Uri(UriError::Relative)),
            ("localhost:9000?x=y", E::Uri(UriError::Relative)),
            ("127.0.0.1:9000/callback", E::Uri(UriError::Relative)),
            ("https://example.com/cb#", E::Fragment),
            ("https://example.com/cb#x", E::Fragment),
            ("com.example.app:/cb#x", E::Fragment),
            ("https://*.example.com/cb", E::Wildcard),
            ("https://example.com/*", E::Wildcard),
            ("https://user@example.com/cb", E::Uri(UriError::Userinfo)),
            ("https://user:pw@example.com/cb", E::Uri(UriError::Userinfo)),
            ("myapp://user@host/cb", E::Uri(UriError::Userinfo)),
            ("myapp://[x]/cb", E::Uri(UriError::Host)),
            ("myapp://a]/cb", E::Uri(UriError::Host)),
            ("myapp://host:99999/cb", E::Uri(UriError::Port)),
            ("http://example.com/cb", E::RemoteHttp),
            ("http://localhost.example.com/cb", E::RemoteHttp),
            ("http://0.0.0.0/cb", E::RemoteHttp),
            ("https:example.com", E::Uri(UriError::Host)),
            ("https:/example.com", E::Uri(UriError::Host)),
            ("https://example.com/a/../cb", E::DotSegment),
            ("https://example.com/a/%2E%2e/cb", E::DotSegment),
            ("https://example.com/a/..;/cb", E::DotSegment),
            ("myapp:../cb", E::DotSegment),
            ("myapp:%2e", E::DotSegment),
            ("myapp:cb/.", E::DotSegment),
            ("https://example.com:0443/cb", E::Uri(UriError::Port)),
            ("http://[0:0::1]/cb", E::Uri(UriError::Host)),
            ("myapp://host:080/cb", E::Uri(UriError::Port)),
            ("my_app://cb", E::Uri(UriError::SchemeCharacter('_'))),
            ("myapp:", E::Empty),
            ("javascript:alert(1)", E::ForbiddenScheme),
            ("JavaScript://x/%0aalert(1)", E::Uri(UriError::PercentEncoding)),
            ("data:text/html,x", E::ForbiddenScheme),
        ] {
            assert_eq!(RedirectUri::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn forbidden_scheme_is_refused_in_any_case() {
        for scheme in ["javascript", "ms-word", "telprompt", "chrome-extension", "itms-services"] {
            for text in [format!("{scheme}:x"), format!("{}://host/x", scheme.to_ascii_uppercase())]
            {
                let judged = RedirectUri::parse(&text);
                assert_eq!(judged, Err(RedirectUriError::ForbiddenScheme), "{text}");
            }
        }
    }

    #[test]
    fn name_is_no_redirect_uri_and_the_message_says_what_to_use_instead() {
        for text in [
            "urn:ietf:wg:oauth:2.0:oob",
            "URN:ietf:wg:oauth:2.0:oob:auto",
            "tag:example.com,2026:cb",
            "did:web:example.com",
            "doi:10.1000/1",
            "info:x/y",
        ] {
            let error = RedirectUri::parse(text).unwrap_err();
            assert_eq!(error, RedirectUriError::Name, "{text}");
            assert!(error.to_string().contains("http://127.0.0.1/"), "{error}");
        }
    }
}
