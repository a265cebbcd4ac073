//! The book of an issuer's initial access tokens (RFC 7591 §3): who has how many uses left.
//!
//! One object at one place keeps a book and answers one request after another, so that N uses are N
//! registrations whatever happens at the same time. A registration asks three times:
//!
//! 1. `Check`, before its body is read: does the token work? Nothing is taken, so a body that never arrives, or
//!    is rejected, blocks no other caller.
//! 2. `Reserve`, just before the client is stored: takes a use for its `client_id`.
//! 3. `Settle`, once the client is stored: the use is final.
//!
//! If the third request never comes, the reservation is in doubt after [`LEASE`] seconds. A token that has no use left
//! then but those in doubt names their clients to the next caller, who looks them up in the store: a client that exists
//! has made its use (`Settle`), and the use of one that does not exist is given back (`Lapse`). One network has at most 30 reservations of a token, so that requests which it breaks off between
//! the second and the third leave room for others.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use super::book_messages::{BookReply, BookRequest};
use super::claims::{self, ClaimRows};
use super::rejections::{self, RejectionCount};
use super::request_counts::{self, RequestRows};
use super::statement_uses;
use crate::client::{Record, TokenName};
use crate::records::StoreError;
use crate::records::document_decisions::{self, DecisionRow};
use crate::records::ledger::{self, LedgerRows};
use crate::vocabulary::IssuerId;

/// How long a reservation is good for, in seconds.
pub const LEASE: u64 = 60;
/// The most reservations of a token, so that its entry stays small. Some are in doubt by then, or very many are on
/// their way at once.
const RESERVATIONS: usize = 300;
/// The most reservations of a token from one IPv4 address or IPv6 /48 network.
const RESERVATIONS_PER_PLACE: usize = 30;

/// An initial access token at rest, under its digest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// The name that the operator knows it by.
    pub name: TokenName,
    /// When it was made, in seconds since 1970.
    pub created_at: u64,
    /// When it stops working, in seconds since 1970.
    pub expires_at: u64,
    /// The number of clients that can be registered with it.
    pub uses: u64,
    /// The number of clients that were, those being registered right now included.
    pub used: u64,
    /// The policy that rides on it.
    pub policy: Map<String, Value>,
    /// Uses taken by clients that are not known to be stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reservations: Vec<Reservation>,
}

/// A use that is being made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reservation {
    client_id: String,
    /// When it comes to be in doubt, in seconds since 1970.
    until: u64,
    /// The place it comes from: [`InitialAccessToken::name`](crate::vocabulary::InitialAccessToken::name) of the
    /// place, never an address. Absent where places are not counted, and in entries of former versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

/// The books of initial access tokens, one for each issuer: linearizable, one request after another.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Books {
    /// Handles a request completely or not at all.
    ///
    /// # Errors
    /// [`StoreError`]; the request may still have been handled.
    async fn book(&self, issuer: &IssuerId, request: BookRequest) -> Result<BookReply, StoreError>;
}

/// The rows of a book.
pub trait Rows {
    /// The entry under a digest, as JSON.
    fn get(&mut self, digest: &str) -> Option<String>;
    /// Writes an entry.
    fn put(&mut self, digest: &str, entry: &str);
    /// Deletes an entry.
    fn delete(&mut self, digest: &str);
    /// Every digest with its entry.
    fn all(&mut self) -> Vec<(String, String)>;
    /// The counts of rejections, as JSON.
    fn rejections(&mut self) -> Option<String>;
    /// Writes the counts of rejections.
    fn put_rejections(&mut self, counts: &str);
}

/// Handles a request completely or not at all.
///
/// # Errors
/// If an entry cannot be read or written.
pub fn handle(
    rows: &mut (impl Rows + LedgerRows + DecisionRow + ClaimRows + RequestRows),
    request: BookRequest,
    now: u64,
) -> Result<BookReply, serde_json::Error> {
    match request {
        BookRequest::Mint { digest, entry } => {
            delete_expired(rows, now)?;
            rows.put(&digest, &serde_json::to_string(&entry)?);
            Ok(BookReply::Done(true))
        }
        BookRequest::List => {
            delete_expired(rows, now)?;
            let entries = rows.all().into_iter().map(|(_, entry)| Entry::parse(&entry));
            Ok(BookReply::Entries(entries.collect::<Result<_, _>>()?))
        }
        BookRequest::Revoke { id } => {
            for (digest, entry) in rows.all() {
                if Entry::parse(&entry)?.name.id == id {
                    rows.delete(&digest);
                    return Ok(BookReply::Done(true));
                }
            }
            Ok(BookReply::Done(false))
        }
        BookRequest::Check { digest, claim } => {
            let has_taken = match claim {
                Some(key) => claims::has_taken(rows, &key, &digest, now)?,
                None => false,
            };
            change(rows, &digest, now, |entry| {
                let may = has_taken || entry.used < entry.uses;
                if may { Ok(()) } else { Err(entry.refusal(now)) }
            })
        }
        BookRequest::Reserve { digest, client_id, place, shared } => {
            let is_known = shared && is_shared_already(rows, &client_id, now);
            let take = |entry: &mut Entry| entry.reserve(client_id, place, now);
            change(rows, &digest, now, |entry| if is_known { Ok(()) } else { take(entry) })
        }
        BookRequest::Confirm { digest, client_id } => change(rows, &digest, now, |entry| {
            let known = entry.reservations.iter_mut().find(|one| one.client_id == client_id);
            let reservation = known.ok_or_else(BookReply::refused)?;
            reservation.until = now.saturating_add(LEASE);
            Ok(())
        }),
        BookRequest::Settle { digest, client_id } => change(rows, &digest, now, |entry| {
            entry.reservations.retain(|reservation| reservation.client_id != client_id);
            Ok(())
        }),
        BookRequest::Release { digest, client_id } => change(rows, &digest, now, |entry| {
            entry.give_back(|one| one.client_id == client_id);
            Ok(())
        }),
        BookRequest::CountRejections { counts } => {
            let kept = rejections::add(kept_rejections(rows), counts, now);
            rows.put_rejections(&serde_json::to_string(&kept)?);
            Ok(BookReply::Done(true))
        }
        BookRequest::ListRejections => {
            Ok(BookReply::Rejections(rejections::add(kept_rejections(rows), Vec::new(), now)))
        }
        BookRequest::CountRequests { counts } => {
            rows.add_requests(&serde_json::to_string(&counts)?, now);
            Ok(BookReply::Done(true))
        }
        BookRequest::FindRequests { client_ids } => {
            request_counts::find(rows, &client_ids).map(BookReply::Requests)
        }
        BookRequest::Documents(change) => {
            document_decisions::handle(rows, change, now).map(BookReply::Documents)
        }
        BookRequest::UseStatement { wanted, client_id, instead_of } => {
            statement_uses::take(rows, &wanted, client_id, instead_of.as_deref(), now)
        }
        BookRequest::SettleStatement { key, client_id } => {
            statement_uses::settle(rows, &key, &client_id, now)
        }
        BookRequest::Lapse { digest, client_ids } => {
            // The ledger knows a deleted client by an empty record, and a shared one that may yet be stored by another.
            let known = client_ids.iter().map(|id| (ledger::latest(rows, id, now), id));
            let (known, absent): (Vec<_>, Vec<_>) = known.partition(|(record, _)| record.is_some());
            let deleted = |id: &String| known.contains(&(Some(String::new()), id));
            change(rows, &digest, now, |entry| {
                entry.reservations.retain(|one| !deleted(&one.client_id));
                entry.give_back(|one| one.until <= now && absent.contains(&(None, &one.client_id)));
                Ok(())
            })
        }
    }
}

/// Whether the ledger knows that this shared client is there, or was deleted: then its registration took the use.
fn is_shared_already(rows: &mut impl LedgerRows, client_id: &str, now: u64) -> bool {
    let has_expired =
        |json: &str| Record::parse(json.as_bytes()).is_ok_and(|record| record.has_expired(now));
    ledger::latest(rows, client_id, now).is_some_and(|json| json.is_empty() || !has_expired(&json))
}

/// Takes a use for good; whether there was one.
///
/// # Errors
/// If the entry cannot be read or written.
pub(super) fn take_use(
    rows: &mut impl Rows,
    digest: &str,
    now: u64,
) -> Result<bool, serde_json::Error> {
    let taken = change(rows, digest, now, |entry| {
        if entry.used >= entry.uses {
            return Err(entry.refusal(now));
        }
        entry.used = entry.used.saturating_add(1);
        Ok(())
    });
    Ok(matches!(taken?, BookReply::Granted(_)))
}

/// Counts that cannot be read are nothing to fail for.
fn kept_rejections(rows: &mut impl Rows) -> Vec<RejectionCount> {
    serde_json::from_slice(rows.rejections().unwrap_or_default().as_bytes()).unwrap_or_default()
}

impl BookReply {
    /// For good.
    fn refused() -> Self {
        Self::Refused { in_doubt: Vec::new(), pending: false }
    }
}

impl Entry {
    fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json.as_bytes())
    }

    fn reserve(
        &mut self,
        client_id: String,
        place: Option<String>,
        now: u64,
    ) -> Result<(), BookReply> {
        let until = now.saturating_add(LEASE);
        let known = self.reservations.iter_mut().find(|one| one.client_id == client_id);
        if let Some(reservation) = known {
            reservation.until = until;
            return Ok(());
        }
        let same = |one: &&Reservation| place.is_some() && one.place == place;
        let from_here = self.reservations.iter().filter(same).count();
        if self.used >= self.uses
            || self.reservations.len() >= RESERVATIONS
            || from_here >= RESERVATIONS_PER_PLACE
        {
            return Err(self.refusal(now));
        }
        self.used = self.used.saturating_add(1);
        self.reservations.push(Reservation { client_id, until, place });
        Ok(())
    }

    /// Gives back the uses of these reservations.
    fn give_back(&mut self, of: impl Fn(&Reservation) -> bool) {
        let before = self.reservations.len();
        self.reservations.retain(|reservation| !of(reservation));
        let given = before.saturating_sub(self.reservations.len());
        self.used = self.used.saturating_sub(u64::try_from(given).unwrap_or(0));
    }

    fn refusal(&self, now: u64) -> BookReply {
        let lapsed = self.reservations.iter().filter(|one| one.until <= now);
        let in_doubt: Vec<String> = lapsed.map(|one| one.client_id.clone()).collect();
        BookReply::Refused { pending: in_doubt.len() < self.reservations.len(), in_doubt }
    }
}

/// Changes the entry of a token that still works.
fn change(
    rows: &mut impl Rows,
    digest: &str,
    now: u64,
    change: impl FnOnce(&mut Entry) -> Result<(), BookReply>,
) -> Result<BookReply, serde_json::Error> {
    let Some(text) = rows.get(digest) else { return Ok(BookReply::refused()) };
    let mut entry = Entry::parse(&text)?;
    if entry.expires_at <= now {
        rows.delete(digest);
        return Ok(BookReply::refused());
    }
    if let Err(refusal) = change(&mut entry) {
        return Ok(refusal);
    }
    let changed = serde_json::to_string(&entry)?;
    if changed != text {
        rows.put(digest, &changed);
    }
    Ok(BookReply::Granted(Box::new(entry)))
}

fn delete_expired(rows: &mut impl Rows, now: u64) -> Result<(), serde_json::Error> {
    for (digest, entry) in rows.all() {
        if Entry::parse(&entry)?.expires_at <= now {
            rows.delete(&digest);
        }
    }
    Ok(())
}
