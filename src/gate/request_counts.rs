//! How often each shared client was requested. For the operator.
//!
//! As with [rejections](super::rejections), an isolate counts in its memory, and passes its counts on once a minute at most,
//! after a response: to the issuer's Durable Object, which adds them up. The counts of an isolate that ends before are lost,
//! and so are those of a call that fails. So a count is approximate, and never too high.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::vocabulary::ClientId;

/// The most clients that an isolate counts until it passes its counts on.
pub const MOST: usize = 500;
/// How often an isolate passes its counts on at most, in milliseconds.
const PAUSE_MS: u64 = 60_000;
/// How long a count is kept after the last request, in seconds.
pub const KEPT: u64 = 365 * 24 * 60 * 60;

/// How often a client was requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCount {
    /// The client.
    pub client_id: String,
    /// How often.
    pub count: u64,
}

/// The counts of an isolate that it has not passed on.
#[derive(Debug, Default)]
pub struct RequestCounts(RefCell<Counted>);

#[derive(Debug, Default)]
struct Counted {
    counts: BTreeMap<String, u64>,
    /// When the next ones may be passed on, in milliseconds since 1970.
    next_ms: u64,
}

impl RequestCounts {
    /// Counts a request. Beyond [`MOST`] clients, new ones are not counted.
    pub fn count(&self, client_id: &ClientId) {
        let counts = &mut self.0.borrow_mut().counts;
        if let Some(count) = counts.get_mut(client_id.as_str()) {
            *count = count.saturating_add(1);
        } else if counts.len() < MOST {
            counts.insert(client_id.to_string(), 1);
        }
    }

    /// Takes what was counted, if something was and the last time is a minute ago; `now` is in milliseconds since 1970.
    pub fn take_due(&self, now: u64) -> Vec<RequestCount> {
        let mut counted = self.0.borrow_mut();
        if counted.counts.is_empty() || now < counted.next_ms {
            return Vec::new();
        }
        counted.next_ms = now.saturating_add(PAUSE_MS);
        let counts = std::mem::take(&mut counted.counts).into_iter();
        counts.map(|(client_id, count)| RequestCount { client_id, count }).collect()
    }
}

/// The rows of request counts, by client.
pub trait RequestRows {
    /// Adds counts, a JSON list of [`RequestCount`]. Counts without a request for [`KEPT`] seconds are removed.
    fn add_requests(&mut self, counts: &str, now: u64);
    /// The counts of these clients, a JSON list: identifiers with counts.
    fn find_requests(&mut self, client_ids: &str) -> Vec<(String, String)>;
}

/// The counts of these clients; none for a client that was never counted.
///
/// # Errors
/// If they cannot be written as JSON.
pub fn find(
    rows: &mut impl RequestRows,
    client_ids: &[String],
) -> Result<Vec<RequestCount>, serde_json::Error> {
    let found = rows.find_requests(&serde_json::to_string(client_ids)?);
    let read = |(client_id, count): (String, String)| {
        Some(RequestCount { client_id, count: count.parse().ok()? })
    };
    Ok(found.into_iter().filter_map(read).collect())
}
