//! The operator's own API.

pub mod clients;
mod filter;
pub mod listing;
pub mod tokens;
pub mod transfer;

pub use filter::Filter;
