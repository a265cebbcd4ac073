//! What the service needs from outside, and what it may rely on.

use std::fmt;

use super::IssuerId;
use crate::vocabulary::ClientId;

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

/// The source of randomness failed.
#[derive(Debug)]
pub struct EntropyError;

/// Where something about a client is stored. Clients of two issuers never meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    family: Family,
    issuer: IssuerId,
    client: ClientId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Client,
    Tombstone,
}

impl Key {
    /// The key of the record of `client` at `issuer`.
    #[must_use]
    pub fn client(issuer: &IssuerId, client: &ClientId) -> Self {
        Self { family: Family::Client, issuer: issuer.clone(), client: client.clone() }
    }

    /// The key that says that `client` was deleted.
    #[must_use]
    pub fn tombstone(issuer: &IssuerId, client: &ClientId) -> Self {
        Self { family: Family::Tombstone, ..Self::client(issuer, client) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = match self.family {
            Family::Client => 'c',
            Family::Tombstone => 'd',
        };
        write!(f, "{family}:{}:{}", self.issuer, self.client)
    }
}

/// Values by key. Durable once a write has returned; a reader elsewhere may see the former state for
/// a while, absence included, so the key of a record must never be read before it is first written.
/// A write that failed may have been done all the same.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Store {
    /// Writes a value, new or in place of the former one; with a `ttl`, in seconds and at least 60,
    /// it vanishes after that.
    ///
    /// # Errors
    /// [`StoreError`]; the value may be treated as stored only after `Ok`.
    async fn put(&self, key: &Key, value: &str, ttl: Option<u64>) -> Result<(), StoreError>;

    /// Reads a value; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

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
    /// Anything else; what the store said, for the log.
    Unavailable(String),
}
