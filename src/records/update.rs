//! Changes and deletions of existing records. Each goes through [the ledger](super::ledger), so that a change or
//! deletion from elsewhere is never overwritten from a previous state.
//!
//! An update is a loop:
//!
//! 1. The caller's closure decides on the record as this location sees it, and changes it in place.
//! 2. If the record is to be stored, the rate limit is asked, once however often the loop runs.
//! 3. The change is announced to the ledger. If the ledger knows a later state, the loop starts again on that one. If
//!    another write is under way, the loop waits, reads the record again and starts again. If the client is deleted,
//!    the deletion is completed in the store.
//! 4. The record is written, and the end of the write is reported to the ledger. If this message fails, others wait for the
//!    lease to end; the operator finds a note of that.
//!
//! A later state that the ledger holds may never have reached the store. The loop stores it even if the closure has
//! nothing to change.

use std::pin::{Pin, pin};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::change::{Change, Creation, Decision, Deletion};
use super::ledger::{LedgerReply, LedgerRequest, Ledgers, Writer};
use super::retry::Retry;
use super::{Key, Records, RecordsError, Store, StoreError};
use crate::client::Record;
use crate::runtime::{Clock, Entropy, Sealing};
use crate::vocabulary::ClientId;

/// How an update goes on after a reply of the ledger.
#[expect(clippy::large_enum_variant, reason = "each one is taken apart where it is returned")]
enum Next {
    /// The change is stored, or the record needs none.
    Done,
    /// The loop starts again on a later state; the flag says whether this is one that the store may not have.
    Again(Record, bool),
    /// Other writes of this client went on for too long.
    Busy,
    /// The client is deleted, or has expired.
    Absent,
}

impl<S: Store, R: Clock + Entropy + Ledgers + Sealing> Records<'_, S, R> {
    /// Lets `decide` change the record of a client. One read, then as [`Records::update_loaded`].
    ///
    /// # Errors
    /// Those of `decide` and [`RecordsError`].
    pub async fn update<T, E: From<RecordsError>>(
        &self,
        client_id: &ClientId,
        writer: Writer,
        permit: impl Future<Output = bool>,
        decide: impl FnMut(&mut Record) -> Result<(Decision, T), E>,
    ) -> Result<Change<T>, E> {
        match self.get(client_id).await? {
            Some(record) => self.update_loaded(client_id, record, writer, permit, decide).await,
            None => Ok(Change::Absent),
        }
    }

    /// Lets `decide` change a `record` that [`Records::get`] has returned, and stores it. `decide` also returns a value
    /// for the caller, and is called again whenever there is a later state. `permit` is asked before the first write.
    /// One write and two requests to the ledger.
    ///
    /// # Errors
    /// Those of `decide` and [`RecordsError`]. After an error of the store the change may still be stored.
    pub async fn update_loaded<T, E: From<RecordsError>>(
        &self,
        client_id: &ClientId,
        record: Record,
        writer: Writer,
        permit: impl Future<Output = bool>,
        mut decide: impl FnMut(&mut Record) -> Result<(Decision, T), E>,
    ) -> Result<Change<T>, E> {
        let mut latest = None;
        let mut decide = |record: &mut Record| {
            let decided = decide(record);
            let decision = decided.as_ref().ok().map(|(decision, _)| *decision);
            latest = Some(decided.map(|(_, value)| value));
            decision
        };
        let change = self.run_update(client_id, record, writer, pin!(permit), &mut decide).await?;
        let value = latest.transpose()?;
        Ok(match (change, value) {
            (Change::Done(record, ()), Some(value)) => Change::Done(record, value),
            (Change::Busy, _) => Change::Busy,
            (Change::Limited, _) => Change::Limited,
            (Change::Absent | Change::Done(..), _) => Change::Absent,
        })
    }

    /// Runs the loop of an update. Only this function is compiled once for all closures, so they come as `dyn`. If `decide`
    /// returns `None`, the caller has its error, and the loop ends with [`Change::Absent`].
    ///
    /// # Errors
    /// [`RecordsError`]. After an error of the store the change may still be stored.
    async fn run_update(
        &self,
        client_id: &ClientId,
        mut record: Record,
        writer: Writer,
        permit: Pin<&mut dyn Future<Output = bool>>,
        decide: &mut dyn FnMut(&mut Record) -> Option<Decision>,
    ) -> Result<Change<()>, RecordsError> {
        let mut retry = Retry::new(self.runtime);
        let mut permit = Some(permit);
        // Whether this is a state from the ledger that the store may not have.
        let mut is_unstored = false;
        loop {
            let seen = record.latest_write();
            // 1.
            let Some(decision) = decide(&mut record) else { return Ok(Change::Absent) };
            let is_optional = match decision {
                Decision::StoreIfPossible => true,
                Decision::Keep => writer == Writer::Client,
                Decision::Store | Decision::StoreUse => false,
            };
            let reply = if decision == Decision::Keep && !is_unstored {
                if is_optional {
                    return Ok(Change::Done(record, ()));
                }
                // The operator's change must hold for the latest state, even if this state needs no change.
                let check = LedgerRequest::Check { client_id: client_id.to_string(), seen };
                self.ask_ledger(check).await.map_err(RecordsError::Store)?
            } else {
                // 2.
                if let Some(permit) = permit.take()
                    && !permit.await
                {
                    let unstored = Change::Done(record, ());
                    return Ok(if is_optional { unstored } else { Change::Limited });
                }
                if let Decision::Store | Decision::StoreIfPossible = decision {
                    record.count_change();
                }
                // 3. and 4.
                self.announce_and_write(client_id, seen, &mut record, writer).await?
            };
            match self.follow(client_id, reply, &mut retry).await? {
                Next::Done => return Ok(Change::Done(record, ())),
                Next::Again(later, unstored) => (record, is_unstored) = (later, unstored),
                Next::Busy if is_optional => return Ok(Change::Done(record, ())),
                Next::Busy => return Ok(Change::Busy),
                Next::Absent => return Ok(Change::Absent),
            }
        }
    }

    /// Does what a `reply` of the ledger requires of an update.
    async fn follow(
        &self,
        client_id: &ClientId,
        reply: LedgerReply,
        retry: &mut Retry<'_, R>,
    ) -> Result<Next, RecordsError> {
        let (later, is_unstored) = match reply {
            LedgerReply::Granted => return Ok(Next::Done),
            LedgerReply::Newer { record, is_stored } => {
                (self.decode(client_id, record.as_bytes())?, !is_stored)
            }
            LedgerReply::Busy if retry.after_conflict().await => {
                (self.get(client_id).await?, false)
            }
            LedgerReply::Busy => return Ok(Next::Busy),
            LedgerReply::Deleted => {
                let removed = self.remove(&Key::client(self.issuer, client_id)).await;
                removed.map_err(RecordsError::Store)?;
                return Ok(Next::Absent);
            }
        };
        Ok(later.map_or(Next::Absent, |later| Next::Again(later, is_unstored)))
    }

    /// Deletes a client if `allow` lets it. The operator may delete a record that cannot be read, for which `allow` gets
    /// `None`. Only if it `waits`, it waits for another write of the client to end.
    ///
    /// One read, one request to the ledger, one delete. The ledger comes first: a location that still sees the record
    /// must not write it again. If the store fails then, the deletion can be repeated, and every later write of the
    /// client completes it.
    ///
    /// # Errors
    /// Those of `allow` and [`RecordsError`].
    pub async fn delete<E: From<RecordsError>>(
        &self,
        client_id: &ClientId,
        writer: Writer,
        waits: bool,
        allow: &dyn Fn(Option<&Record>) -> Result<bool, E>,
    ) -> Result<Deletion, E> {
        let mut retry = Retry::new(self.runtime);
        let mut found = self.get(client_id).await;
        loop {
            let record = match found {
                Ok(None) => return Ok(Deletion::Absent),
                Err(RecordsError::Record(_)) if writer == Writer::Operator => None,
                found => found?,
            };
            if !allow(record.as_ref())? {
                return Ok(Deletion::Declined);
            }
            let seen = record.as_ref().map(Record::latest_write);
            let request = LedgerRequest::Delete { client_id: client_id.to_string(), seen, writer };
            match self.ask_ledger(request).await.map_err(RecordsError::Store)? {
                LedgerReply::Granted | LedgerReply::Deleted => break,
                LedgerReply::Newer { record, .. } => {
                    found = self.decode(client_id, record.as_bytes());
                }
                LedgerReply::Busy if waits && retry.after_conflict().await => {
                    found = self.get(client_id).await;
                }
                LedgerReply::Busy => return Ok(Deletion::Busy),
            }
        }
        let removed = self.remove(&Key::client(self.issuer, client_id)).await;
        removed.map_err(RecordsError::Store)?;
        Ok(Deletion::Done)
    }

    /// Stores a record again that may be stored already, as a change of it: the ledger knows whether its client was changed
    /// or deleted since then.
    ///
    /// # Errors
    /// [`RecordsError`]
    pub async fn create_again(
        &self,
        client_id: &ClientId,
        record: &mut Record,
    ) -> Result<LedgerReply, RecordsError> {
        self.announce_and_write(client_id, 0, record, Writer::Client).await
    }

    /// Stores the record of a shared client, which this location does not see. The ledger knows whether the client is there,
    /// or was deleted; what it knows and the store may not have is stored instead. All writers would store the same
    /// client: after a conflict, the one that is there is as good.
    ///
    /// # Errors
    /// [`RecordsError`]; the record may still be stored.
    pub async fn create_shared(
        &self,
        client_id: &ClientId,
        mut record: Record,
    ) -> Result<Creation, RecordsError> {
        let mut retry = Retry::new(self.runtime);
        let mut seen = 0;
        loop {
            let written =
                self.announce_and_write(client_id, seen, &mut record, Writer::Client).await;
            match written {
                Ok(LedgerReply::Granted) => return Ok(Creation::Done(record)),
                Ok(LedgerReply::Newer { record: newer, is_stored }) => {
                    let newer = Record::parse_of(client_id, newer.as_bytes())?;
                    seen = newer.latest_write();
                    if newer.has_expired(self.runtime.now()) {
                        // The client that is stored now is another one.
                    } else if is_stored {
                        return Ok(Creation::Done(newer));
                    } else {
                        record = newer;
                    }
                }
                Ok(LedgerReply::Busy) if retry.after_conflict().await => {}
                Ok(LedgerReply::Busy) => return Ok(Creation::Busy),
                Ok(LedgerReply::Deleted) => return Ok(Creation::Deleted),
                Err(RecordsError::Store(StoreError::Conflict)) => {
                    let found = self.get(client_id).await?;
                    return found.map(Creation::Done).ok_or(StoreError::Conflict.into());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the ledger knows a client that this location does not see: it was written lately.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn was_written_lately(&self, client_id: &ClientId) -> Result<bool, StoreError> {
        let check = LedgerRequest::Check { client_id: client_id.to_string(), seen: 0 };
        Ok(matches!(self.ask_ledger(check).await?, LedgerReply::Newer { .. }))
    }

    /// Writes a record on top of the write that was `seen`, if the ledger grants it: one request before the write and
    /// one after it.
    ///
    /// # Errors
    /// [`RecordsError`]. The write may still have been done, and the next writer builds on it.
    pub(super) async fn announce_and_write(
        &self,
        client_id: &ClientId,
        seen: u64,
        record: &mut Record,
        writer: Writer,
    ) -> Result<LedgerReply, RecordsError> {
        let number = seen.saturating_add(1);
        record.number_write(number);
        let encoded = self.encode(record).await?;
        let mut name = [0; 9];
        self.runtime.fill(&mut name)?;
        let begin = LedgerRequest::Begin {
            client_id: client_id.to_string(),
            seen,
            record: encoded.text.clone(),
            writer,
            attempt: BASE64URL.encode(name),
        };
        let reply = self.ask_ledger(begin).await?;
        if reply != LedgerReply::Granted {
            return Ok(reply);
        }
        let written = self.write(&Key::client(self.issuer, client_id), encoded.value()).await;
        let (name, is_stored) = (client_id.to_string(), written.is_ok());
        let finish = LedgerRequest::Finish { client_id: name, number, is_stored };
        if let Err(error) = self.ask_ledger(finish).await {
            self.note(&format!("other writes of this client wait for half a minute: {error}"));
        }
        written?;
        Ok(LedgerReply::Granted)
    }

    pub(super) async fn ask_ledger(
        &self,
        request: LedgerRequest,
    ) -> Result<LedgerReply, StoreError> {
        self.retry(async || self.runtime.ledger(self.issuer, &request).await).await
    }
}
