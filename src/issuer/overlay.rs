//! The document of an authorization server beneath ours, while it can be had and while it cannot.
//!
//! It is asked for when the last copy is older than [`FRESH_MS`]. If it cannot be had, or is not this
//! issuer's, the last good copy is served: this isolate's, or the one in the store.
//!
//! One request asks, however many come at once. The others serve the copy there is. Without one they sleep on timers of
//! their own and look again: the runtime lets no request wait for a promise of another.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::profile::Profile;
use super::upstream::{EndOfTurn, Turn, Upstream, UpstreamError};
use super::{Issuer, Source};
use crate::records::{Ledgers, Records, Store, StoreError};
use crate::runtime::{Clock, Entropy, Fetch};

/// How long a copy is good enough without asking again, in milliseconds.
const FRESH_MS: u64 = 300_000;
/// How long to wait after a failure before asking again, in milliseconds. Until then it is also remembered that there is
/// no copy in the store.
const RETRY_MS: u64 = 10_000;
/// How long a request without a copy waits for the one that is asking, in milliseconds: longer than a fetch may take.
const WAIT_MS: u64 = 4_000;
/// How often it looks whether there is a copy now, in milliseconds.
const LOOK_MS: u64 = 100;

/// A good copy at rest.
#[derive(Serialize, Deserialize)]
struct Kept {
    v: u32,
    document: Box<RawValue>,
}

const VERSION: u32 = 1;

/// Why there is no profile at the moment.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum ProfileError {
    /// The upstream document cannot be had, and there is no copy of it.
    Upstream(#[from] UpstreamError),
    /// The store failed to say whether there is a copy.
    Store(#[from] StoreError),
}

impl Issuer {
    /// The profile of the issuer at the moment.
    ///
    /// # Errors
    /// [`ProfileError`], only where an authorization server publishes the metadata.
    pub async fn profile<S: Store, R: Clock + Entropy + Fetch + Ledgers>(
        &self,
        records: &Records<'_, S, R>,
        runtime: &R,
    ) -> Result<Rc<Profile>, ProfileError> {
        let upstream = match &self.source {
            Source::Operator(profile) => return Ok(Rc::clone(profile)),
            Source::Upstream(upstream) => upstream,
        };
        let started = runtime.milliseconds();
        loop {
            let now = runtime.milliseconds();
            match upstream.turn(now) {
                Turn::Serve(profile) => return Ok(profile),
                Turn::Ask => return self.fetch_profile(upstream, records, runtime).await,
                Turn::Wait if now.saturating_sub(started) < WAIT_MS => {
                    runtime.sleep(LOOK_MS).await;
                }
                Turn::Wait => return Err(UpstreamError::Asked.into()),
                Turn::Absent => return Err(UpstreamError::Recently.into()),
            }
        }
    }

    /// Asks the authorization server, and falls back to the last good copy. Ends the turn of this request.
    async fn fetch_profile<S: Store, R: Clock + Entropy + Fetch + Ledgers>(
        &self,
        upstream: &Upstream,
        records: &Records<'_, S, R>,
        runtime: &R,
    ) -> Result<Rc<Profile>, ProfileError> {
        let _turn = EndOfTurn(upstream);
        let before = upstream.state.borrow().profile.clone();
        let asked = self.ask(upstream, runtime).await;
        let lasting = if asked.is_ok() { FRESH_MS } else { RETRY_MS };
        upstream.state.borrow_mut().next_ms = runtime.milliseconds().saturating_add(lasting);
        match asked {
            Ok((profile, text)) => {
                // Before the store is waited for: other requests are waiting for this.
                upstream.state.borrow_mut().profile = Some(Rc::clone(&profile));
                let version = |profile: &Rc<Profile>| profile.documents.version().clone();
                if before.as_ref().map(version) != Some(version(&profile)) {
                    if let Err(error) = keep(records, &text).await {
                        records.note(&error.to_string());
                    }
                    for finding in &profile.findings {
                        records.note(&format!("UPSTREAM_METADATA: {finding}"));
                    }
                }
                Ok(profile)
            }
            Err(error) => {
                let copy = match before {
                    Some(profile) => profile,
                    None => match self.kept(upstream, records).await? {
                        Some(profile) => profile,
                        None => return Err(error.into()),
                    },
                };
                records.note(&format!("{error}; the last good copy is served"));
                Ok(copy)
            }
        }
    }

    async fn ask(
        &self,
        upstream: &Upstream,
        runtime: &impl Fetch,
    ) -> Result<(Rc<Profile>, String), UpstreamError> {
        let text = upstream.fetch(runtime).await?;
        let profile = upstream.read(&self.identifier, &text)?;
        Ok((Rc::new(profile), text))
    }

    /// The copy in the store, for an isolate that has never reached the server.
    async fn kept<S: Store, R: Clock + Entropy + Ledgers>(
        &self,
        upstream: &Upstream,
        records: &Records<'_, S, R>,
    ) -> Result<Option<Rc<Profile>>, ProfileError> {
        let stored = records.upstream_copy().await?;
        let kept = stored.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let Some(kept) = kept.filter(|kept| kept.v == VERSION) else { return Ok(None) };
        let read = upstream.read(&self.identifier, kept.document.get());
        let Ok(profile) = read.map(Rc::new) else { return Ok(None) };
        upstream.state.borrow_mut().profile = Some(Rc::clone(&profile));
        Ok(Some(profile))
    }
}

/// Puts a copy into the store. A copy that cannot be kept is no reason to reject a request.
async fn keep<S: Store, R: Clock + Entropy + Ledgers>(
    records: &Records<'_, S, R>,
    text: &str,
) -> Result<(), StoreError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(document) = serde_json::from_slice::<Box<RawValue>>(text.as_bytes()) else {
        return Ok(());
    };
    let Ok(json) = serde_json::to_string(&Kept { v: VERSION, document }) else { return Ok(()) };
    records.store_upstream_copy(&json).await
}
