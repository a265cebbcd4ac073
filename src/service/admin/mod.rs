//! The operator's own API.

pub mod approval;
pub mod clients;
pub mod documents;
pub mod editing;
mod filter;
pub mod listing;
mod members;
pub mod rejections;
pub mod tokens;
pub mod transfer;

pub use filter::Filter;
