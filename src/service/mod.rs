//! What the server does: discover, register, manage. Each as numbered steps of its spec, over
//! [`ports`], without a runtime.

pub mod config;
mod config_error;
mod credentials;
pub mod discovery;
mod error;
mod identifier;
mod information;
mod issuer;
pub mod manage;
mod patience;
pub mod ports;
mod published;
pub mod register;

pub use config::{Config, Settings};
pub use config_error::ConfigError;
pub use credentials::{Lifetimes, Rotation};
pub use error::Error;
pub use information::Information;
pub use issuer::{Issuer, IssuerId};

/// Everything an operation needs: who we are, and the world outside.
pub struct App<'a, S, H> {
    /// The issuer the request is for.
    pub issuer: &'a Issuer,
    /// Where records live.
    pub store: S,
    /// Clock and entropy.
    pub host: H,
}
