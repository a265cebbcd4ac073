//! What the server does: discover, register, manage. Each as numbered steps of its spec, over
//! [`ports`], without a runtime.

mod accepted;
pub mod admin;
pub mod checkup;
pub mod config;
mod config_error;
mod counting;
mod credentials;
pub mod development;
mod discovery;
mod error;
pub mod finding;
pub mod gate;
mod holder;
mod hosts;
mod identifier;
mod information;
mod issuer;
pub mod ledger;
pub mod limits;
pub mod look_up;
pub mod manage;
mod origins;
mod overlay;
mod patience;
pub mod ports;
mod profile;
pub mod published;
pub mod reference;
mod register;
mod rejected_places;
mod request;
mod settings;
pub mod token_book;
mod upstream;
mod usage;
pub mod webhook;
mod writing;

use std::cell::RefCell;

pub use config::{Config, Settings};
pub use config_error::{ConfigError, ConfigErrors};
pub use credentials::{Lifetimes, Rotation};
pub use discovery::Documents;
pub use error::Error;
pub use gate::{Admission, Applicant};
pub use holder::Claimant;
pub use information::Information;
pub use issuer::{Issuer, IssuerId};
pub use origins::Origins;
pub use profile::Profile;
pub use upstream::UpstreamError;

/// Everything an operation needs: who we are, and the world outside.
pub struct App<'a, S, H> {
    issuer: &'a Issuer,
    store: S,
    host: H,
    note: RefCell<Option<String>>,
}

impl<'a, S, H> App<'a, S, H> {
    /// The issuer the request is for; where records live; clock, entropy and the web.
    #[must_use]
    pub fn new(issuer: &'a Issuer, store: S, host: H) -> Self {
        Self { issuer, store, host, note: RefCell::default() }
    }

    /// The issuer the request is for.
    #[must_use]
    pub fn issuer(&self) -> &'a Issuer {
        self.issuer
    }

    /// What an operator has to know although the request was answered.
    #[must_use]
    pub fn take_note(&self) -> Option<String> {
        self.note.take()
    }

    fn note(&self, text: &str) {
        let mut note = self.note.borrow_mut();
        let before = note.take().map(|before| before + "; ").unwrap_or_default();
        *note = Some(before + text);
    }
}
