//! Use: that an authorization server has asked for a client keeps it alive, and is known to the day.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::ledger::{LedgerReply, Writer};
use super::ports::{Host, Key, Store};
use super::{App, Error};
use crate::client::Record;
use crate::vocabulary::ClientId;

/// How long an isolate does not note a use again, in seconds. A location may still see the record of before.
const AGAIN: u64 = 600;
/// The same for one that could not be noted: until a location sees what was written instead.
const AFTER_FAILURE: u64 = 90;
/// The most clients an isolate remembers.
const MOST: usize = 500;
/// How long a record takes no second write, in milliseconds, with some to spare.
const WRITE_INTERVAL_MS: u64 = 1_500;

/// The clients whose use this isolate has noted lately, and until when it does not again.
#[derive(Debug, Default)]
pub(super) struct Touched(RefCell<VecDeque<(ClientId, u64)>>);

impl Touched {
    /// Whether it is the first for a while.
    fn first(&self, client_id: &ClientId, now: u64) -> bool {
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

    /// It could not be noted.
    fn postpone(&self, client_id: &ClientId, now: u64) {
        let mut known = self.0.borrow_mut();
        if let Some((_, until)) = known.iter_mut().find(|(id, _)| id == client_id) {
            *until = now.saturating_add(AFTER_FAILURE);
        }
    }
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Notes that a client was used, which moves its end, unless that is known for today already. While another
    /// write of the client is under way, it is left to the next use.
    ///
    /// # Errors
    /// What the store could not do.
    pub async fn note_use(&self, client_id: &ClientId) -> Result<(), Error> {
        let now = self.host.now();
        if !self.issuer.touched().first(client_id, now) {
            return Ok(());
        }
        let noted = self.touch(client_id).await;
        if !matches!(noted, Ok(true)) {
            self.issuer.touched().postpone(client_id, now);
        }
        noted.map(drop)
    }

    /// Whether the use is known now.
    async fn touch(&self, client_id: &ClientId) -> Result<bool, Error> {
        // Not from what the location may remember for longer: it could be of before the last use.
        let Some(mut record) = self.record(client_id, None).await? else { return Ok(true) };
        if !record.use_is_unrecorded(self.host.now()) {
            return Ok(true);
        }
        // Clients are used right after they have registered.
        if record.age(self.host.now()) < 2 {
            self.host.sleep(WRITE_INTERVAL_MS).await;
        }
        // The other attempts are for a later state than this location sees, and for one more try once another write is
        // over.
        for _ in 0..3 {
            let before = record.clone();
            let seen = record.latest_write();
            record.record_use(self.host.now());
            match self.write(client_id, seen, record, Writer::Client).await? {
                LedgerReply::Granted => return Ok(true),
                LedgerReply::Busy => {
                    self.host.sleep(WRITE_INTERVAL_MS).await;
                    record = before;
                }
                LedgerReply::Deleted => {
                    self.delete(&Key::client(self.issuer.id(), client_id)).await?;
                    return Ok(true);
                }
                LedgerReply::Newer { record: newer, is_stored } => {
                    record = Record::parse_of(client_id, newer.as_bytes())?;
                    let is_known = is_stored && !record.use_is_unrecorded(self.host.now());
                    if is_known || record.disabled_at().is_some() {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isolate_remembers_the_latest_five_hundred_uses() {
        let touched = Touched::default();
        let client = |n: u16| {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&n.to_be_bytes());
            ClientId::from_entropy(bytes)
        };
        for n in 0..=500 {
            assert!(touched.first(&client(n), 0), "{n}");
        }
        for n in [1, 500] {
            assert!(!touched.first(&client(n), 0), "{n} is remembered");
        }
        assert!(touched.first(&client(0), 0), "the oldest has made room");
    }
}
