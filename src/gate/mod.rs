//! The gate: who may register, under which policy, and how often. Decided before a body is read.

mod admission;
mod book_messages;
pub mod claims;
mod counting;
mod policies;
pub mod rate_limits;
mod rejected_places;
pub mod rejections;
pub mod request_counts;
mod statement_uses;
pub mod token_book;
mod token_policies;
mod trusted_issuers;

pub use admission::{Admission, Applicant, CountedApplicant};
pub use claims::Claims;
pub use rate_limits::{Limit, Limiter, Limits, Network};
pub use rejected_places::RejectedPlaces;
pub use rejections::{RejectionCount, Rejections};
pub use request_counts::{RequestCount, RequestCounts};
pub use statement_uses::{REGISTRATION, REQUEST, StatementUse};
pub use token_book::Books;
pub use token_policies::TokenPolicies;
pub use trusted_issuers::{
    IssuerKeys, Once, Requirement, SignedRequests, StatementSettings, TrustedIssuer,
};

use serde::Deserialize;

use crate::client::{CertificateFault, Policy};
use crate::records::StoreError;
use crate::runtime::EntropyError;
use crate::vocabulary::IssuerId;

/// The mode: who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everyone. Initial access tokens are ignored.
    #[default]
    Open,
    /// Holders of an initial access token (RFC 7591 §3).
    Token,
    /// Everyone, under a narrower policy than holders of an initial access token.
    Tiered,
    /// Registration is closed.
    Closed,
}

/// The operator's settings of a gate.
#[derive(Debug, Clone, Default)]
pub struct GateSettings {
    /// The mode: who may register.
    pub mode: Mode,
    /// The callers that are counted.
    pub limits: Limits,
    /// The policy for every client.
    pub policy: Option<Policy>,
    /// The additional policy for clients without a token, in [`Mode::Tiered`].
    pub anonymous_policy: Option<Policy>,
    /// The issuers whose software statements are trusted.
    pub statements: StatementSettings,
    /// A name for this state of the policies.
    pub version: String,
}

/// The gate of an issuer, for one request.
pub struct Gate<'a, R> {
    /// The issuer.
    pub issuer: &'a IssuerId,
    /// The operator's settings.
    pub settings: &'a GateSettings,
    /// The places that this isolate rejects for some seconds.
    pub rejected_places: &'a RejectedPlaces,
    /// The policies of initial access tokens that this isolate has read.
    pub token_policies: &'a TokenPolicies,
    /// Whether requests are counted at all.
    pub is_counting: bool,
    /// The token book, the rate limits and the clock.
    pub runtime: &'a R,
}

/// Why the gate does not let a caller pass.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// Registration is closed (RFC 7591 §3).
    #[error("registration is closed")]
    Closed,
    /// An initial access token is needed and none was presented.
    #[error("no initial access token")]
    NoInitialToken,
    /// A policy requires a client certificate, or the registration is bound to one.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    /// The initial access token is wrong, revoked, expired or used up.
    #[error("not an initial access token that works")]
    BadInitialToken,
    /// Other registrations hold the last uses of the initial access token, and may yet give them back.
    #[error("other registrations hold the last uses of the initial access token")]
    TokenBusy,
    /// Another registration uses the software statement, and may yet give it back.
    #[error("another registration uses the software statement")]
    StatementBusy,
    /// Too many requests from one place, or at one issuer.
    #[error("over the rate limit")]
    Limited,
    /// The token book holds what it must not; the sentence says what.
    #[error("the book of initial access tokens: {0}")]
    Book(String),
    /// An attempt cannot be named.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The token book or the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
