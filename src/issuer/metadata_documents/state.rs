//! The memory of an isolate for metadata documents: which are being fetched, and how the last fetch of each ended.
//!
//! However many requests ask for one document at once, one of them fetches it. The others sleep on timers of their own
//! and look again, since the runtime lets no request wait for a promise of another. They take what the fetch brought,
//! failure included; a request that comes later does not take a failure.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::client::Problems;
use crate::records::StoredDocument;

/// The most fetches at a time.
const MOST_FETCHES: usize = 6;
/// The most documents that an isolate remembers.
const MOST: usize = 100;
/// How long a request is taken to be fetching, in milliseconds: longer than a fetch and a write may take. A request that
/// the runtime ends may never take this back.
const FETCHING_MS: u64 = 5_000;

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentFailure {
    /// Its server says that it does not exist: 404 or 410.
    #[error("the document does not exist: its server answered with status {0}")]
    Gone(u16),
    /// It is no document of this client.
    #[error("the document breaks rules: {}", .0.rules().join(" "))]
    Invalid(Problems),
    /// Its server answered with something that cannot be a document; the words complete "the document".
    #[error("the document {0}")]
    Unusable(String),
    /// It could not be had at the moment; the words complete "the document".
    #[error("the document {0}")]
    Unreachable(String),
    /// Too many documents are being fetched.
    #[error("over the limit of fetched documents")]
    Limited,
}

impl DocumentFailure {
    /// Whether a copy from before may be used.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Limited)
    }
}

/// The end of a fetch.
type Outcome = Result<Rc<StoredDocument>, DocumentFailure>;

/// The next step of a request that needs a document.
#[derive(Debug)]
pub enum DocumentTurn {
    /// It fetches the document.
    Fetch,
    /// It looks again later: another request is fetching.
    Wait,
    /// It takes what another request has fetched meanwhile.
    Take(Outcome),
    /// It fetches nothing: too many requests are fetching.
    Full,
}

/// The documents of an issuer that an isolate remembers, by the names of their URLs.
#[derive(Debug, Default)]
pub struct DocumentState(RefCell<BTreeMap<String, Slot>>);

#[derive(Debug, Default)]
struct Slot {
    fetching_until_ms: u64,
    finished_ms: u64,
    outcome: Option<Outcome>,
    /// When its server last said that there is no document, or sent an invalid one; 0 if it has not since the last good
    /// one.
    refuted_ms: u64,
}

/// The request that fetches is done, or was dropped by then: the next one may.
#[derive(Debug)]
pub struct EndOfDocumentTurn<'s>(pub &'s DocumentState, pub &'s str);

impl Drop for EndOfDocumentTurn<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.0.0.borrow_mut().get_mut(self.1) {
            slot.fetching_until_ms = 0;
        }
    }
}

impl DocumentState {
    /// The next step at `now` of a request that `started` then, in milliseconds since 1970.
    pub fn turn(&self, name: &str, started: u64, now: u64) -> DocumentTurn {
        let mut slots = self.0.borrow_mut();
        let slot = slots.get(name);
        if let Some(Slot { finished_ms, outcome: Some(outcome), .. }) = slot
            && *finished_ms >= started
            && now > started
        {
            return DocumentTurn::Take(outcome.clone());
        }
        if slot.is_some_and(|slot| now < slot.fetching_until_ms) {
            return DocumentTurn::Wait;
        }
        if slots.values().filter(|slot| now < slot.fetching_until_ms).count() >= MOST_FETCHES {
            return DocumentTurn::Full;
        }
        let slot = slots.entry(name.to_owned()).or_default();
        slot.fetching_until_ms = now.saturating_add(FETCHING_MS);
        DocumentTurn::Fetch
    }

    /// Remembers how a fetch ended, for those who wait for it.
    pub fn finish(&self, name: &str, now: u64, outcome: Outcome) {
        let mut slots = self.0.borrow_mut();
        let slot = slots.entry(name.to_owned()).or_default();
        match &outcome {
            Ok(_) => slot.refuted_ms = 0,
            Err(failure) if !failure.is_passing() => slot.refuted_ms = now,
            Err(_) => {}
        }
        (slot.finished_ms, slot.outcome) = (now, Some(outcome));
        while slots.len() > MOST {
            let idle = slots.iter().filter(|(_, slot)| now >= slot.fetching_until_ms);
            let oldest =
                idle.min_by_key(|(_, slot)| slot.finished_ms).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            slots.remove(&oldest);
        }
    }

    /// The newest state that is known: what this isolate has fetched itself, or what is `stored`. A stored copy is not used
    /// if this isolate has learnt later that there is no document.
    #[must_use]
    pub fn newest(&self, name: &str, stored: Option<StoredDocument>) -> Option<Rc<StoredDocument>> {
        let slots = self.0.borrow();
        let slot = slots.get(name);
        let refuted_ms = slot.map_or(0, |slot| slot.refuted_ms);
        let own = slot.and_then(|slot| slot.outcome.as_ref()?.as_ref().ok());
        let stored = stored.map(|mut stored| {
            if stored.fetched_at.saturating_mul(1000) <= refuted_ms {
                stored.copy = None;
            }
            stored
        });
        match (own, stored) {
            (Some(own), Some(stored)) if own.fetched_at < stored.fetched_at => {
                Some(Rc::new(stored))
            }
            (Some(own), _) => Some(Rc::clone(own)),
            (None, stored) => stored.map(Rc::new),
        }
    }
}
