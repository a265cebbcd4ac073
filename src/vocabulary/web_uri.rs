//! URIs that are looked at or called, not redirected to: `client_uri`, `jwks_uri` and their like.

use thiserror::Error;

use super::host::Host;
use super::uri::{Origin, Uri, UriError};

/// An absolute `http` or `https` URI, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUri {
    text: String,
    origin: Origin,
    /// The index at which its path begins.
    path: usize,
}

/// The reason why a text is no web URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebUriError {
    /// Not an absolute URI at all.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// Another scheme than `http` or `https`: a page that shows the link would run or dial it.
    #[error("must be an http or https URI")]
    Scheme,
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
        let origin = uri.parse()?.origin.ok_or(WebUriError::Scheme)?;
        Ok(Self { origin, path, text: text.to_owned() })
    }

    /// The URI, byte for byte as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host.
    #[must_use]
    pub fn host(&self) -> Host<'_> {
        Host(&self.origin.host)
    }

    /// Whether what is fetched from here is protected: `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.text.starts_with("https:")
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
        self.origin.text.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// Scheme, host and port as browsers write an origin: in lower case, without a default port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin.text
    }
}
