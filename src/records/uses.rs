//! Recorded uses: a look-up by an authorization server keeps a client alive, and is recorded to the day.
//!
//! A use is recorded after the response, as an update of the record. An isolate does not attempt it again for ten
//! minutes, since its location may see the previous record until then. If the record could not be written, the next
//! use after a minute and a half records it.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::ledger::{Ledgers, Writer};
use super::{Change, Decision, Records, RecordsError, Store};
use crate::client::Record;
use crate::runtime::{Clock, Entropy, Sealing};
use crate::vocabulary::ClientId;

/// How long an isolate does not record a use again, in seconds. A location may still see the previous record.
const AGAIN: u64 = 600;
/// The same after a failure: until a location sees what was written instead.
const AFTER_FAILURE: u64 = 90;
/// The most clients an isolate remembers.
const MOST: usize = 500;
/// How long a record takes no second write, in milliseconds, with some to spare.
const WRITE_INTERVAL_MS: u64 = 1_500;

/// The clients whose use this isolate has recorded recently, and until when it does not again.
#[derive(Debug, Default)]
pub struct RecentUses(RefCell<VecDeque<(ClientId, u64)>>);

impl RecentUses {
    /// Whether it is the first use for a while.
    fn is_first(&self, client_id: &ClientId, now: u64) -> bool {
        let mut known = self.0.borrow_mut();
        if known.iter().any(|(id, until)| id == client_id && now < *until) {
            return false;
        }
        known.retain(|(id, _)| id != client_id);
        if known.len() >= MOST {
            known.pop_front();
        }
        known.push_back((client_id.clone(), now.saturating_add(AGAIN)));
        true
    }

    /// The use could not be recorded.
    fn postpone(&self, client_id: &ClientId, now: u64) {
        let mut known = self.0.borrow_mut();
        if let Some((_, until)) = known.iter_mut().find(|(id, _)| id == client_id) {
            *until = now.saturating_add(AFTER_FAILURE);
        }
    }
}

impl<S: Store, R: Clock + Entropy + Ledgers + Sealing> Records<'_, S, R> {
    /// Records that a client was used, which moves its expiry, unless a use of today is recorded already. If other
    /// writes of the client are under way, the next use records it.
    ///
    /// # Errors
    /// [`RecordsError`]
    pub async fn record_use(
        &self,
        client_id: &ClientId,
        recent: &RecentUses,
    ) -> Result<(), RecordsError> {
        let now = self.runtime.now();
        if !recent.is_first(client_id, now) {
            return Ok(());
        }
        let change = self.update_use(client_id).await;
        if !matches!(change, Ok(Change::Done(..) | Change::Absent)) {
            recent.postpone(client_id, now);
        }
        change.map(drop)
    }

    async fn update_use(&self, client_id: &ClientId) -> Result<Change<()>, RecordsError> {
        // The cache is not asked: it could show the record before its last use.
        let Some(record) = self.get(client_id).await? else { return Ok(Change::Absent) };
        let now = self.runtime.now();
        // Clients are used right after they have registered.
        if record.use_is_unrecorded(now) && record.age(now) < 2 {
            self.runtime.sleep(WRITE_INTERVAL_MS).await;
        }
        let permit = std::future::ready(true);
        self.update_loaded(client_id, record, Writer::Client, permit, |record: &mut Record| {
            let now = self.runtime.now();
            if !record.is_active() || !record.use_is_unrecorded(now) {
                return Ok((Decision::Keep, ()));
            }
            record.record_use(now);
            Ok((Decision::StoreUse, ()))
        })
        .await
    }
}
