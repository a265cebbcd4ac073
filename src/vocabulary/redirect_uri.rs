//! Redirect URIs: RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1.
//!
//! Judged once, kept byte for byte: an authorization server compares strings, so what a URL parser
//! would print instead is of no use to anyone.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::host::Host;
use super::schemes;
use super::uri::{Authority, Origin, Uri, UriError};

/// A redirect URI of one of the three kinds there are (RFC 8252 §7), kept byte for byte: `https`, a web server or a
/// claimed link of a native app; `http` on the loopback interface; or a scheme that an app claims for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    /// In lower case.
    scheme: Cow<'static, str>,
    /// `None` for a scheme of private use.
    origin: Option<Origin>,
    /// Where its host ends.
    host_end: usize,
    /// The index at which its path begins.
    path: usize,
}

/// The reason why a text is no redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RedirectUriError {
    /// Not an absolute URI at all.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// A fragment, even an empty one (RFC 6749 §3.1.2).
    #[error("must not contain a fragment (#)")]
    Fragment,
    /// A `*`: redirect URIs are compared as they are (RFC 9700 §2.1).
    #[error("must not contain a wildcard (*): redirect URIs are compared exactly")]
    Wildcard,
    /// `http` to a host that is not the loopback interface (RFC 8252 §7.3, RFC 9700 §2.6).
    #[error(
        "must use https; http is for the loopback interface only (localhost, 127.0.0.1, [::1])"
    )]
    RemoteHttp,
    /// A scheme that runs, reads or calls something instead of returning to an app.
    #[error("uses a scheme that cannot return to a client")]
    ForbiddenScheme,
    /// A scheme of names, like `urn`, to which a browser cannot be sent.
    #[error(
        "is a name, and a browser cannot be redirected to it; use a loopback URI such as \
         http://127.0.0.1/callback, where any port will do"
    )]
    Name,
    /// A private-use scheme with nothing behind it.
    #[error("must have something after its scheme")]
    Empty,
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
        let Authority { origin, end: host_end } = uri.parse()?;
        if text.len() == uri.scheme.len().saturating_add(":".len()) {
            return Err(RedirectUriError::Empty);
        }
        let is_loopback = |origin: &Origin| Host(&origin.host).is_loopback();
        if uri.scheme == "http" && !origin.as_ref().is_some_and(is_loopback) {
            return Err(RedirectUriError::RemoteHttp);
        }
        let path = text.len().saturating_sub(uri.tail.len());
        let scheme = match &*uri.scheme {
            "https" => Cow::Borrowed("https"),
            "http" => Cow::Borrowed("http"),
            _ => Cow::Owned(uri.scheme.into_owned()),
        };
        Ok(Self { text: text.to_owned(), scheme, origin, host_end, path })
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
    /// loopback interface, the same bytes except for the port (RFC 8252 §7.3, RFC 9700 §2.1).
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        if presented == self.text {
            return true;
        }
        let loopback = self.scheme() == "http";
        loopback
            && Self::parse(presented).is_ok_and(|other| other.without_port() == self.without_port())
    }

    /// Whether an authorization request's `redirect_uri` is one of those that are `registered`.
    #[must_use]
    pub fn is_registered(presented: &str, registered: &[String]) -> bool {
        let mut registered = registered.iter().filter_map(|text| Self::parse(text).ok());
        registered.any(|registered| registered.matches(presented))
    }

    /// The host; `None` for a scheme of private use, where it is opaque.
    #[must_use]
    pub fn host(&self) -> Option<Host<'_>> {
        self.origin.as_ref().map(|origin| Host(&origin.host))
    }

    /// Scheme, host and port as browsers write an origin: in lower case, without a default port. `None` for a scheme of
    /// private use.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_ref().map(|origin| &*origin.text)
    }

    /// The text before and after the port.
    fn without_port(&self) -> (Option<&str>, Option<&str>) {
        (self.text.get(..self.host_end), self.text.get(self.path..))
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
