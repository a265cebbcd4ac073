//! Use: that an authorization server has asked for a client keeps it alive, and is known to the day.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::ports::{Host, Key, Store, StoreError};
use super::{App, Error};
use crate::vocabulary::ClientId;

/// How long an isolate does not note a use again, in seconds. A location may still see the record of before.
const AGAIN: u64 = 600;
/// The most clients an isolate remembers.
const MOST: usize = 500;

/// The clients whose use this isolate has noted lately, and when.
#[derive(Debug, Default)]
pub(super) struct Touched(RefCell<VecDeque<(ClientId, u64)>>);

impl Touched {
    /// Whether it is the first for a while.
    fn first(&self, client_id: &ClientId, now: u64) -> bool {
        let mut known = self.0.borrow_mut();
        if known.iter().any(|(id, at)| id == client_id && now < at.saturating_add(AGAIN)) {
            return false;
        }
        if known.len() >= MOST {
            known.pop_front();
        }
        known.push_back((client_id.clone(), now));
        true
    }
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Notes that a client was used, which moves its end, unless that is known for today already. What a
    /// later change would be undone by is not written, and a write that comes too soon after another is left
    /// to the next use.
    ///
    /// # Errors
    /// What the store could not do.
    pub async fn note_use(&self, client_id: &ClientId) -> Result<(), Error> {
        let now = self.host.now();
        if !self.issuer.touched().first(client_id, now) {
            return Ok(());
        }
        // Not from what the location may remember for longer: it could be of before the last use.
        let Some(mut record) = self.record(client_id, None).await? else { return Ok(()) };
        if !record.is_news(now) {
            return Ok(());
        }
        let key = Key::client(self.issuer.id(), client_id);
        match self.refuse_outdated(client_id, &key, record.changes()).await {
            Err(Error::Outdated | Error::BadToken) => return Ok(()),
            found => found?,
        }
        record.touch(now);
        let sealed = self.seal(&mut record)?;
        match self.store.put(&key, sealed.value()).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
