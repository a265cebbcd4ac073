//! Recent rejections of registrations and updates: which rule, which member, how often. For the operator.
//!
//! 1. [`Rejections::count`]: an isolate counts in its memory. No request waits for anything.
//! 2. [`Rejections::take_due`]: at most once a minute, what was counted goes to the issuer's Durable Object after a
//!    response. The counts of an isolate that ends before are lost, and so are those of a call that fails.
//! 3. [`add`]: the object adds them up. It keeps at most [`MOST`] pairs of rule and member, each for a week after it was
//!    last seen.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::client::Rejection;

/// The most pairs of rule and member that an isolate, and an object, count. There are more than a thousand.
pub const MOST: usize = 100;
/// How often an isolate passes its counts on at most, in milliseconds.
const PAUSE_MS: u64 = 60_000;
/// How long a pair is kept after it was last seen, in seconds.
const KEPT: u64 = 7 * 24 * 60 * 60;

/// How often a rule was broken by a member. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionCount {
    /// [`Rejection::rule`]
    pub rule: String,
    /// [`Rejection::member`]
    pub member: String,
    /// How often.
    pub count: u64,
    /// When it was first counted.
    pub first_at: u64,
    /// When it was last counted.
    pub last_at: u64,
}

impl RejectionCount {
    fn new(rejection: &Rejection, now: u64) -> Self {
        let Rejection { rule, member } = rejection.clone();
        Self { rule, member, count: 1, first_at: now, last_at: now }
    }

    fn is_of(&self, rule: &str, member: &str) -> bool {
        self.rule == rule && self.member == member
    }
}

/// The counts of an isolate that it has not passed on.
#[derive(Debug, Default)]
pub struct Rejections(RefCell<Counted>);

#[derive(Debug, Default)]
struct Counted {
    counts: Vec<RejectionCount>,
    /// When the next ones may be passed on, in milliseconds since 1970.
    next_ms: u64,
}

impl Rejections {
    /// Counts the problems of a request at `now`, in seconds since 1970. Beyond [`MOST`] pairs, new ones are not counted.
    pub fn count(&self, rejections: &[Rejection], now: u64) {
        let mut counted = self.0.borrow_mut();
        for rejection in rejections {
            let Rejection { rule, member } = rejection;
            let known = counted.counts.iter_mut().find(|one| one.is_of(rule, member));
            if let Some(known) = known {
                known.count = known.count.saturating_add(1);
                known.last_at = now;
            } else if counted.counts.len() < MOST {
                counted.counts.push(RejectionCount::new(rejection, now));
            }
        }
    }

    /// Takes what was counted, if something was and the last time is a minute ago; `now` is in milliseconds since 1970.
    pub fn take_due(&self, now: u64) -> Option<Vec<RejectionCount>> {
        let mut counted = self.0.borrow_mut();
        if counted.counts.is_empty() || now < counted.next_ms {
            return None;
        }
        counted.next_ms = now.saturating_add(PAUSE_MS);
        Some(std::mem::take(&mut counted.counts))
    }
}

/// Adds counts to those that are `kept`, at `now` in seconds since 1970. The pairs seen last come first.
#[must_use]
pub fn add(
    mut kept: Vec<RejectionCount>,
    counts: Vec<RejectionCount>,
    now: u64,
) -> Vec<RejectionCount> {
    for new in counts {
        match kept.iter_mut().find(|known| known.is_of(&new.rule, &new.member)) {
            Some(known) => {
                known.count = known.count.saturating_add(new.count);
                known.last_at = known.last_at.max(new.last_at);
            }
            None => kept.push(new),
        }
    }
    // Kept in order by hand: the library's sort is larger than this file.
    let mut latest_first: Vec<RejectionCount> = Vec::with_capacity(kept.len());
    for one in kept.into_iter().filter(|one| one.last_at.saturating_add(KEPT) > now) {
        let at = latest_first.partition_point(|other| other.last_at >= one.last_at);
        latest_first.insert(at, one);
    }
    latest_first.truncate(MOST);
    latest_first
}
