//! The places that are over the limit for wrong tokens, as this isolate knows them. Their next requests with a
//! token are rejected at once: without a read, a Durable Object call, or a question to the limiter.

use std::cell::RefCell;

/// How long a place is rejected before it is looked at again, in milliseconds.
const REJECTED_MS: u64 = 10_000;
/// The most places that an isolate remembers.
const MOST: usize = 300;

/// Places by the keys that they are counted under, the one seen last at the end, and when each is looked at again.
#[derive(Debug, Default)]
pub struct RejectedPlaces(RefCell<Vec<(String, u64)>>);

impl RejectedPlaces {
    /// Whether no place is rejected, as it is mostly.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Whether the place is rejected at `now`, in milliseconds.
    #[must_use]
    pub fn contains(&self, place: &str, now: u64) -> bool {
        let mut known = self.0.borrow_mut();
        let found = known.iter().position(|(key, _)| key == place);
        let Some(at) = found else { return false };
        let (key, until) = known.remove(at);
        let is_rejected = now < until;
        if is_rejected {
            known.push((key, until));
        }
        is_rejected
    }

    /// Rejects the place from `now` on.
    pub fn insert(&self, place: String, now: u64) {
        let mut known = self.0.borrow_mut();
        known.retain(|(key, until)| *key != place && now < *until);
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push((place, now.saturating_add(REJECTED_MS)));
    }
}
