//! The memory of an isolate for JWK sets at other servers: when each was fetched, and which request fetches it now.
//!
//! A set is used for [`FRESH_MS`] and then fetched again. A set that cannot be fetched stays in use for [`LAST_GOOD_MS`], so
//! that its server may be down for a while. A key that a set does not have is looked for once more, at most once a minute:
//! its owner may have begun to use it since.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::client::VerificationKeys;

/// How long a set is used before it is fetched again, in milliseconds.
const FRESH_MS: u64 = 5 * 60_000;
/// The least time between two fetches of a set, in milliseconds.
const PAUSE_MS: u64 = 60_000;
/// How long a set is used while it cannot be fetched, in milliseconds.
const LAST_GOOD_MS: u64 = 24 * 60 * 60_000;
/// How long a request is taken to be fetching, in milliseconds: longer than a fetch may take.
const FETCHING_MS: u64 = 5_000;
/// The most sets that an isolate remembers.
const MOST: usize = 100;

/// The next step of a request that needs a key of a set.
#[derive(Debug)]
pub enum KeysTurn {
    /// It uses the keys as they are.
    Use(Rc<VerificationKeys>),
    /// It fetches the set.
    Fetch,
    /// It looks again later: another request is fetching, and there are no keys yet.
    Wait,
    /// There are no keys: a moment ago they could not be fetched.
    Absent,
}

/// Sets by their URLs.
#[derive(Debug, Default)]
pub struct RemoteKeys(RefCell<BTreeMap<String, Slot>>);

#[derive(Debug, Default)]
struct Slot {
    keys: Option<Rc<VerificationKeys>>,
    fetched_ms: u64,
    /// When the last fetch ended, successful or not; `None` before the first.
    tried_ms: Option<u64>,
    has_failed: bool,
    fetching_until_ms: u64,
}

impl RemoteKeys {
    /// The next step at `now`, in milliseconds since 1970, of a request that needs a key for which `is_known` holds.
    pub fn turn(
        &self,
        url: &str,
        now: u64,
        is_known: impl FnOnce(&VerificationKeys) -> bool,
    ) -> KeysTurn {
        let mut slots = self.0.borrow_mut();
        if !slots.contains_key(url) && slots.len() >= MOST {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.tried_ms);
            let oldest = oldest.map(|(url, _)| url.clone());
            oldest.and_then(|url| slots.remove(&url));
        }
        let slot = slots.entry(url.to_owned()).or_default();
        let age = now.saturating_sub(slot.fetched_ms);
        let keys = slot.keys.clone().filter(|_| age < LAST_GOOD_MS);
        let is_useful = keys.as_deref().is_some_and(is_known);
        let is_due = slot.tried_ms.is_none_or(|tried| now.saturating_sub(tried) >= PAUSE_MS);
        let is_fetching = now < slot.fetching_until_ms;
        match keys {
            Some(keys) if is_useful && (age < FRESH_MS || is_fetching || !is_due) => {
                KeysTurn::Use(keys)
            }
            _ if is_fetching => KeysTurn::Wait,
            _ if is_due => {
                slot.fetching_until_ms = now.saturating_add(FETCHING_MS);
                KeysTurn::Fetch
            }
            // The server could not be asked whether it has another key.
            Some(keys) if !slot.has_failed => KeysTurn::Use(keys),
            _ => KeysTurn::Absent,
        }
    }

    /// Remembers how a fetch ended; `None` for one that failed. Returns the keys that are in use now.
    pub fn finish(
        &self,
        url: &str,
        now: u64,
        keys: Option<VerificationKeys>,
    ) -> Option<Rc<VerificationKeys>> {
        let mut slots = self.0.borrow_mut();
        let slot = slots.entry(url.to_owned()).or_default();
        (slot.tried_ms, slot.has_failed) = (Some(now), keys.is_none());
        if let Some(keys) = keys {
            (slot.keys, slot.fetched_ms) = (Some(Rc::new(keys)), now);
        }
        let is_good = now.saturating_sub(slot.fetched_ms) < LAST_GOOD_MS;
        slot.keys.clone().filter(|_| is_good)
    }
}

/// The request that fetches is done, or was dropped by then: the next one may.
#[derive(Debug)]
pub struct EndOfKeysTurn<'s>(pub &'s RemoteKeys, pub &'s str);

impl Drop for EndOfKeysTurn<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.0.0.borrow_mut().get_mut(self.1) {
            slot.fetching_until_ms = 0;
        }
    }
}
