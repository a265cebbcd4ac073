//! The procedures of the specifications, as functions with numbered steps: discover, register, manage, look up, and what
//! the operator does. Each takes an [`IssuerContext`]: the issuer, its records, its gate, and the runtime.

pub mod admin;
mod credentials;
pub mod documents;
mod error;
mod fetching;
mod holder;
pub mod hosted;
mod idempotent;
mod information;
pub mod jws;
mod keys;
pub mod look_up;
pub mod manage;
mod register;
mod request;
mod sector;
mod shared;
mod signed_requests;
mod statements;

pub use documents::DocumentEvent;
pub use error::Error;
pub use holder::RegistrationHolder;
pub use idempotent::register_once;
pub use information::Information;
pub use register::{dry_run, register};
pub use signed_requests::Body;

use std::cell::RefCell;

use crate::client::{Record, UseRecording};
use crate::gate::{Books, Claims, Gate, GateError, Limiter};
use crate::issuer::Issuer;
use crate::records::{Change, Ledgers, Records, RecordsError, Store};
use crate::runtime::{Clock, Curves, Entropy, Fetch, Sealing, Signatures};
use crate::vocabulary::{ClientId, Unicode};

/// Everything that the procedures need from outside, except for the store.
pub trait Ports:
    Clock
    + Entropy
    + Fetch
    + Curves
    + Sealing
    + Signatures
    + Unicode
    + Limiter
    + Books
    + Ledgers
    + Claims
{
}

impl<
    R: Clock
        + Entropy
        + Fetch
        + Curves
        + Sealing
        + Signatures
        + Unicode
        + Limiter
        + Books
        + Ledgers
        + Claims,
> Ports for R
{
}

/// An issuer with what a request to it works on.
pub struct IssuerContext<'a, S, R> {
    /// The issuer.
    pub issuer: &'a Issuer,
    /// The records of its clients.
    pub records: Records<'a, S, R>,
    /// Its gate.
    pub gate: Gate<'a, R>,
    /// Time, randomness, and everything else from outside.
    pub runtime: &'a R,
    events: RefCell<Vec<DocumentEvent>>,
    subject: RefCell<Option<String>>,
}

impl<'a, S: Store, R: Ports> IssuerContext<'a, S, R> {
    /// The context of one request.
    pub fn new(issuer: &'a Issuer, store: S, runtime: &'a R) -> Self {
        let (records, gate) = (issuer.records(store, runtime), issuer.gate(runtime));
        Self {
            issuer,
            records,
            gate,
            runtime,
            events: RefCell::default(),
            subject: RefCell::default(),
        }
    }

    /// Notes something that happened to a metadata document, for the log and the webhook.
    fn happened(&self, event: DocumentEvent) {
        self.events.borrow_mut().push(event);
    }

    /// Notes the well-formed identifier of the client that the request is about, for the log.
    fn concerns(&self, client_id: &str) {
        self.subject.replace(Some(client_id.to_owned()));
    }

    /// Takes the identifier of the client that the request is about, if its body names it.
    pub fn take_subject(&self) -> Option<String> {
        self.subject.take()
    }

    /// Takes what happened to metadata documents.
    pub fn take_events(&self) -> Vec<DocumentEvent> {
        self.events.take()
    }

    fn use_recording(&self) -> UseRecording {
        self.issuer.lifetimes.use_recording()
    }

    /// Whether a use of the client now has to be recorded.
    fn use_is_unrecorded(&self, record: &Record) -> bool {
        let (recording, now) = (self.use_recording(), self.runtime.now());
        record.is_active() && record.use_is_to_be_recorded(recording, now)
    }

    /// The record of a client, in the cache of this location for as long as the operator allows.
    async fn get_cached(&self, client_id: &ClientId) -> Result<Option<Record>, RecordsError> {
        self.records.get_cached(client_id, self.issuer.cache_ttl).await
    }
}

/// The record as it is after an update and the value of its decision.
///
/// # Errors
/// [`Error::Busy`], [`GateError::Limited`]; `absent` where there is no such client.
fn done<T>(change: Change<T>, absent: Error) -> Result<(Record, T), Error> {
    match change {
        Change::Done(record, value) => Ok((record, value)),
        Change::Absent => Err(absent),
        Change::Busy => Err(Error::Busy),
        Change::Limited => Err(GateError::Limited.into()),
    }
}
