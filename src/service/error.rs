//! The errors of procedures. `http` decides which part of them a caller gets.

use crate::client::Problems;
use crate::gate::GateError;
use crate::issuer::{DocumentFailure, ProfileError};
use crate::records::RecordsError;
use crate::runtime::EntropyError;
use crate::vocabulary::ClientId;

/// Why a procedure failed. The sentences are for the log: what an operator has to know, without anything that a caller
/// wrote or the store holds.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client's metadata break rules (RFC 7591 §3.2.2). Never empty.
    #[error("{}", .0.rules().join(" "))]
    Metadata(Problems),
    /// The metadata that an operator wants break policies only, which can be overridden. Never empty.
    #[error("{}", .0.rules().join(" "))]
    Policy(Problems),
    /// No registration access token was presented (RFC 6750 §3).
    #[error("no registration access token")]
    NoToken,
    /// The token is malformed, wrong, of another client, or its client does not exist: the caller must not learn which.
    #[error("not the client's registration access token")]
    BadToken,
    /// The request cannot be understood: the sentence says why.
    #[error("a request that cannot be understood")]
    Request(String),
    /// The name is unknown.
    #[error("nothing of this name")]
    Unknown,
    /// The identifier was issued a moment ago, and the store does not show its client at this location.
    #[error("the store does not show a client whose identifier is new")]
    Young,
    /// A registration or a document is not in the state that `If-Match` or `If-None-Match` asks for (RFC 9110 §13.1).
    #[error("the precondition of the request failed")]
    PreconditionFailed,
    /// Other writes of this client are under way.
    #[error("other writes of the client are under way")]
    Busy,
    /// The operator has disabled the client (RFC 7592 §2.1: no permission).
    #[error("the client is disabled")]
    Disabled,
    /// The authorization server may not ask for client secrets.
    #[error("the caller may not ask for client secrets")]
    NoSecrets,
    /// The operator has rejected the client.
    #[error("the client is rejected")]
    Rejected,
    /// The operator has deleted, disabled or rejected the shared client.
    #[error("the shared client is deleted, disabled or rejected")]
    SharedEnded,
    /// The idempotency key was used with another request.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    /// The registration of this idempotency key cannot be repeated: the credentials that it has issued do not all work.
    #[error("the client of the idempotency key has changed or ended")]
    Ended,
    /// The client has another version than the one that the operator has decided about.
    #[error("the client has another version")]
    AnotherVersion,
    /// There is no such client, or the secret does not work now (RFC 6749 §5.2).
    #[error("no client, or not its secret")]
    InvalidClient {
        /// Whether it was presented in an `Authorization` header.
        basic: bool,
        /// Which client it was said to be, if it could be one.
        client_id: Option<ClientId>,
    },
    /// The client's metadata document cannot be used.
    #[error(transparent)]
    Document(#[from] DocumentFailure),
    /// The operator does not let this client in.
    #[error("the operator does not allow this client")]
    Unapproved,
    /// The gate does not let the caller pass.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// Records cannot be read or written.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// There is no profile at the moment.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The runtime could not tell whether keys are points on their curves; what it said.
    #[error("Web Crypto could not judge the keys: {0}")]
    Curves(String),
    /// Signatures cannot be verified at the moment: why.
    #[error("a signature could not be verified: {0}")]
    Keys(String),
    /// No randomness for credentials.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A response or a record cannot be encoded as JSON.
    #[error("an answer or a record could not be written")]
    Json(#[from] serde_json::Error),
}
