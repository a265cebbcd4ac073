//! The hosted document of a registered client, for everyone.

use url::Url;

use super::{Error, IssuerContext, Ports};
use crate::records::Store;

/// The metadata document that is at `url`, as JSON. One read.
///
/// 1. Parse the identifier. 404, also for an issuer that has no documents
/// 2. Find the record. 404 alike for a client that never existed, was deleted, has expired or is not active; 503 if the store
///    fails
/// 3. Its `client_id` must be the URL of the request, byte for byte. 404
/// 4. Respond. 200
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn serve<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    url: &Url,
    is_on_one_host: bool,
) -> Result<String, Error> {
    let issuer = context.issuer;
    // 1.
    let client_id = issuer.client_ids.parse(client_id).filter(|_| issuer.hosts_documents());
    let client_id = client_id.ok_or(Error::Unknown)?;
    // 2. An update shows after a minute: `AS.cache_ttl` would add to the age that the response states.
    let record = context.records.get(&client_id).await?.ok_or(Error::Unknown)?;
    // 3.
    let is_at = |own: &str| issuer.is_document_at(own, &client_id, url, is_on_one_host);
    if !record.document_url().is_some_and(is_at) {
        return Err(Error::Unknown);
    }
    // 4.
    record.hosted_document().ok_or(Error::Unknown)
}
