//! Uses of software statements that can have one client only: exactly once, whatever happens at the same time.
//!
//! The object of the issuer, which answers one request after another, keeps the client of each use:
//!
//! 1. [`BookRequest::UseStatement`], just before the client is stored: the use belongs to this client now. The same client
//!    may ask again at any time.
//! 2. [`BookRequest::SettleStatement`], after the write: the client is stored.
//!
//! If step 2 never comes, the use is in doubt after [`LEASE`] seconds. The next client that wants it looks in the store: if
//! the first client exists, the use was made; otherwise it passes on. The use of a statement (`jti`) is then final. That of
//! a software (`software_id`) passes on once its client is gone, but not before KV shows a new client everywhere.
//!
//! [`BookRequest::UseStatement`]: super::token_book::BookRequest::UseStatement
//! [`BookRequest::SettleStatement`]: super::token_book::BookRequest::SettleStatement

use serde::{Deserialize, Serialize};

use super::claims::{ClaimRows, find};
use super::token_book::{BookReply, BookRequest, Books, LEASE};
use super::{Gate, GateError, Limiter};
use crate::records::ledger::{self, LedgerRows};
use crate::records::{Ledgers, Records, Store};
use crate::runtime::{Clock, Entropy};
use crate::vocabulary::{ClientId, Digest};

/// How long KV may not show a new client at a location, in seconds.
const VISIBILITY: u64 = 90;

/// A use that a client wants to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementUse {
    /// The claim that can have one client only, or [`REQUEST`] or [`REGISTRATION`].
    #[serde(skip)]
    pub claim: &'static str,
    /// A digest of the issuer and that claim.
    pub key: String,
    /// When the use may be forgotten, in seconds since 1970.
    pub expires_at: u64,
    /// Whether it passes on once its client is gone.
    pub is_renewable: bool,
}

/// A signed request, which can be used once.
pub const REQUEST: &str = "request";
/// Software that can have one registration.
pub const REGISTRATION: &str = "registration";

impl StatementUse {
    /// The use of a signed request of the software `iss` that expires at `exp`, in seconds since 1970.
    #[must_use]
    pub fn of_request(iss: &str, jti: &str, exp: u64) -> Self {
        let parts = ["request", iss, jti].map(str::as_bytes);
        let key = format!("statement {}", String::from(Digest::of_parts(&parts)));
        // By the clock of the object, too, nobody can use it again then.
        let expires_at = exp.saturating_add(120);
        Self { claim: REQUEST, key, expires_at, is_renewable: false }
    }
}

/// A use at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    client_id: String,
    /// Whether the client is known to be stored.
    is_settled: bool,
    /// Until when the store need not show the client, in seconds since 1970.
    until: u64,
    expires_at: u64,
}

impl<R: Clock + Entropy + Limiter + Books + Ledgers> Gate<'_, R> {
    /// Takes the use for `client_id`, just before that client is stored. Whether it has the use now.
    ///
    /// # Errors
    /// [`GateError::StatementBusy`] while another client is being stored; [`GateError::Store`]
    pub async fn use_statement<S: Store>(
        &self,
        records: &Records<'_, S, R>,
        wanted: &StatementUse,
        client_id: &ClientId,
    ) -> Result<bool, GateError> {
        let mut instead_of = None;
        // Once to ask, and once after the client in doubt was looked up.
        for _ in 0..2 {
            let client_id = client_id.to_string();
            let wanted = wanted.clone();
            let request = BookRequest::UseStatement { wanted, client_id, instead_of };
            let (other, is_settled, in_doubt) = match self.book(request).await? {
                BookReply::StatementUsed { client_id, is_settled, in_doubt } => {
                    (client_id, is_settled, in_doubt)
                }
                BookReply::Done(true) => return Ok(true),
                _ => return Ok(false),
            };
            if !in_doubt {
                return if is_settled { Ok(false) } else { Err(GateError::StatementBusy) };
            }
            if let Some(id) = ClientId::parse(&other)
                && records.is_stored(&id).await?
            {
                return Ok(false);
            }
            instead_of = Some(other);
        }
        Err(GateError::StatementBusy)
    }

    /// The client is stored. If the object does not hear of it, whether the client exists decides later.
    pub async fn settle_statement(&self, wanted: &StatementUse, client_id: &ClientId) {
        let (key, client_id) = (wanted.key.clone(), client_id.to_string());
        let _ = self.book(BookRequest::SettleStatement { key, client_id }).await;
    }
}

/// Takes the use for `client_id`; in the place of another client if that one is not stored.
///
/// # Errors
/// If a row cannot be read or written.
pub(super) fn take(
    rows: &mut (impl ClaimRows + LedgerRows),
    wanted: &StatementUse,
    client_id: String,
    instead_of: Option<&str>,
    now: u64,
) -> Result<BookReply, serde_json::Error> {
    let mut known = find::<Entry>(rows, &wanted.key, now)?;
    if known.as_ref().is_some_and(|entry| entry.client_id == client_id && entry.is_settled) {
        return Ok(BookReply::Done(true));
    }
    known.take_if(|entry| entry.client_id == client_id);
    if let Some(mut entry) = known {
        if !wanted.is_renewable && is_deleted(rows, &entry.client_id, now) {
            // It was stored once: the use was made.
            entry.is_settled = true;
        }
        let in_doubt = now >= entry.until && (wanted.is_renewable || !entry.is_settled);
        if !in_doubt || instead_of != Some(&entry.client_id) {
            let Entry { client_id, is_settled, .. } = entry;
            return Ok(BookReply::StatementUsed { client_id, is_settled, in_doubt });
        }
    }
    let (until, expires_at) = (now.saturating_add(LEASE), wanted.expires_at);
    write(rows, &wanted.key, &Entry { client_id, is_settled: false, until, expires_at }, now)?;
    Ok(BookReply::Done(true))
}

/// Whether the ledger knows the client as deleted: by an empty record.
fn is_deleted(rows: &mut impl LedgerRows, client_id: &str, now: u64) -> bool {
    ledger::latest(rows, client_id, now).is_some_and(|record| record.is_empty())
}

/// Notes that the client of a use is stored.
///
/// # Errors
/// If a row cannot be read or written.
pub(super) fn settle(
    rows: &mut impl ClaimRows,
    key: &str,
    client_id: &str,
    now: u64,
) -> Result<BookReply, serde_json::Error> {
    let known = find::<Entry>(rows, key, now)?.filter(|entry| entry.client_id == client_id);
    if let Some(entry) = &known {
        let until = now.saturating_add(VISIBILITY);
        write(rows, key, &Entry { is_settled: true, until, ..entry.clone() }, now)?;
    }
    Ok(BookReply::Done(known.is_some()))
}

fn write(
    rows: &mut impl ClaimRows,
    key: &str,
    entry: &Entry,
    now: u64,
) -> Result<(), serde_json::Error> {
    rows.write_claim(key, &serde_json::to_string(entry)?, entry.expires_at, now);
    Ok(())
}
