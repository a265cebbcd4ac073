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

/// The response of another server, or why there is none.
pub type Web = Result<Fetched, FetchError>;
/// Another server: makes its response from the headers of a request.
pub type Responder = dyn Fn(&BTreeMap<String, String>) -> Web;

/// The response of another server: this body with 200, and no headers.
pub fn served(body: impl Into<Vec<u8>>) -> Web {
    Ok(Fetched { status: 200, body: body.into(), ..Fetched::default() })
}

/// The response of another server with this status, and no headers.
pub fn answered(status: u16) -> Web {
    Ok(Fetched { status, ..Fetched::default() })
}
