//! Documents of other servers: fetched in one way, and never from an address of our own that a client names.

use crate::issuer::Issuer;
use crate::runtime::{Fetch, FetchRequest, USER_AGENT};
use crate::vocabulary::WebUri;

/// How long a document may take to arrive, in milliseconds.
pub(super) const TIMEOUT_MS: u32 = 3_000;

/// Fetches the JSON document at `url`, of at most `bytes` bytes.
///
/// # Errors
/// The words that complete "it …".
pub(super) async fn fetch_json(
    runtime: &impl Fetch,
    url: &str,
    bytes: usize,
) -> Result<Vec<u8>, String> {
    let headers = &[("accept", "application/json"), ("user-agent", USER_AGENT)];
    let request = FetchRequest { url, headers, bytes, milliseconds: TIMEOUT_MS };
    let fetched = runtime.get(&request).await.map_err(|error| error.to_string())?;
    match fetched.status {
        200 => Ok(fetched.body),
        status => Err(format!("was answered with status {status}")),
    }
}

/// Whether `uri`, which a client has sent, may be asked: it is on a public host that is not one of this deployment.
pub(super) fn is_askable(issuer: &Issuer, uri: &WebUri) -> bool {
    let host = uri.host();
    !host.is_special_use() && !host.is_address() && !issuer.is_own_host(&host.to_string())
}
