//! Shared clients: a registration with equal metadata gets the client that is there already (RFC 7591 §3.2.1: the server "MAY
//! issue the same client identifier to multiple instances of a registered client").
//!
//! The identifier follows from the metadata, so it is the key under which the client is found. Anybody can send the same
//! metadata. So the response contains no credential, and what the operator has ended is not made again.

use super::credentials::Credentials;
use super::register::{Issued, Verified};
use super::statements::{settle_use, take_use};
use super::{Error, Information, IssuerContext, Ports};
use crate::client::{Record, Status};
use crate::gate::Admission;
use crate::records::{Creation, Store};
use crate::vocabulary::ClientId;

/// The longest request that can get a shared client, in bytes. Its metadata are sorted and digested, and applications send
/// a kilobyte or two: the rest would be work for strangers.
const LONGEST: usize = 8_192;

/// The identifier of the client that has these metadata, this provenance and these policies; `None` if it is not shared, or
/// described by more than [`LONGEST`] bytes.
///
/// # Errors
/// If the metadata cannot be written as JSON.
pub(super) fn identify<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    admission: &Admission,
    verified: &Verified,
    body: &[u8],
) -> Result<Option<ClientId>, Error> {
    let issuer = context.issuer;
    if !issuer.client_ids.are_shared() || body.len() > LONGEST {
        return Ok(None);
    }
    let Some(form) = verified.metadata.shared_form()? else { return Ok(None) };
    // An anonymous caller must not get a client that a token or a certificate has vouched for, nor one from before a change
    // of policy. The version of the policies does not say whether the one for anonymous clients applies, which depends on
    // the mode.
    let provenance = serde_json::to_string(&verified.provenance(admission))?;
    let has_policy = [u8::from(admission.policy.is_some())];
    // The same client is not known by an identifier to one and by a URL to another.
    let base = issuer.new_document_url(&ClientId::from_entropy([0; 16])).unwrap_or_default();
    let parts = [form.as_bytes(), provenance.as_bytes(), &has_policy, base.as_bytes()];
    Ok(issuer.client_ids.share(&parts))
}

/// Registers the shared client `client_id`, or responds with the one that is there. A repeat takes one read. The first
/// request takes one read, one write, and two requests to the Durable Object.
///
/// 1. Count the request, for the operator
/// 2. Repeat: find the client. 403 if the operator has disabled or rejected it. This is a use of it
/// 3. Otherwise charge the gate, as in a registration: of all first requests together one takes a use of the token, and of a
///    software statement. 429, 401, 400, 503
/// 4. Store, as a change that the ledger knows: 403 if the operator has deleted the client; 503 if the store fails, or while
///    another request stores it
/// 5. Respond without a token. 201
///
/// # Errors
/// [`Error`], with the statuses above.
pub(super) async fn register_shared<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    admission: Admission,
    verified: &Verified,
    client_id: &ClientId,
) -> Result<Information, Error> {
    let &IssuerContext { issuer, ref records, ref gate, runtime, .. } = context;
    context.concerns(client_id.as_str());
    // 1.
    issuer.request_counts.count(client_id);
    // 2.
    if let Some(record) = records.get(client_id).await? {
        let information = respond(context, &record)?.with_notes(&verified.notes)?;
        let use_is_unrecorded = context.use_is_unrecorded(&record);
        return Ok(Information { is_repeat: true, use_is_unrecorded, ..information });
    }
    // 3.
    gate.charge(records, &admission, client_id, true).await?;
    take_use(context, &verified.wanted, client_id).await?;
    // 4.
    let Credentials { secret, token, version, .. } = Credentials::draw(runtime)?;
    let provenance = verified.provenance(&admission);
    let issued = Issued { client_id, secret: &secret, token: &token, version, now: runtime.now() };
    let mut record = verified.record(issuer, provenance, issued)?;
    record.share();
    let record = match records.create_shared(client_id, record).await? {
        Creation::Done(record) => record,
        Creation::Deleted => return Err(Error::SharedEnded),
        Creation::Busy => return Err(Error::Busy),
    };
    settle_use(context, &verified.wanted, client_id).await;
    gate.settle(admission, client_id).await;
    // 5.
    respond(context, &record)?.with_notes(&verified.notes)
}

fn respond<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    record: &Record,
) -> Result<Information, Error> {
    match record.status() {
        Status::Active | Status::Pending => Information::shared(context.issuer, record),
        Status::Disabled | Status::Rejected => Err(Error::SharedEnded),
    }
}
