//! What the service needs from outside, and what it may rely on.

use std::fmt;

use super::IssuerId;
use crate::vocabulary::ClientId;

/// The time.
pub trait Clock {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64;
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

/// Where a client's record is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientKey {
    issuer: IssuerId,
    client: ClientId,
}

impl ClientKey {
    /// The key of `client` at `issuer`: clients of two issuers never meet.
    #[must_use]
    pub fn new(issuer: &IssuerId, client: &ClientId) -> Self {
        Self { issuer: issuer.clone(), client: client.clone() }
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c:{}:{}", self.issuer, self.client)
    }
}

/// Records by key. Durable once a write has returned; a reader elsewhere may see the former state
/// for a while, absence included, so a key must never be read before it is first written.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Store {
    /// Writes a record, new or in place of the former one.
    ///
    /// # Errors
    /// [`StoreError`]; the record may be treated as stored only after `Ok`.
    async fn put(&self, key: &ClientKey, record: String) -> Result<(), StoreError>;

    /// Reads a record; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn get(&self, key: &ClientKey) -> Result<Option<Vec<u8>>, StoreError>;
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Another write to this key was too recent. Worth another try after a second.
    Conflict,
    /// Anything else; what the store said, for the log.
    Unavailable(String),
}
