//! An authorization server whose document we lay ours over: `UPSTREAM_METADATA`.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::config_error::ConfigErrors;
use super::identifier::Identifier;
use super::profile::{Profile, Terms};
use crate::runtime::{Fetch, FetchError, FetchRequest, Fetched};
use crate::vocabulary::Scope;

/// An authorization server's document, as far as this isolate knows it.
#[derive(Debug)]
pub(super) struct Upstream {
    url: String,
    /// The operator's own members, which win over the document's.
    operator: Map<String, Value>,
    default_scope: Option<Scope>,
    terms: Terms,
    pub state: RefCell<UpstreamState>,
}

/// The state of an upstream document in this isolate.
#[derive(Debug, Default)]
pub(super) struct UpstreamState {
    /// The last good copy.
    pub profile: Option<Rc<Profile>>,
    /// When to ask again, in milliseconds since 1970.
    pub next_ms: u64,
    /// Until when a request is taken to be asking, in milliseconds since 1970. A request that the runtime ends may
    /// never take this back.
    asking_until_ms: u64,
}

/// The header that marks our own request for an authorization server's document.
pub const UPSTREAM_MARK: &str = "rollcall-upstream";

/// The largest document that is read, in bytes: ten times what big servers publish.
const LARGEST: usize = 256 * 1024;
/// How long it may take to arrive, in milliseconds.
const TIMEOUT_MS: u32 = 3_000;

/// How long a request is taken to be asking, in milliseconds: longer than the fetch and the store's retries take.
const ASKING_MS: u64 = 10_000;

/// The next step of a request that needs the document.
#[derive(Debug)]
pub(super) enum Turn {
    /// It serves this copy.
    Serve(Rc<Profile>),
    /// It asks the authorization server.
    Ask,
    /// It looks again later: another request is asking.
    Wait,
    /// It gives up: a moment ago the fetch failed, and there is no copy.
    Absent,
}

/// The request that asks is done, or was dropped by then: the next one may.
pub(super) struct EndOfTurn<'u>(pub &'u Upstream);

impl Drop for EndOfTurn<'_> {
    fn drop(&mut self) {
        self.0.state.borrow_mut().asking_until_ms = 0;
    }
}

/// Why there is no upstream document.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// It was answered with another status than 200.
    #[error("UPSTREAM_METADATA {}", why(*.0))]
    Status(u16),
    /// It is larger than 256 KiB.
    #[error("UPSTREAM_METADATA is too large")]
    TooLarge,
    /// It could not be fetched; what the runtime said.
    #[error("UPSTREAM_METADATA cannot be fetched: {0}")]
    Failed(String),
    /// It is no JSON object.
    #[error("UPSTREAM_METADATA is no JSON object")]
    Json,
    /// It could not be had a moment ago.
    #[error("UPSTREAM_METADATA could not be had a moment ago")]
    Recently,
    /// Another request is still asking for it.
    #[error("UPSTREAM_METADATA is being fetched, which takes long")]
    Asked,
    /// It is another issuer's.
    #[error("UPSTREAM_METADATA is the document of another issuer, {0}")]
    Issuer(String),
    /// Clients could not work with it.
    #[error("UPSTREAM_METADATA cannot be served: {0}")]
    Unusable(ConfigErrors),
}

fn why(status: u16) -> String {
    match status {
        508 => "leads back to this Worker".into(),
        300..=399 => format!("is a redirect ({status}), which is not followed"),
        _ => format!("was answered with status {status}"),
    }
}

impl From<FetchError> for UpstreamError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::TooLarge => Self::TooLarge,
            FetchError::Failed(why) => Self::Failed(why),
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
        Self { url, operator, default_scope, terms, state: RefCell::default() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks the authorization server for its document.
    pub async fn fetch(&self, web: &impl Fetch) -> Result<String, UpstreamError> {
        let headers = &[("accept", "application/json"), (UPSTREAM_MARK, "1")];
        let request =
            FetchRequest { url: &self.url, headers, bytes: LARGEST, milliseconds: TIMEOUT_MS };
        let Fetched { status, body, .. } = web.get(&request).await?;
        if status != 200 {
            return Err(UpstreamError::Status(status));
        }
        String::from_utf8(body).map_err(|_| UpstreamError::Json)
    }

    /// The next step of a request at `now`, in milliseconds since 1970.
    pub fn turn(&self, now: u64) -> Turn {
        let mut state = self.state.borrow_mut();
        let asking = now < state.asking_until_ms;
        let due = now >= state.next_ms;
        match &state.profile {
            Some(profile) if asking || !due => Turn::Serve(Rc::clone(profile)),
            _ if asking => Turn::Wait,
            _ if due => {
                state.asking_until_ms = now.saturating_add(ASKING_MS);
                Turn::Ask
            }
            _ => Turn::Absent,
        }
    }

    /// The profile of `issuer` if `text` is its server's document.
    pub fn read(&self, issuer: &Identifier, text: &str) -> Result<Profile, UpstreamError> {
        // RFC 8259 §8.1 lets a reader overlook a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Map<String, Value> =
            serde_json::from_slice(text.as_bytes()).map_err(|_| UpstreamError::Json)?;
        let theirs = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
        if theirs != issuer.as_str() {
            return Err(UpstreamError::Issuer(theirs.escape_default().take(200).collect()));
        }
        let scope = self.default_scope.as_ref();
        Profile::of_upstream(issuer, document, &self.operator, scope, &self.terms)
            .map_err(UpstreamError::Unusable)
    }
}
