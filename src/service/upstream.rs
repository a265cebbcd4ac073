//! An authorization server whose document we lay ours over: `UPSTREAM_METADATA`.
//!
//! Its document is asked for when the last copy is older than [`FRESH_MS`]. If it cannot be had, or is
//! not this issuer's, the last good copy is served: this isolate's, or the one in the store.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::identifier::Identifier;
use super::issuer::Source;
use super::ports::{FetchError, Host, Key, Store};
use super::profile::Profile;
use super::{App, ConfigError, Error};
use crate::vocabulary::Scope;

/// How long a copy is good enough without asking again, in milliseconds.
const FRESH_MS: u64 = 300_000;
/// How long to wait after a failure before asking again, in milliseconds.
const RETRY_MS: u64 = 10_000;

/// An authorization server's document, as far as this isolate knows it.
#[derive(Debug)]
pub(super) struct Upstream {
    url: String,
    /// The operator's own members, which win over the document's.
    operator: Map<String, Value>,
    default_scope: Option<Scope>,
    /// Whether anybody may register.
    open: bool,
    known: RefCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    profile: Option<Rc<Profile>>,
    /// When to ask again, in milliseconds since 1970.
    next_ms: u64,
}

/// A good copy at rest.
#[derive(Serialize, Deserialize)]
struct Kept {
    v: u32,
    document: Box<RawValue>,
}

const VERSION: u32 = 1;

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
        open: bool,
    ) -> Self {
        Self { url, operator, default_scope, open, known: RefCell::default() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// What `issuer` publishes and accepts if this is its server's document.
    pub fn read(&self, issuer: &Identifier, text: &str) -> Result<Profile, UpstreamError> {
        // RFC 8259 §8.1 lets a reader overlook a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| UpstreamError::Json)?;
        let theirs = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
        if theirs != issuer.text {
            return Err(UpstreamError::Issuer(theirs.escape_default().take(200).collect()));
        }
        let scope = self.default_scope.as_ref();
        Profile::of_upstream(issuer, document, &self.operator, scope, self.open)
            .map_err(UpstreamError::Unusable)
    }
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// What the issuer publishes and accepts at the moment.
    ///
    /// # Errors
    /// [`Error::Upstream`] if it is the authorization server that says so, it does not, and there is no
    /// copy of what it said before.
    pub async fn profile(&self) -> Result<Rc<Profile>, Error> {
        let upstream = match self.issuer.source() {
            Source::Operator(profile) => return Ok(Rc::clone(profile)),
            Source::Upstream(upstream) => upstream,
        };
        let now = self.host.milliseconds();
        let (before, due) = {
            let mut known = upstream.known.borrow_mut();
            let due = now >= known.next_ms;
            if let (Some(profile), false) = (&known.profile, due) {
                return Ok(Rc::clone(profile));
            }
            // Who comes meanwhile takes what there is, and does not ask too.
            if due {
                known.next_ms = now.saturating_add(RETRY_MS);
            }
            (known.profile.clone(), due)
        };
        let asked = if due { self.ask(upstream).await } else { Err(UpstreamError::Recently) };
        match asked {
            Ok((profile, text)) => {
                let version = |profile: &Rc<Profile>| profile.documents.version().clone();
                if before.as_ref().map(version) != Some(version(&profile)) {
                    self.keep(&text).await;
                    for finding in &profile.findings {
                        self.note(&format!("UPSTREAM_METADATA: {finding}"));
                    }
                }
                let next_ms = self.host.milliseconds().saturating_add(FRESH_MS);
                *upstream.known.borrow_mut() =
                    Known { profile: Some(Rc::clone(&profile)), next_ms };
                Ok(profile)
            }
            Err(error) => {
                let copy = match before {
                    Some(profile) => profile,
                    None => match self.kept(upstream).await? {
                        Some(profile) => profile,
                        None => return Err(Error::Upstream(error)),
                    },
                };
                self.note(&format!("{error}; the last good copy is served"));
                Ok(copy)
            }
        }
    }

    async fn ask(&self, upstream: &Upstream) -> Result<(Rc<Profile>, String), UpstreamError> {
        let bytes = self.host.fetch(&upstream.url).await.map_err(UpstreamError::Fetch)?;
        let text = String::from_utf8(bytes).map_err(|_| UpstreamError::Json)?;
        let profile = upstream.read(self.issuer.parsed_identifier(), &text)?;
        Ok((Rc::new(profile), text))
    }

    /// The copy in the store, for an isolate that has never reached the server.
    async fn kept(&self, upstream: &Upstream) -> Result<Option<Rc<Profile>>, Error> {
        let stored = self.get(&Key::upstream(self.issuer.id())).await?;
        let kept = stored.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let Some(kept) = kept.filter(|kept| kept.v == VERSION) else { return Ok(None) };
        let text = kept.document.get();
        let read = upstream.read(self.issuer.parsed_identifier(), text);
        let Ok(profile) = read.map(Rc::new) else { return Ok(None) };
        upstream.known.borrow_mut().profile = Some(Rc::clone(&profile));
        Ok(Some(profile))
    }

    /// Puts a copy into the store where the one there is another. A copy that cannot be kept is no
    /// reason to refuse anybody.
    async fn keep(&self, text: &str) {
        let key = Key::upstream(self.issuer.id());
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Ok(document) = serde_json::from_str::<Box<RawValue>>(text) else { return };
        let Ok(json) = serde_json::to_string(&Kept { v: VERSION, document }) else { return };
        let stored = self.store.get(&key).await.ok().flatten();
        if stored.as_deref() == Some(json.as_bytes()) {
            return;
        }
        if let Err(error) = self.store.put(&key, &json, None).await {
            self.note(&Error::Store(error).to_string());
        }
    }
}
