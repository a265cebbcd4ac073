//! What can go wrong inside. `http/refusal.rs` decides what of it is told to whom.

use std::fmt;

use super::ports::{EntropyError, StoreError};
use super::upstream::UpstreamError;
use crate::client::{Problems, RecordError};
use crate::vocabulary::{ClientId, EntityTag};

/// Why an operation failed.
#[derive(Debug)]
pub enum Error {
    /// The client's metadata break rules (RFC 7591 §3.2.2). Never empty.
    Metadata(Problems),
    /// No registration access token was presented (RFC 6750 §3).
    NoToken,
    /// The token is malformed, wrong, of another client, or its client does not exist: the caller
    /// must not learn which.
    BadToken,
    /// Nobody may register (RFC 7591 §3).
    Closed,
    /// An initial access token is needed and none was presented.
    NoInitialToken,
    /// The initial access token is wrong, revoked, expired or used up.
    BadInitialToken,
    /// Too many requests from one place, or at one issuer.
    Limited,
    /// The request cannot be understood, whoever sent it: the sentence says why.
    Request(String),
    /// There is nothing of this name.
    Unknown,
    /// The book of initial access tokens holds what it must not; the sentence says what.
    Book(String),
    /// The registration is not in the state that `If-Match` or `If-None-Match` asks for (RFC 9110
    /// §13.1).
    Changed,
    /// Other writes of this client are under way.
    Busy,
    /// The operator has switched the client off (RFC 7592 §2.1: no permission).
    Disabled,
    /// It is no client, or not its secret, or none that works now (RFC 6749 §5.2).
    InvalidClient {
        /// Whether it was presented in an `Authorization` header.
        basic: bool,
        /// Which client it was said to be, if it could be one.
        client_id: Option<ClientId>,
    },
    /// The registration is in the state that the caller has already: this one (RFC 9110 §13.1.2).
    Unmodified(EntityTag),
    /// The store failed.
    Store(StoreError),
    /// The authorization server's own metadata cannot be had.
    Upstream(UpstreamError),
    /// A stored record cannot be read.
    Record(RecordError),
    /// The runtime could not tell whether keys are points on their curves; what it said.
    Curves(String),
    /// No randomness for credentials.
    Entropy(EntropyError),
    /// Something of ours could not be written as JSON.
    Json(serde_json::Error),
}

/// For the log: what an operator has to know, without anything a caller wrote or the store holds.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata(problems) => f.write_str(&problems.rules().join(" ")),
            Self::Closed => f.write_str("registration is closed"),
            Self::NoInitialToken => f.write_str("no initial access token"),
            Self::BadInitialToken => f.write_str("not an initial access token that works"),
            Self::Limited => f.write_str("over the rate limit"),
            Self::Request(_) => f.write_str("a request that cannot be understood"),
            Self::Unknown => f.write_str("nothing of this name"),
            Self::Book(why) => write!(f, "the book of initial access tokens: {why}"),
            Self::NoToken => f.write_str("no registration access token"),
            Self::BadToken => f.write_str("not the client's registration access token"),
            Self::Changed => f.write_str("not the version that was asked for"),
            Self::Busy => f.write_str("other writes of the client are under way"),
            Self::Disabled => f.write_str("the client is disabled"),
            Self::InvalidClient { .. } => f.write_str("no client, or not its secret"),
            Self::Unmodified(_) => f.write_str("not modified"),
            Self::Store(StoreError::Conflict) => f.write_str("two writes to a key within a second"),
            Self::Store(StoreError::Cursor) => f.write_str("no cursor of the store"),
            Self::Store(StoreError::Unavailable(reason)) => write!(f, "the store failed: {reason}"),
            Self::Upstream(error) => error.fmt(f),
            Self::Record(RecordError::Newer { version }) => {
                write!(f, "the record has the later schema version {version}")
            }
            // What the parser says besides could quote the record.
            Self::Record(RecordError::Corrupt { reason }) => {
                let (line, column) = (reason.line(), reason.column());
                write!(f, "the record cannot be read at line {line}, column {column}")
            }
            Self::Record(RecordError::Misplaced) => f.write_str("the record is another client's"),
            Self::Curves(reason) => write!(f, "Web Crypto could not judge the keys: {reason}"),
            Self::Entropy(EntropyError) => f.write_str("no randomness"),
            Self::Json(_) => f.write_str("an answer or a record could not be written"),
        }
    }
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
