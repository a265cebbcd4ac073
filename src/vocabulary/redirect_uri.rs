//! Where a client may be sent back to: RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1.
//!
//! Judged once, kept byte for byte: an authorization server compares strings, so what a URL parser
//! would print instead is of no use to anyone.

use std::fmt;

use serde::{Serialize, Serializer};

use url::{Position, Url};

use super::host::Host;
use super::schemes;
use super::uri::{Uri, UriError};

/// A redirect URI of one of the three kinds there are (RFC 8252 §7), kept byte for byte: `https`, a web server or a
/// claimed link of a native app; `http` on the loopback interface; or a scheme that an app claims for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    /// In lower case.
    scheme: String,
    /// Its authority as browsers read it.
    url: Url,
    /// Where its path begins.
    path: usize,
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
        let uri = Uri::new(text)?;
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        if text.contains('*') {
            return Err(RedirectUriError::Wildcard);
        }
        match &*uri.scheme {
            "https" | "http" => {}
            scheme if schemes::is_name(scheme) => return Err(RedirectUriError::Name),
            scheme if schemes::is_forbidden(scheme) => {
                return Err(RedirectUriError::ForbiddenScheme);
            }
            _ => {}
        }
        let url = uri.parse()?;
        if !url.has_authority() && uri.tail.is_empty() {
            return Err(RedirectUriError::Empty);
        }
        if uri.scheme == "http" && !Host::of(&url).is_some_and(|host| host.is_loopback()) {
            return Err(RedirectUriError::RemoteHttp);
        }
        let path = text.len().saturating_sub(uri.tail.len());
        Ok(Self { text: text.to_owned(), scheme: uri.scheme.into_owned(), url, path })
    }

    /// The URI, byte for byte as the client sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its scheme in lower case: `https`, `http` for the loopback interface, or one for private use.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Whether an authorization request's `redirect_uri` is this one: the same bytes, or, on the
    /// loopback interface, the same bytes but for the port (RFC 8252 §7.3, RFC 9700 §2.1).
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        if presented == self.text {
            return true;
        }
        let loopback = self.scheme() == "http";
        loopback
            && Self::parse(presented).is_ok_and(|other| other.without_port() == self.without_port())
    }

    /// The host; `None` for a scheme of private use, where it is opaque.
    #[must_use]
    pub fn host(&self) -> Option<Host<'_>> {
        Host::of(&self.url)
    }

    /// Scheme, host and port as browsers write an origin: in lower case, without a default port. `None` for a scheme of
    /// private use.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.host().map(|_| &self.url[..Position::AfterPort])
    }

    /// The text before and after the port.
    fn without_port(&self) -> (Option<&str>, Option<&str>) {
        let host = self.url[..Position::AfterHost].len();
        (self.text.get(..host), self.text.get(self.path..))
    }
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
            ("https://example.com/a/../cb", E::Uri(UriError::DotSegment)),
            ("https://example.com/a/%2E%2e/cb", E::Uri(UriError::DotSegment)),
            ("https://example.com/a/..;/cb", E::Uri(UriError::DotSegment)),
            ("myapp:../cb", E::Uri(UriError::DotSegment)),
            ("myapp:%2e", E::Uri(UriError::DotSegment)),
            ("myapp:/.//cb", E::Uri(UriError::DotSegment)),
            ("myapp:cb/.", E::Uri(UriError::DotSegment)),
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
