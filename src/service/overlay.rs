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

use super::issuer::Source;
use super::ports::{Host, Key, Store, Value};
use super::profile::Profile;
use super::upstream::{EndOfTurn, Turn, Upstream, UpstreamError};
use super::{App, Error};

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
        let started = self.host.milliseconds();
        loop {
            let now = self.host.milliseconds();
            match upstream.turn(now) {
                Turn::Serve(profile) => return Ok(profile),
                Turn::Ask => return self.fetch_profile(upstream).await,
                Turn::Wait if now.saturating_sub(started) < WAIT_MS => {
                    self.host.sleep(LOOK_MS).await;
                }
                Turn::Wait => return Err(Error::Upstream(UpstreamError::Asked)),
                Turn::Absent => return Err(Error::Upstream(UpstreamError::Recently)),
            }
        }
    }

    /// Asks the authorization server, and falls back to the last good copy. Ends the turn of this request.
    async fn fetch_profile(&self, upstream: &Upstream) -> Result<Rc<Profile>, Error> {
        let _turn = EndOfTurn(upstream);
        let before = upstream.known.borrow().profile.clone();
        let asked = self.ask(upstream).await;
        let lasting = if asked.is_ok() { FRESH_MS } else { RETRY_MS };
        upstream.known.borrow_mut().next_ms = self.host.milliseconds().saturating_add(lasting);
        match asked {
            Ok((profile, text)) => {
                // Before the store is waited for: other requests are waiting for this.
                upstream.known.borrow_mut().profile = Some(Rc::clone(&profile));
                let version = |profile: &Rc<Profile>| profile.documents.version().clone();
                if before.as_ref().map(version) != Some(version(&profile)) {
                    self.keep(&text).await;
                    for finding in &profile.findings {
                        self.note(&format!("UPSTREAM_METADATA: {finding}"));
                    }
                }
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
        let bytes = self.host.fetch(upstream.url()).await.map_err(UpstreamError::Fetch)?;
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
        let Ok(document) = serde_json::from_slice::<Box<RawValue>>(text.as_bytes()) else { return };
        let Ok(json) = serde_json::to_string(&Kept { v: VERSION, document }) else { return };
        let stored = self.store.get(&key, None).await.ok().flatten();
        if stored.as_deref() == Some(json.as_bytes()) {
            return;
        }
        if let Err(error) =
            self.store.put(&key, Value { text: &json, ttl: None, summary: None }).await
        {
            self.note(&Error::Store(error).to_string());
        }
    }
}
