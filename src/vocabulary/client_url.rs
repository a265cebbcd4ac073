//! Client Identifier URLs: a `client_id` that is the URL of the client's own metadata document
//! (Client ID Metadata Document draft-02 §3).
//!
//! Such a URL is compared byte for byte, and parsers change what they read: they drop an empty fragment, empty user
//! information, upper case and dot segments. So a URL is accepted only if parsing it changes nothing. One exception
//! is legal: an explicit `:443`, which parsers drop. It stays, and names another client than the URL without it.

use std::fmt;

use thiserror::Error;

use super::host::HostNames;
use super::uri::UriError;
use super::web_uri::{WebUri, WebUriError};

/// The URL of a metadata document, which is also the `client_id`; kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientUrl(WebUri);

/// Settings that allow URLs which are rejected otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientUrlRules {
    /// Allow a query; the draft says that a URL SHOULD NOT have one.
    pub allow_query: bool,
    /// Allow `localhost` and loopback addresses; for development only (draft-02 §8.6).
    pub allow_loopback: bool,
}

/// The reason why a text is no Client Identifier URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClientUrlError {
    /// Longer than [`ClientUrl::LONGEST`].
    #[error("must not be longer than {} bytes", ClientUrl::LONGEST)]
    Length,
    /// Another scheme than `https`, or upper case in it.
    #[error("must start with https:// in lower case")]
    Scheme,
    /// No absolute URI that parsers leave as it is.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// An upper-case letter in the host: parsers change it, and URLs are compared byte for byte.
    #[error("must have its host in lower case")]
    HostCase,
    /// An address, a name of one label, or a name that is reserved for local networks and tests.
    #[error(
        "must be on a public host: IP addresses, names of one label, and reserved names like localhost, .local, .internal \
         and .test are rejected"
    )]
    Host,
    /// Nothing behind the host.
    #[error("must have a path")]
    Path,
    /// `%2f` or `%5c` in the path, which some servers read as separators.
    #[error("must not contain %2f or %5c in its path")]
    EncodedSeparator,
    /// A query, even an empty one, where none is allowed.
    #[error("must not contain a query (?)")]
    Query,
    /// A fragment, even an empty one.
    #[error("must not contain a fragment (#)")]
    Fragment,
}

impl ClientUrl {
    /// The longest URL, in bytes. The draft recommends short ones and sets no limit.
    pub const LONGEST: usize = 512;

    /// Judges `text` and keeps it as it is. Whether the `xn--` labels of its host decode is left to
    /// [`Self::is_read_alike`].
    ///
    /// Names are reserved as for `jwks_uri` ([`super::Host::is_special_use`]). `.example` (RFC 6761 §6.5) is not among them:
    /// such names do not resolve, so they lead into no local network.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str, rules: ClientUrlRules) -> Result<Self, ClientUrlError> {
        if text.len() > Self::LONGEST {
            return Err(ClientUrlError::Length);
        }
        let uri = WebUri::parse(text).map_err(|error| match error {
            WebUriError::Uri(error) => ClientUrlError::Uri(error),
            WebUriError::Scheme => ClientUrlError::Scheme,
        })?;
        let after_scheme = text.strip_prefix("https://").ok_or(ClientUrlError::Scheme)?;
        let tail = uri.after_authority();
        let authority = after_scheme.strip_suffix(tail).unwrap_or(after_scheme);
        if authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(ClientUrlError::HostCase);
        }
        let host = uri.host();
        let is_allowed = rules.allow_loopback && host.is_loopback();
        if !is_allowed && (host.is_address() || host.is_special_use()) {
            return Err(ClientUrlError::Host);
        }
        if tail.contains('#') {
            return Err(ClientUrlError::Fragment);
        }
        let (path, query) = tail.split_once('?').map_or((tail, None), |(p, q)| (p, Some(q)));
        if path.is_empty() {
            return Err(ClientUrlError::Path);
        }
        if has_encoded_separator(path) {
            return Err(ClientUrlError::EncodedSeparator);
        }
        match query {
            Some(_) if !rules.allow_query => Err(ClientUrlError::Query),
            // Parsers encode it in a query, and only there.
            Some(query) if query.contains('\'') => {
                Err(ClientUrlError::Uri(UriError::Character('\'')))
            }
            _ => Ok(Self(uri)),
        }
    }

    /// The URL, byte for byte: the `client_id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its host in lower case, without a port. An address only if loopback is allowed.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.0.authority();
        let port = authority.rsplit_once(':');
        // An IPv6 address ends in a bracket.
        let port = port.filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        port.map_or(authority, |(host, _)| host)
    }

    /// Whether it is on the loopback interface: only if that is allowed.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.host().is_loopback()
    }

    /// Its path, without the query; never empty.
    #[must_use]
    pub fn path(&self) -> &str {
        let tail = self.0.after_authority();
        tail.split_once('?').map_or(tail, |(path, _)| path)
    }

    /// Whether its path is `/`, which the draft does not recommend: then the whole host is one client.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.path() == "/"
    }

    /// Whether `names` reads its host as it is written: each `xn--` label decodes.
    #[must_use]
    pub fn is_read_alike(&self, names: &dyn HostNames) -> bool {
        self.0.host().is_read_alike(names)
    }
}

impl fmt::Display for ClientUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a `/` or a `\` is percent-encoded in `path`.
fn has_encoded_separator(path: &str) -> bool {
    path.as_bytes()
        .windows(3)
        .any(|three| matches!(three, [b'%', b'2', b'f' | b'F'] | [b'%', b'5', b'c' | b'C']))
}
