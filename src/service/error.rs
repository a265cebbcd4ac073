//! What can go wrong inside. `http/reply.rs` decides what of it is told to whom.

use super::ports::{EntropyError, StoreError};
use crate::client::{Problem, RecordError};

/// Why an operation failed.
#[derive(Debug)]
pub enum Error {
    /// The client's metadata break rules (RFC 7591 §3.2.2). Never empty.
    Metadata(Vec<Problem>),
    /// No registration access token was presented (RFC 6750 §3).
    NoToken,
    /// The token is malformed, wrong, of another client, or its client does not exist: the caller
    /// must not learn which.
    BadToken,
    /// The store failed.
    Store(StoreError),
    /// A stored record cannot be read.
    Record(RecordError),
    /// No randomness for credentials.
    Entropy(EntropyError),
    /// Something of ours could not be written as JSON.
    Json(serde_json::Error),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<RecordError> for Error {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<EntropyError> for Error {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}
