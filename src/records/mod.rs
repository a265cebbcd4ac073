//! Records of clients at rest: [`Records::get`], [`Records::update`], [`Records::delete`], and everything that keeps
//! them right on a store that is eventually consistent.
//!
//! The store (KV) shows other locations the previous state of a record for a minute, cannot compare before it writes,
//! takes one write per second and key, and sometimes fails. So each change of an existing record
//!
//! 1. reads the record and lets the caller decide on it (`update.rs`),
//! 2. announces the change to the ledger of the issuer, which knows the latest state (`ledger.rs`),
//! 3. encodes the record with its expiry and its summary, and writes it (`encoding.rs`),
//! 4. and repeats what failed for a moment, inside a time budget (`retry.rs`).
//!
//! Recorded uses take the same way (`uses.rs`), and so do imports (`import.rs`).

mod change;
pub mod document_decisions;
mod documents;
mod encoding;
mod import;
pub mod ledger;
mod lifetimes;
mod retry;
mod sealing;
mod store;
mod update;
mod uses;

use std::cell::RefCell;

pub use change::{Change, Creation, Decision, Deletion};
pub use document_decisions::{DocumentAction, DocumentDecision, DocumentDecisions, KnownDecisions};
pub use documents::{DocumentCopy, DocumentReading, DocumentSummary, StoredDocument};
pub use encoding::EncodedRecord;
pub use import::Import;
pub use ledger::{Ledgers, Writer};
pub use lifetimes::{Lifetimes, Rotation};
pub use store::{Key, Page, Store, StoreError, StoredValue};
pub use uses::RecentUses;

use crate::client::{Record, RecordError};
use crate::runtime::{Clock, Entropy, EntropyError};
use crate::vocabulary::{ClientId, IssuerId, KeyRing};

/// The records of an issuer's clients, for one request.
pub struct Records<'a, S, R> {
    issuer: &'a IssuerId,
    lifetimes: Lifetimes,
    sealing: Option<&'a KeyRing>,
    store: S,
    runtime: &'a R,
    notes: RefCell<Option<String>>,
}

/// Why records cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum RecordsError {
    /// The store or the ledger failed.
    Store(#[from] StoreError),
    /// A stored record cannot be read.
    Record(#[from] RecordError),
    /// A record cannot be encoded as JSON.
    #[error("a record could not be encoded")]
    Json(#[from] serde_json::Error),
    /// An announced change cannot be named, or a secret encrypted.
    Entropy(#[from] EntropyError),
    /// Web Crypto could not encrypt or decrypt a client secret; what it said.
    #[error("Web Crypto failed on a client secret: {0}")]
    Sealing(String),
}

impl<'a, S, R> Records<'a, S, R> {
    /// The records of `issuer` in `store`. Credentials and clients live as long as `lifetimes` say.
    pub fn new(issuer: &'a IssuerId, lifetimes: Lifetimes, store: S, runtime: &'a R) -> Self {
        Self { issuer, lifetimes, sealing: None, store, runtime, notes: RefCell::default() }
    }

    /// The same, with encrypted copies of client secrets where there are keys for them.
    #[must_use]
    pub fn with_sealing(self, sealing: Option<&'a KeyRing>) -> Self {
        Self { sealing, ..self }
    }

    /// Whether client secrets are sealed.
    #[must_use]
    pub fn are_sealed(&self) -> bool {
        self.sealing.is_some()
    }

    /// Adds something that the operator has to know although the request succeeds.
    pub fn note(&self, text: &str) {
        let mut notes = self.notes.borrow_mut();
        let before = notes.take().map(|before| before + "; ").unwrap_or_default();
        *notes = Some(before + text);
    }

    /// Takes all notes.
    pub fn take_notes(&self) -> Option<String> {
        self.notes.take()
    }
}

impl<S: Store, R: Clock + Entropy + Ledgers> Records<'_, S, R> {
    /// The record of a client; `None` for one that never existed, was deleted or has expired. One read.
    ///
    /// # Errors
    /// [`RecordsError::Store`], [`RecordsError::Record`]
    pub async fn get(&self, client_id: &ClientId) -> Result<Option<Record>, RecordsError> {
        let stored = self.read(&Key::client(self.issuer, client_id), None).await?;
        stored.map_or(Ok(None), |stored| self.decode(client_id, &stored))
    }

    /// The same, from what this location has read in the last `cache_ttl` seconds. A cached absence or expiry is read
    /// again without the cache: the client may have been registered, or its expiry moved, since then.
    ///
    /// # Errors
    /// As for [`Records::get`].
    pub async fn get_cached(
        &self,
        client_id: &ClientId,
        cache_ttl: Option<u32>,
    ) -> Result<Option<Record>, RecordsError> {
        if cache_ttl.is_some() {
            let stored = self.read(&Key::client(self.issuer, client_id), cache_ttl).await?;
            let cached = stored.map_or(Ok(None), |stored| self.decode(client_id, &stored))?;
            if cached.is_some() {
                return Ok(cached);
            }
        }
        self.get(client_id).await
    }

    /// Whether there is a value under the key of this client's record, expired and unreadable ones included.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn is_stored(&self, client_id: &ClientId) -> Result<bool, StoreError> {
        Ok(self.read(&Key::client(self.issuer, client_id), None).await?.is_some())
    }

    /// A page of the clients whose identifiers begin with `prefix`, with their summaries. No record is read.
    ///
    /// # Errors
    /// [`StoreError`], of them [`StoreError::Cursor`] for a cursor that no page has brought.
    pub async fn list(
        &self,
        prefix: &str,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page, StoreError> {
        let prefix = Key::clients(self.issuer, prefix);
        self.retry(async || self.store.list(&prefix, limit, cursor).await).await
    }

    /// Stores the record of a client that is new. One write, which is acknowledged when this returns.
    ///
    /// # Errors
    /// [`RecordsError::Store`]; the record may still be stored.
    pub async fn create(
        &self,
        client_id: &ClientId,
        record: &EncodedRecord,
    ) -> Result<(), RecordsError> {
        Ok(self.write(&Key::client(self.issuer, client_id), record.value()).await?)
    }

    /// The stored copy of the upstream document.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn upstream_copy(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(&Key::upstream(self.issuer), None).await
    }

    /// Stores a copy of the upstream document, unless the same one is stored. One attempt: it is not worth waiting for.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn store_upstream_copy(&self, json: &str) -> Result<(), StoreError> {
        let key = Key::upstream(self.issuer);
        let stored = self.store.get(&key, None).await.ok().flatten();
        if stored.as_deref() == Some(json.as_bytes()) {
            return Ok(());
        }
        self.store.put(&key, StoredValue { text: json, ttl: None, summary: None }).await
    }

    /// The record in these bytes; `None` if it has expired.
    fn decode(&self, client_id: &ClientId, stored: &[u8]) -> Result<Option<Record>, RecordsError> {
        let record = Record::parse_of(client_id, stored)?;
        Ok(Some(record).filter(|record| !record.has_expired(self.runtime.now())))
    }
}
