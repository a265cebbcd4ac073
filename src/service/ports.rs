//! What the service needs from outside, and what it may rely on.

use super::IssuerId;
use super::ledger::{LedgerReply, LedgerRequest};
use super::limits::Limit;
use super::token_book::{BookReply, BookRequest};
use crate::vocabulary::{ClientId, Unicode};

/// The time.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z. May stand still while nothing is waited for.
    fn milliseconds(&self) -> u64;

    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64 {
        self.milliseconds() / 1000
    }

    /// Waits.
    async fn sleep(&self, milliseconds: u64);
}

/// Randomness for credentials.
pub trait Entropy {
    /// Fills `bytes` from a cryptographically secure source.
    ///
    /// # Errors
    /// If the source fails. No credential may be made then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The web, for what an operator points at. Never for what a client sends.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Fetch {
    /// The body of a 200 to `GET url`: bounded in time and size, no redirect followed.
    ///
    /// # Errors
    /// [`FetchError`]
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError>;

    /// Sends `body` as JSON with these headers; the status of the answer, which is not read.
    ///
    /// # Errors
    /// [`FetchError::Failed`]
    async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<u16, FetchError>;
}

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// Another status than 200.
    Status(u16),
    /// More bytes than a document of metadata can have.
    TooLarge,
    /// No answer, or not in time; what the runtime said.
    Failed(String),
}

/// Rate limits: approximate, and never a reason to fail.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Limiter {
    /// Counts one more under `key`; whether that is still within the limit.
    async fn allow(&self, limit: Limit, key: &str) -> bool;
}

/// The books of initial access tokens, one for each issuer: linearizable, one request after another.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Books {
    /// Does what is asked, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError`]; it may have been done all the same.
    async fn book(&self, issuer: &IssuerId, request: BookRequest) -> Result<BookReply, StoreError>;
}

/// The ledgers of changes and deletions, one for each issuer: linearizable, one request after another.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Ledgers {
    /// Asks the ledger of `issuer`.
    ///
    /// # Errors
    /// [`StoreError`]; the request may have been handled all the same.
    async fn ledger(
        &self,
        issuer: &IssuerId,
        request: &LedgerRequest,
    ) -> Result<LedgerReply, StoreError>;
}

/// Web Crypto, for what takes the arithmetic of a curve.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Curves {
    /// Whether each of `points` is on its curve, in their order: whether `importKey` takes it. They are a list
    /// of public EC keys as JWKs, on curves that Web Crypto knows; only `kty`, `crv`, `x` and `y` matter.
    ///
    /// # Errors
    /// What the runtime said where it could not tell. None of the points may be taken for good then.
    async fn on_curve(&self, points: &serde_json::Value) -> Result<Vec<bool>, String>;
}

/// The runtime: all of the outside but the store.
pub trait Host: Clock + Entropy + Fetch + Limiter + Books + Ledgers + Unicode + Curves {}

impl<H: Clock + Entropy + Fetch + Limiter + Books + Ledgers + Unicode + Curves> Host for H {}

/// The source of randomness failed.
#[derive(Debug)]
pub struct EntropyError;

/// Where something is stored. What belongs to two issuers never meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of the record of `client` at `issuer`.
    #[must_use]
    pub fn client(issuer: &IssuerId, client: &ClientId) -> Self {
        Self::clients(issuer, client.as_str())
    }

    /// The key under which versions before 0.2.0 noted that `client` was deleted, for a year.
    #[must_use]
    pub fn tombstone(issuer: &IssuerId, client: &ClientId) -> Self {
        Self(format!("d:{issuer}:{client}"))
    }

    /// What every key of a record at `issuer` begins with, if its client's identifier begins with
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

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is stored under a key.
#[derive(Debug, Clone, Copy)]
pub struct Value<'v> {
    /// The value.
    pub text: &'v str,
    /// When it vanishes, in seconds from now and at least 60; `None` for never.
    pub ttl: Option<u32>,
    /// What a list tells of it: JSON of at most 1,024 bytes.
    pub summary: Option<&'v str>,
}

/// A part of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Keys, and what was stored beside their values.
    pub keys: Vec<(String, Option<serde_json::Value>)>,
    /// Where the next part begins; `None` if there is none.
    pub cursor: Option<String>,
}

/// Values by key. Durable once a write has returned; a reader elsewhere may see the former state for
/// a while, absence included, so the key of a record must never be read before it is first written.
/// A write that failed may have been done all the same.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Store {
    /// Writes a value, new or in place of the former one.
    ///
    /// # Errors
    /// [`StoreError`]; the value may be treated as stored only after `Ok`.
    async fn put(&self, key: &Key, value: Value<'_>) -> Result<(), StoreError>;

    /// Reads a value; `None` where there is none. With a `cache_ttl`, in seconds and at least 30, a
    /// location may go on answering what it has read for so long.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn get(&self, key: &Key, cache_ttl: Option<u32>) -> Result<Option<Vec<u8>>, StoreError>;

    /// Lists at most `limit` (1 to 1,000) of the keys that begin with `prefix`, in their order, with the
    /// summaries that were stored beside their values: from the beginning, or from a `cursor` on.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Cursor`] for a cursor that is none.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Another write to this key was too recent. Worth another try after a second.
    Conflict,
    /// The cursor of a list is none of this store's.
    Cursor,
    /// Anything else; what the store said, for the log.
    Unavailable(String),
}
