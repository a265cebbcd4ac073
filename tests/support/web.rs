//! Other servers.

use std::collections::BTreeMap;

use rollcall::runtime::{FetchError, Fetched};

/// Something that was sent to others.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The address that it was sent to.
    pub url: String,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

/// What another server answers.
pub type Web = Result<Fetched, FetchError>;
/// Another server: its answer to a request with these headers.
pub type Responder = dyn Fn(&BTreeMap<String, String>) -> Web;

/// The answer of another server: this body with 200, and no headers.
pub fn served(body: impl Into<Vec<u8>>) -> Web {
    Ok(Fetched { status: 200, body: body.into(), ..Fetched::default() })
}

/// The answer of another server with this status, and no headers.
pub fn answered(status: u16) -> Web {
    Ok(Fetched { status, ..Fetched::default() })
}
