//! Claims of idempotency keys: a registration that its client may repeat makes one client, whatever happens at the same time.
//!
//! The object of the issuer, which answers one request after another, keeps a claim for each key for a day:
//!
//! 1. [`ClaimRequest::Recall`], before the body is verified: was this key used, and with the same request?
//! 2. [`ClaimRequest::Claim`], just before the client is stored: the registration may write, and nobody else for [`LEASE`]
//!    seconds. A use of an initial access token is taken here, once for the claim. It is not given back: the client can
//!    repeat the request.
//! 3. [`ClaimRequest::Complete`], after the write: whether the client is stored.
//!
//! If step 3 never comes, the next repeat after the lease takes the registration over: it makes the same client with the
//! same credentials, which are derived. It announces its write to the [`ledger`], since the first
//! writer may have answered, and its client may have been changed. A repeat of a stored registration only reads. The
//! ledger knows recent changes and deletions: after one, there is nothing to repeat.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::token_book::{self, Rows};
use crate::records::StoreError;
use crate::records::ledger::{self, LedgerRows};
use crate::vocabulary::IssuerId;

/// How long a writer may take, in seconds. A writer retries for 5 seconds.
pub const LEASE: u64 = 30;
/// How long a key is kept after it was claimed, in seconds.
const KEPT: u64 = 24 * 60 * 60;

/// A request about a claim. `key` is the digest of an idempotency key, `request` that of everything that a repeat must have
/// in common with the first request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ClaimRequest {
    /// Asks for the state of this key.
    Recall {
        /// The digest of the key.
        key: String,
        /// The digest of the request.
        request: String,
    },
    /// May this registration be written?
    Claim {
        /// The digest of the key.
        key: String,
        /// The digest of the request.
        request: String,
        /// The client to be.
        client: ClaimedClient,
        /// The digest of the initial access token that a use is taken of.
        token: Option<String>,
        /// A random name of this attempt: asking again under the same name grants it again.
        attempt: String,
    },
    /// The write is over.
    Complete {
        /// The digest of the key.
        key: String,
        /// Whether KV has acknowledged it.
        is_stored: bool,
    },
}

/// The client of a claim: from what its identifier and its credentials are derived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedClient {
    /// Its identifier.
    pub client_id: String,
    /// When the key was claimed first, in seconds since 1970.
    pub claimed_at: u64,
    /// The number of the key in the ring from which everything is derived.
    pub number: u8,
}

/// The reply about a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimReply {
    /// The key was not used in the last day.
    Unknown,
    /// The key was used with another request.
    OtherRequest,
    /// The registration may be written now.
    Granted,
    /// The token has no use left, or does not work.
    NoUse,
    /// The key was used with this request.
    Known {
        /// Its client.
        client: ClaimedClient,
        /// Its state.
        state: ClaimState,
    },
    /// To [`ClaimRequest::Complete`].
    Noted,
}

/// The state of a claimed registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimState {
    /// A writer is at work.
    Writing,
    /// No writer is at work, and it is not known whether the client is stored.
    Unfinished,
    /// The client is stored.
    Stored,
    /// The client was changed lately: its record as of the latest write, as JSON.
    Changed(String),
    /// The client was deleted.
    Deleted,
}

/// A claim at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    request: String,
    client: ClaimedClient,
    /// The token whose use was taken.
    token: Option<String>,
    is_stored: bool,
    /// Until when a writer may be at work, in seconds since 1970; 0 if none is.
    writing_until: u64,
    /// Which attempt that is.
    attempt: String,
}

/// The claims of an issuer: linearizable, one request after another.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Claims {
    /// Asks for, or about, a claim.
    ///
    /// # Errors
    /// [`StoreError`]; the request may still have been handled.
    async fn claim(
        &self,
        issuer: &IssuerId,
        request: &ClaimRequest,
    ) -> Result<ClaimReply, StoreError>;
}

/// The rows of claims, by the digest of their key.
pub trait ClaimRows {
    /// The claim of a key, as JSON, unless it has expired.
    fn find_claim(&mut self, key: &str, now: u64) -> Option<String>;
    /// Writes a claim, which may be removed at `expires_at`, in seconds since 1970; so may others that have expired.
    fn write_claim(&mut self, key: &str, entry: &str, expires_at: u64, now: u64);
}

/// Answers a request.
///
/// # Errors
/// If a row cannot be read or written.
pub fn handle(
    rows: &mut (impl Rows + LedgerRows + ClaimRows),
    request: ClaimRequest,
    now: u64,
) -> Result<ClaimReply, serde_json::Error> {
    let (ClaimRequest::Recall { key, .. }
    | ClaimRequest::Claim { key, .. }
    | ClaimRequest::Complete { key, .. }) = &request;
    let key = key.clone();
    let known = find::<Entry>(rows, &key, now)?;
    match (request, known) {
        (ClaimRequest::Complete { .. }, None) => Ok(ClaimReply::Noted),
        (ClaimRequest::Complete { is_stored, .. }, Some(entry)) => {
            let is_stored = entry.is_stored || is_stored;
            write(rows, &key, &Entry { is_stored, writing_until: 0, ..entry }, now)?;
            Ok(ClaimReply::Noted)
        }
        (ClaimRequest::Recall { request, .. }, Some(entry)) => {
            Ok(recall(rows, &request, &entry, now))
        }
        (ClaimRequest::Recall { .. }, None) => Ok(ClaimReply::Unknown),
        (ClaimRequest::Claim { request, client, token, attempt, .. }, known) => {
            let taken = match known {
                Some(entry) if now < entry.writing_until && entry.attempt == attempt => {
                    return Ok(ClaimReply::Granted);
                }
                Some(entry) => {
                    match recall(rows, &request, &entry, now) {
                        ClaimReply::Known { state: ClaimState::Unfinished, client: known }
                            if known == client => {}
                        other => return Ok(other),
                    }
                    true
                }
                None => false,
            };
            if let Some(digest) = token.as_ref().filter(|_| !taken)
                && !token_book::take_use(rows, digest, now)?
            {
                return Ok(ClaimReply::NoUse);
            }
            let writing_until = now.saturating_add(LEASE);
            let is_stored = false;
            let entry = Entry { request, client, token, is_stored, writing_until, attempt };
            write(rows, &key, &entry, now)?;
            Ok(ClaimReply::Granted)
        }
    }
}

/// Whether the key of this digest was claimed with a use of this token, so that a repeat needs no other one.
///
/// # Errors
/// If the row cannot be read.
pub(super) fn has_taken(
    rows: &mut impl ClaimRows,
    key: &str,
    token: &str,
    now: u64,
) -> Result<bool, serde_json::Error> {
    Ok(find::<Entry>(rows, key, now)?.is_some_and(|entry| entry.token.as_deref() == Some(token)))
}

/// Reads the claim of a key.
///
/// # Errors
/// If it has another form.
pub(super) fn find<E: DeserializeOwned>(
    rows: &mut impl ClaimRows,
    key: &str,
    now: u64,
) -> Result<Option<E>, serde_json::Error> {
    let text = rows.find_claim(key, now);
    text.map(|text| serde_json::from_slice(text.as_bytes())).transpose()
}

fn write(
    rows: &mut impl ClaimRows,
    key: &str,
    entry: &Entry,
    now: u64,
) -> Result<(), serde_json::Error> {
    let expires_at = entry.client.claimed_at.saturating_add(KEPT);
    rows.write_claim(key, &serde_json::to_string(entry)?, expires_at, now);
    Ok(())
}

/// The state of a claim, for a request with this digest.
fn recall(rows: &mut impl LedgerRows, request: &str, entry: &Entry, now: u64) -> ClaimReply {
    if entry.request != request {
        return ClaimReply::OtherRequest;
    }
    let state = match ledger::latest(rows, &entry.client.client_id, now) {
        Some(record) if record.is_empty() => ClaimState::Deleted,
        Some(record) => ClaimState::Changed(record),
        None if entry.is_stored => ClaimState::Stored,
        None if now < entry.writing_until => ClaimState::Writing,
        None => ClaimState::Unfinished,
    };
    ClaimReply::Known { client: entry.client.clone(), state }
}
