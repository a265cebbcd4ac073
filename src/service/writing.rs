//! Changes and deletions of an existing record. Each one goes through [the ledger](super::ledger), so that
//! nothing which was changed or deleted elsewhere is written again from a previous state.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::holder::{Caller, Found};
use super::ledger::{LedgerReply, LedgerRequest, Writer};
use super::patience::Patience;
use super::ports::{Host, Key, Store, StoreError};
use super::{App, Error};
use crate::client::Record;
use crate::vocabulary::ClientId;

impl Caller<'_> {
    fn writer(self) -> Writer {
        match self {
            Self::Holder(_) => Writer::Client,
            Self::Operator(_) => Writer::Operator,
        }
    }
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Finds the registration, then as [`App::change_found`]. One read.
    ///
    /// # Errors
    /// Those of [`App::find`] and of [`App::change_found`].
    pub(super) async fn change(
        &self,
        caller: Caller<'_>,
        change: &mut dyn FnMut(Found) -> Result<Option<Record>, Error>,
    ) -> Result<(), Error> {
        let found = self.find(caller).await?;
        self.change_found(found, caller, change).await
    }

    /// Lets `change` decide on the registration that was `found`, and stores the record that it returns, if any: whole,
    /// and on top of the latest state. Where somebody else has changed the record meanwhile, `change` decides again.
    ///
    /// One write, and two requests to the ledger. Without contention `change` is called once.
    ///
    /// # Errors
    /// Those of [`App::find`], those of `change`, and those of the store and the ledger; [`Error::Busy`] if other
    /// writes of this client go on for too long; [`Error::Limited`] for a holder.
    pub(super) async fn change_found(
        &self,
        mut found: Found,
        caller: Caller<'_>,
        change: &mut dyn FnMut(Found) -> Result<Option<Record>, Error>,
    ) -> Result<(), Error> {
        let mut retry = Patience::new(&self.host);
        let mut is_counted = false;
        let mut is_missing = false;
        loop {
            let client_id = found.client_id.clone();
            let seen = found.record.latest_write();
            let is_operator = matches!(caller, Caller::Operator(_));
            // KV may have missed a state that the ledger knows: it is stored now, changed or not.
            let missed = is_missing.then(|| found.record.clone());
            let reply = match change(found)?.or(missed) {
                Some(mut record) => {
                    // Only a write counts, and only once however often it is tried.
                    if let (Caller::Holder(claimant), false) = (caller, is_counted) {
                        self.count_update(claimant.address, &client_id).await?;
                        is_counted = true;
                    }
                    record.count_change();
                    self.write(&client_id, seen, record, caller.writer()).await?
                }
                // That there is nothing to do has to be true of the latest state, if it is the operator's will.
                None if is_operator => {
                    let client_id = client_id.to_string();
                    self.ask_ledger(LedgerRequest::Check { client_id, seen }).await?
                }
                None => return Ok(()),
            };
            match reply {
                LedgerReply::Granted => return Ok(()),
                LedgerReply::Newer { record, is_stored } => {
                    found = self.found_in_ledger(caller, &client_id, &record)?;
                    is_missing = !is_stored;
                }
                LedgerReply::Busy => {
                    retry.wait(StoreError::Conflict).await.map_err(|_| Error::Busy)?;
                    found = self.find(caller).await?;
                    is_missing = false;
                }
                LedgerReply::Deleted => {
                    self.delete(&Key::client(self.issuer.id(), &client_id)).await?;
                    return Err(Error::BadToken);
                }
            }
        }
    }

    /// Deletes a registration that `caller` may change, if `allow` lets it; an operator's may be asked about one
    /// that cannot be read. Only if it `waits`, it waits for another write of the client to end.
    ///
    /// One read, one request to the ledger, one delete. The ledger comes first: a location that still sees the
    /// record must not write it again. If KV fails then, the deletion can be repeated, and every later write of
    /// the client completes it.
    ///
    /// # Errors
    /// As for [`App::change`].
    pub(super) async fn end(
        &self,
        caller: Caller<'_>,
        waits: bool,
        allow: &dyn Fn(Option<&Record>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut retry = Patience::new(&self.host);
        let mut found = self.find(caller).await;
        let client_id = loop {
            let (client_id, seen) = match (found, caller) {
                (Ok(found), _) => {
                    allow(Some(&found.record))?;
                    (found.client_id, Some(found.record.latest_write()))
                }
                (Err(Error::Record(_)), Caller::Operator(client_id)) => {
                    allow(None)?;
                    (client_id.clone(), None)
                }
                (Err(error), _) => return Err(error),
            };
            let name = client_id.to_string();
            let request = LedgerRequest::Delete { client_id: name, seen, writer: caller.writer() };
            match self.ask_ledger(request).await? {
                LedgerReply::Granted | LedgerReply::Deleted => break client_id,
                LedgerReply::Newer { record, .. } => {
                    found = self.found_in_ledger(caller, &client_id, &record);
                }
                LedgerReply::Busy if !waits => return Err(Error::Busy),
                LedgerReply::Busy => {
                    retry.wait(StoreError::Conflict).await.map_err(|_| Error::Busy)?;
                    found = self.find(caller).await;
                }
            }
        };
        self.delete(&Key::client(self.issuer.id(), &client_id)).await?;
        Ok(())
    }

    /// Writes a record on top of the write that was `seen`, if the ledger grants it: one request before the write
    /// and one after it.
    ///
    /// # Errors
    /// What the store or the ledger could not do. The write may have been done all the same, and the next writer
    /// builds on it.
    pub(super) async fn write(
        &self,
        client_id: &ClientId,
        seen: u64,
        mut record: Record,
        writer: Writer,
    ) -> Result<LedgerReply, Error> {
        let number = seen.saturating_add(1);
        record.number_write(number);
        let sealed = self.seal(&mut record)?;
        let mut name = [0; 9];
        self.host.fill(&mut name)?;
        let begin = LedgerRequest::Begin {
            client_id: client_id.to_string(),
            seen,
            record: sealed.value().text.to_owned(),
            writer,
            attempt: BASE64URL.encode(name),
        };
        let reply = self.ask_ledger(begin).await?;
        if reply != LedgerReply::Granted {
            return Ok(reply);
        }
        let written = self.put(&Key::client(self.issuer.id(), client_id), sealed.value()).await;
        let (name, is_stored) = (client_id.to_string(), written.is_ok());
        let finish = LedgerRequest::Finish { client_id: name, number, is_stored };
        if let Err(error) = self.ask_ledger(finish).await {
            let why = Error::Store(error);
            self.note(&format!("other writes of this client wait for half a minute: {why}"));
        }
        written?;
        Ok(LedgerReply::Granted)
    }

    /// A later state than this location has seen, judged like one from the store.
    fn found_in_ledger(
        &self,
        caller: Caller<'_>,
        client_id: &ClientId,
        record: &str,
    ) -> Result<Found, Error> {
        let record = Record::parse_of(client_id, record.as_bytes())?;
        let record = Some(record).filter(|record| !record.has_expired(self.host.now()));
        caller.judge(client_id, record)
    }

    /// Asks the ledger, once more after a failure.
    pub(super) async fn ask_ledger(
        &self,
        request: LedgerRequest,
    ) -> Result<LedgerReply, StoreError> {
        let mut retry = Patience::new(&self.host);
        loop {
            match self.host.ledger(self.issuer.id(), &request).await {
                Ok(reply) => return Ok(reply),
                Err(error) => retry.wait(error).await?,
            }
        }
    }
}
