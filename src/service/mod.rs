//! The procedures of the specifications, as functions with numbered steps: discover, register, manage, look up, and what
//! the operator does. Each takes what it needs: the issuer, its records, its gate, and the runtime.

pub mod admin;
mod credentials;
mod error;
mod holder;
mod information;
mod keys;
pub mod look_up;
pub mod manage;
mod register;
mod request;

pub use error::Error;
pub use holder::RegistrationHolder;
pub use information::Information;
pub use register::{dry_run, register};

use crate::gate::{Books, GateError, Limiter};
use crate::records::{Change, Ledgers};
use crate::runtime::{Clock, Curves, Entropy, Fetch};
use crate::vocabulary::Unicode;

/// Everything that the procedures need from outside, except for the store.
pub trait Ports: Clock + Entropy + Fetch + Curves + Unicode + Limiter + Books + Ledgers {}

impl<R: Clock + Entropy + Fetch + Curves + Unicode + Limiter + Books + Ledgers> Ports for R {}

/// The record as it is after an update and the value of its decision.
///
/// # Errors
/// [`Error::Busy`], [`GateError::Limited`]; `absent` where there is no such client.
fn done<T>(change: Change<T>, absent: Error) -> Result<(crate::client::Record, T), Error> {
    match change {
        Change::Done(record, value) => Ok((record, value)),
        Change::Absent => Err(absent),
        Change::Busy => Err(Error::Busy),
        Change::Limited => Err(GateError::Limited.into()),
    }
}
