//! An authorization server whose document we lay ours over: `UPSTREAM_METADATA`.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::config_error::ConfigError;
use super::identifier::Identifier;
use super::ports::FetchError;
use super::profile::{Profile, Terms};
use crate::vocabulary::Scope;

/// An authorization server's document, as far as this isolate knows it.
#[derive(Debug)]
pub(super) struct Upstream {
    url: String,
    /// The operator's own members, which win over the document's.
    operator: Map<String, Value>,
    default_scope: Option<Scope>,
    terms: Terms,
    pub known: RefCell<Known>,
}

/// What was last heard.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The last good copy.
    pub profile: Option<Rc<Profile>>,
    /// When to ask again, in milliseconds since 1970.
    pub next_ms: u64,
    /// Whether somebody is asking.
    pub asking: bool,
}

/// Why there is no document to lay ours over.
#[derive(Debug)]
pub enum UpstreamError {
    /// It could not be fetched.
    Fetch(FetchError),
    /// It is no JSON object.
    Json,
    /// It could not be had a moment ago.
    Recently,
    /// It is another issuer's.
    Issuer(String),
    /// Clients could not work with it.
    Unusable(ConfigError),
}

impl fmt::Display for UpstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(FetchError::Status(508)) => {
                f.write_str("UPSTREAM_METADATA leads back to this Worker")
            }
            Self::Fetch(FetchError::Status(status @ 300..=399)) => {
                write!(f, "UPSTREAM_METADATA is a redirect ({status}), which is not followed")
            }
            Self::Fetch(FetchError::Status(status)) => {
                write!(f, "UPSTREAM_METADATA was answered with status {status}")
            }
            Self::Fetch(FetchError::TooLarge) => f.write_str("UPSTREAM_METADATA is too large"),
            Self::Fetch(FetchError::Failed(why)) => {
                write!(f, "UPSTREAM_METADATA cannot be fetched: {why}")
            }
            Self::Recently => f.write_str("UPSTREAM_METADATA could not be had a moment ago"),
            Self::Json => f.write_str("UPSTREAM_METADATA is no JSON object"),
            Self::Issuer(issuer) => {
                write!(f, "UPSTREAM_METADATA is the document of another issuer, {issuer}")
            }
            Self::Unusable(error) => write!(f, "UPSTREAM_METADATA cannot be served: {error}"),
        }
    }
}

impl Upstream {
    pub fn new(
        url: String,
        operator: Map<String, Value>,
        default_scope: Option<Scope>,
        terms: Terms,
    ) -> Self {
        Self { url, operator, default_scope, terms, known: RefCell::default() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// What `issuer` publishes and accepts if this is its server's document.
    pub fn read(&self, issuer: &Identifier, text: &str) -> Result<Profile, UpstreamError> {
        // RFC 8259 §8.1 lets a reader overlook a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // From bytes, as everywhere: the parser for text would be a second one in the bundle.
        let document: Map<String, Value> =
            serde_json::from_slice(text.as_bytes()).map_err(|_| UpstreamError::Json)?;
        let theirs = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
        if theirs != issuer.text {
            return Err(UpstreamError::Issuer(theirs.escape_default().take(200).collect()));
        }
        let scope = self.default_scope.as_ref();
        Profile::of_upstream(issuer, document, &self.operator, scope, &self.terms)
            .map_err(UpstreamError::Unusable)
    }
}
