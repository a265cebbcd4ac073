//! Registration (RFC 7591 §3).

use serde::Serialize;

use super::credentials::Credentials;
use super::keys::misplaced_keys;
use super::sector::Sector;
use super::shared::{identify, register_shared};
use super::signed_requests::{self, Body};
use super::statements::{self, Held, settle_use, take_use};
use super::{Error, Information, IssuerContext, Ports};
use crate::client::{
    CertificateOrigin, ClientMetadata, Provenance, Record, StatementNote, StatementOrigin, Status,
    admit_certificate,
};
use crate::gate::{Admission, GateError, StatementUse};
use crate::issuer::Issuer;
use crate::records::Store;
use crate::vocabulary::{ClientId, ClientSecret, EntityTag, RegistrationToken};

/// Registers the client that `body` describes, once the gate has admitted it. One write, no read. A client that is
/// shared takes another way after step 2 (`shared.rs`).
///
/// 1. Parse: bytes to members. 400
/// 2. Verify a software statement, if the operator trusts any, and lay it over the members. 400; 503 if its keys are
///    missing. Then verify the members: defaults, narrowing, rules, policies. 400 with every problem; 403 without a client
///    certificate that a policy requires; 503 if the upstream document or Web Crypto is missing
/// 3. Issue an identifier, a secret if the method has one, and a token to manage the registration. 500 without
///    randomness
/// 4. Charge the gate: only a write counts for the issuer, and takes a use of a token or of a statement. 429, 401, 400; 503
///    while other registrations hold the last uses
/// 5. Store digests only, acknowledged. 503. The write may have been done: the use stays taken, and the token book finds
///    out.
/// 6. Respond with everything registered, and the plain credentials, once. 201
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn register<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    admission: Admission,
    body: Body,
) -> Result<Information, Error> {
    let &IssuerContext { issuer, ref records, ref gate, runtime, .. } = context;
    // 1. and 2.
    let verified = verify(context, &admission, &body).await?;
    if let Some(client_id) = identify(context, &admission, &verified, body.bytes())? {
        drop(body);
        return register_shared(context, admission, &verified, &client_id).await;
    }
    // The rest may wait for the store after the caller has gone: it must not hold 64 KiB that are no longer needed.
    drop(body);
    // 3.
    let Credentials { id, secret, token, version } = Credentials::draw(runtime)?;
    let now = runtime.now();
    let client_id = issuer.client_ids.issue(id, now);
    let provenance = verified.provenance(&admission);
    let issued = Issued { client_id: &client_id, secret: &secret, token: &token, version, now };
    let mut record = verified.record(issuer, provenance, issued)?;
    let secret = verified.metadata.auth_method().needs_secret().then_some(&secret);
    let encoded = records.encode(&mut record).await?;
    // 4.
    gate.charge(records, &admission, &client_id, false).await?;
    take_use(context, &verified.wanted, &client_id).await?;
    // 5.
    records.create(&client_id, &encoded).await?;
    // 6.
    let registered = Information::of(issuer, &record, &token, secret)
        .and_then(|information| information.with_notes(&verified.notes));
    settle_use(context, &verified.wanted, &client_id).await;
    gate.settle(admission, &client_id).await;
    registered
}

/// Tries a registration: returns its metadata as JSON without credentials and stores nothing. Steps 1 and 2 of [`register`].
///
/// # Errors
/// As for [`register`].
pub async fn dry_run<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    admission: &Admission,
    body: &Body,
) -> Result<String, Error> {
    let verified = verify(context, admission, body).await?;
    Ok(serde_json::to_string(&DryRun {
        status: verified.needs_approval.then_some(Status::Pending),
        missing_for_mcp: if verified.has_document {
            verified.metadata.missing_for_mcp()
        } else {
            Vec::new()
        },
        software_statement_notes: &verified.notes,
        metadata: &verified.metadata,
    })?)
}

/// The response to a dry run, with the members that say what becomes of the client.
#[derive(Serialize)]
struct DryRun<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_for_mcp: Vec<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    software_statement_notes: &'v [StatementNote],
    #[serde(flatten)]
    metadata: &'v ClientMetadata,
}

/// Verified metadata, and what the policies say about their client.
pub(super) struct Verified {
    pub metadata: ClientMetadata,
    /// How long the client lives, in seconds; `None` for ever.
    ttl: Option<u32>,
    /// Whether it waits for the operator's approval.
    needs_approval: bool,
    /// Whether it gets a hosted document.
    has_document: bool,
    /// Whether the document of its sector was read.
    has_verified_sector: bool,
    /// The client certificate that it registers with, if a policy is about certificates.
    certificate: Option<CertificateOrigin>,
    /// Who has vouched for it with a software statement.
    origin: Option<StatementOrigin>,
    /// The uses of the statement and of a signed request that it makes.
    pub wanted: Vec<StatementUse>,
    /// The changes that the statement has made.
    pub notes: Vec<StatementNote>,
}

/// The values that a new client gets: its identifier, its credentials and its first version, at a time in seconds since 1970.
pub(super) struct Issued<'i> {
    pub client_id: &'i ClientId,
    pub secret: &'i ClientSecret,
    pub token: &'i RegistrationToken,
    pub version: EntityTag,
    pub now: u64,
}

impl Verified {
    /// How the client comes in.
    pub fn provenance(&self, admission: &Admission) -> Provenance {
        let certificate = self.certificate.clone();
        let own = Provenance { certificate, ..admission.provenance.clone() };
        own.vouched_for(self.origin.clone())
    }

    /// The record of the client, with the digests of what was issued to it. The secret is only for a method that has one.
    pub fn record(
        &self,
        issuer: &Issuer,
        provenance: Provenance,
        Issued { client_id, secret, token, version, now }: Issued<'_>,
    ) -> Result<Record, serde_json::Error> {
        let mut record = Record::new(client_id, now, version, provenance, token, &self.metadata)?;
        record.sector_verified = self.has_verified_sector;
        if let Some(url) = issuer.new_document_url(client_id) {
            record.identify_by(url);
        }
        record.begin_use_recording(issuer.lifetimes.use_recording());
        if let Some(seconds) = self.ttl {
            record.expire_after(seconds, now);
        }
        if self.needs_approval {
            record.request_approval(issuer.lifetimes.pending_client, now);
        }
        if self.metadata.auth_method().needs_secret() {
            let lifetime = record.capped_lifetime(issuer.lifetimes.client_secret, now);
            record.secrets.issue(secret, None, now, lifetime);
        }
        Ok(record)
    }
}

/// Steps 1 and 2 of [`register`].
pub(super) async fn verify<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    admission: &Admission,
    body: &Body,
) -> Result<Verified, Error> {
    let &IssuerContext { issuer, ref records, ref gate, runtime, .. } = context;
    // 1.
    let (mut raw, signed) = signed_requests::read(context, body, None)?;
    // 2.
    let statement = statements::verify(context, &raw).await?.map_or(Held::None, Held::New);
    statement.require(context, admission, &raw)?;
    let request = signed_requests::verify(context, signed.as_ref(), statement.statement()).await?;
    let notes = statement.lay_over(&mut raw, issuer)?;
    let (origin, wanted) = statement.into_origin();
    let wanted = wanted.into_iter().chain(request).collect();
    let profile = issuer.profile(records, runtime).await?;
    let additional = gate.policies_of_new(admission, origin.as_ref());
    let (supported, policies) = gate.settings.terms(&profile.offered, &additional);
    let metadata = ClientMetadata::verify(raw, &supported, &policies, runtime, None)
        .map_err(Error::Metadata)?;
    // Last, and once: only a request that is right otherwise is worth the runtime's arithmetic.
    let misplaced = misplaced_keys(runtime, metadata.points()).await?;
    if !misplaced.is_empty() {
        return Err(Error::Metadata(misplaced));
    }
    let sector = Sector::read(context, metadata.sector_identifier_uri()).await?;
    sector.check(&metadata).map_err(Error::Metadata)?;
    let presented = admission.certificate.as_ref();
    let subject = metadata.check_subject(&policies, presented);
    subject.map_err(|problem| Error::Metadata(problem.into()))?;
    let certificate = admit_certificate(&policies, presented).map_err(GateError::from)?;
    let ttl = policies.iter().filter_map(|policy| policy.client_ttl()).min();
    let needs_approval = policies.iter().any(|policy| policy.requires_approval());
    let has_document = supported.document_url_bytes.is_some();
    let has_verified_sector = sector.is_verified();
    Ok(Verified {
        metadata,
        ttl,
        needs_approval,
        has_document,
        has_verified_sector,
        certificate,
        origin,
        wanted,
        notes,
    })
}
