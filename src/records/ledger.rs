//! The ledger of an issuer: which clients were changed or deleted recently. Every change of a record is announced here.
//!
//! KV shows other locations the previous state of a record for a minute, and it cannot compare before it
//! writes. So each write of an existing record goes through one object for each issuer, which handles one
//! request after another:
//!
//! 1. The writer reads the record from KV, builds the new state, and asks to begin ([`LedgerRequest::Begin`]).
//! 2. If the ledger knows a later state than the writer has seen, it returns that one
//!    ([`LedgerReply::Newer`]). The writer decides again on top of it and goes back to step 1.
//! 3. Otherwise the ledger keeps the new state and grants the write. Until the writer has finished, every
//!    other writer of this client gets [`LedgerReply::Busy`].
//! 4. The writer writes to KV and reports whether KV has stored it ([`LedgerRequest::Finish`]).
//!
//! If step 4 fails or never happens, the kept state still counts: the next writer builds on it, and stores it
//! even if there is nothing else to change. A writer that never finishes blocks others for [`LEASE`] seconds. A deletion
//! is steps 1 and 3 at once and has no step 4: no writer can begin after it. An operator who finds a client busy comes
//! next.
//!
//! Registrations and look-ups do not ask the ledger.

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::vocabulary::IssuerId;

/// How long a writer may take from the grant to its last write, in seconds. A writer retries for 5 seconds.
pub const LEASE: u64 = 30;
/// How long a state is kept, in seconds. A location sees a previous state for a minute, sometimes longer.
const KEPT: u64 = 600;
/// How long a deletion is kept, in seconds: an export that is imported again revives no deleted client.
const DELETION_KEPT: u64 = 365 * 24 * 60 * 60;
/// For how long only an operator may begin once the write is over that an operator found under way, in seconds.
const OPERATOR_TURN: u64 = 120;

/// The party that wants to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writer {
    /// The holder of the registration access token, or a recorded use.
    Client,
    /// The operator, who goes first.
    Operator,
}

/// A request to a ledger. `seen` is the number of the latest write that the writer has seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum LedgerRequest {
    /// May this record be written?
    Begin {
        /// The client.
        client_id: String,
        /// The latest write that the new state is built on.
        seen: u64,
        /// The record to be written, as JSON.
        record: String,
        /// The party that wants to write.
        writer: Writer,
        /// A random name of this attempt: asking again under the same name grants it again.
        attempt: String,
    },
    /// The write with this number is over.
    Finish {
        /// The client.
        client_id: String,
        /// The number of the write.
        number: u64,
        /// Whether KV has acknowledged it.
        is_stored: bool,
    },
    /// Marks the client as deleted.
    Delete {
        /// The client.
        client_id: String,
        /// The latest write that the decision is built on; `None` to delete whatever there is.
        seen: Option<u64>,
        /// The party that wants to delete it.
        writer: Writer,
    },
    /// Is this the latest write?
    Check {
        /// The client.
        client_id: String,
        /// The latest write that was seen.
        seen: u64,
    },
}

/// The reply of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LedgerReply {
    /// The writer may begin; or, to [`LedgerRequest::Finish`], the end is recorded.
    Granted,
    /// There is a later state. Decide again on top of it.
    Newer {
        /// The record, as JSON.
        record: String,
        /// Whether KV has it, as far as the ledger knows.
        is_stored: bool,
    },
    /// Another write of this client is under way.
    Busy,
    /// The client is deleted.
    Deleted,
}

/// The ledgers of changes and deletions, one for each issuer: linearizable, one request after another.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Ledgers {
    /// Asks the ledger of `issuer`.
    ///
    /// # Errors
    /// [`StoreError`]; the request may still have been handled.
    async fn ledger(
        &self,
        issuer: &IssuerId,
        request: &LedgerRequest,
    ) -> Result<LedgerReply, StoreError>;
}

/// The rows of a ledger: for each client its state, which is small JSON, and its record.
pub trait LedgerRows {
    /// The state of a client that has not expired.
    fn find(&mut self, client_id: &str, now: u64) -> Option<String>;
    /// The record of that state.
    fn find_record(&mut self, client_id: &str) -> Option<String>;
    /// Writes a state and, unless the one that is there stays, the record. Both may be removed at `expires_at`, in
    /// seconds since 1970.
    fn write(&mut self, client_id: &str, state: &str, record: Option<&str>, expires_at: u64);
    /// Removes rows that have expired, not necessarily all of them at once.
    fn remove_expired(&mut self, now: u64);
}

/// The state of a client; its record as of the latest write is kept separately.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    /// The number of the latest write.
    number: u64,
    /// Whether KV has acknowledged that write.
    is_stored: bool,
    deleted: bool,
    /// Until when the latest write may be under way, in seconds since 1970; 0 if it is over.
    writing_until: u64,
    /// Which attempt that is.
    attempt: String,
    /// Until when only an operator may begin, in seconds since 1970.
    operator_until: u64,
}

impl State {
    /// Why `writer` may not begin now.
    fn refusal(&mut self, writer: Writer, now: u64) -> Option<LedgerReply> {
        if self.deleted {
            return Some(LedgerReply::Deleted);
        }
        let is_writing = now < self.writing_until;
        if is_writing && writer == Writer::Operator {
            self.operator_until = self.writing_until.saturating_add(OPERATOR_TURN);
        }
        let waits = is_writing || writer == Writer::Client && now < self.operator_until;
        waits.then_some(LedgerReply::Busy)
    }
}

/// Answers a request.
///
/// # Errors
/// If a row cannot be read or written.
pub fn handle(
    rows: &mut impl LedgerRows,
    request: LedgerRequest,
    now: u64,
) -> Result<LedgerReply, serde_json::Error> {
    let (LedgerRequest::Begin { client_id, .. }
    | LedgerRequest::Finish { client_id, .. }
    | LedgerRequest::Delete { client_id, .. }
    | LedgerRequest::Check { client_id, .. }) = &request;
    let client_id = client_id.clone();
    rows.remove_expired(now);
    let known = rows.find(&client_id, now).map(|text| serde_json::from_slice(text.as_bytes()));
    let mut state: State = known.transpose()?.unwrap_or_default();
    let before = state.clone();
    let mut written = None;
    let reply = match request {
        LedgerRequest::Check { seen, .. } if state.deleted || seen >= state.number => {
            return Ok(if state.deleted { LedgerReply::Deleted } else { LedgerReply::Granted });
        }
        LedgerRequest::Check { .. } => newer(rows, &client_id, &state),
        LedgerRequest::Begin { attempt, .. }
            if now < state.writing_until && attempt == state.attempt =>
        {
            LedgerReply::Granted
        }
        LedgerRequest::Begin { seen, record, writer, attempt, .. } => {
            if let Some(refusal) = state.refusal(writer, now) {
                refusal
            } else if seen < state.number {
                newer(rows, &client_id, &state)
            } else {
                let (number, writing_until) = (seen.saturating_add(1), now.saturating_add(LEASE));
                state = State { number, writing_until, attempt, ..State::default() };
                written = Some(record);
                LedgerReply::Granted
            }
        }
        LedgerRequest::Delete { seen, writer, .. } => {
            if let Some(refusal) = state.refusal(writer, now) {
                refusal
            } else if seen.is_some_and(|seen| seen < state.number) {
                newer(rows, &client_id, &state)
            } else {
                state = State { deleted: true, ..State::default() };
                written = Some(String::new());
                LedgerReply::Granted
            }
        }
        LedgerRequest::Finish { number, is_stored, .. } => {
            if state.number == number {
                (state.writing_until, state.is_stored) = (0, is_stored);
            }
            LedgerReply::Granted
        }
    };
    if state != before {
        let kept = if state.deleted { DELETION_KEPT } else { KEPT };
        let text = serde_json::to_string(&state)?;
        rows.write(&client_id, &text, written.as_deref(), now.saturating_add(kept));
    }
    Ok(reply)
}

/// The latest state, for a writer that has seen an earlier one.
fn newer(rows: &mut impl LedgerRows, client_id: &str, state: &State) -> LedgerReply {
    let record = rows.find_record(client_id).unwrap_or_default();
    LedgerReply::Newer { record, is_stored: state.is_stored }
}

/// The record of the latest write of a client that the ledger knows, empty for a deleted client; `None` if the client was
/// not changed lately.
pub fn latest(rows: &mut impl LedgerRows, client_id: &str, now: u64) -> Option<String> {
    rows.find(client_id, now)?;
    rows.find_record(client_id)
}
