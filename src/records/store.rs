//! The port to the key-value store: what the records rely on, and under which keys everything is stored.

use crate::vocabulary::{ClientId, IssuerId};

/// The key of a stored value. Two issuers never share a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of the record of `client` at `issuer`.
    #[must_use]
    pub fn client(issuer: &IssuerId, client: &ClientId) -> Self {
        Self::clients(issuer, client.as_str())
    }

    /// The key under which versions before 0.2.0 recorded that `client` was deleted, for a year.
    #[must_use]
    pub fn tombstone(issuer: &IssuerId, client: &ClientId) -> Self {
        Self(format!("d:{issuer}:{client}"))
    }

    /// The beginning of every key of a record at `issuer` whose client's identifier begins with
    /// `client`.
    #[must_use]
    pub fn clients(issuer: &IssuerId, client: &str) -> Self {
        Self(format!("c:{issuer}:{client}"))
    }

    /// The key of the last good copy of the metadata that the server of `issuer` publishes itself.
    #[must_use]
    pub fn upstream(issuer: &IssuerId) -> Self {
        Self(format!("u:{issuer}"))
    }

    /// The key of the metadata document whose URL has this name at `issuer`; of all of them if `name` is empty.
    #[must_use]
    pub fn document(issuer: &IssuerId, name: &str) -> Self {
        Self(format!("m:{issuer}:{name}"))
    }

    /// The key of what the operator of `issuer` has decided about metadata documents.
    #[must_use]
    pub fn document_decisions(issuer: &IssuerId) -> Self {
        Self(format!("o:{issuer}"))
    }

    /// The key of the metadata document that the operator of `issuer` has pinned for the URL with this name.
    #[must_use]
    pub fn pinned_document(issuer: &IssuerId, name: &str) -> Self {
        Self(format!("p:{issuer}:{name}"))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The value stored under a key.
#[derive(Debug, Clone, Copy)]
pub struct StoredValue<'v> {
    /// The value.
    pub text: &'v str,
    /// When it vanishes, in seconds from now and at least 60; `None` for never.
    pub ttl: Option<u32>,
    /// Its summary for lists: JSON of at most 1,024 bytes.
    pub summary: Option<&'v str>,
}

/// A part of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Keys, with the summaries of their values.
    pub keys: Vec<(String, Option<serde_json::Value>)>,
    /// The cursor of the next part; `None` if there is none.
    pub cursor: Option<String>,
}

/// Values by key. Durable once a write has returned; a reader elsewhere may see the former state for
/// a while, absence included, so the key of a record must never be read before it is first written.
/// A write that failed may still have been done.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Store {
    /// Writes a value, new or in place of the former one.
    ///
    /// # Errors
    /// [`StoreError`]; the value may be treated as stored only after `Ok`.
    async fn put(&self, key: &Key, value: StoredValue<'_>) -> Result<(), StoreError>;

    /// Reads a value; `None` if there is none. With a `cache_ttl`, in seconds and at least 30, a
    /// location may go on answering what it has read for so long.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn get(&self, key: &Key, cache_ttl: Option<u32>) -> Result<Option<Vec<u8>>, StoreError>;

    /// Lists at most `limit` (1 to 1,000) of the keys that begin with `prefix`, in their order, with the
    /// summaries of their values: from the beginning, or from a `cursor` on.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Cursor`] for an invalid cursor.
    async fn list(
        &self,
        prefix: &Key,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page, StoreError>;

    /// Removes a value, there or not.
    ///
    /// # Errors
    /// [`StoreError`]; the value may be treated as gone only after `Ok`.
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another write to this key was too recent. Worth another try after a second.
    #[error("two writes to one key within a second")]
    Conflict,
    /// The cursor of a list is not one of this store.
    #[error("invalid list cursor")]
    Cursor,
    /// Anything else; what the store said, for the log.
    #[error("the store failed: {0}")]
    Unavailable(String),
}
