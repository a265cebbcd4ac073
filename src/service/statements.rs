//! Software statements (RFC 7591 §2.3, §3.1.1) of registrations and updates.

use serde_json::{Map, Value};

use super::jws::{self, Signer};
use super::{Error, IssuerContext, Ports};
use crate::client::{
    Jws, Pointer, Problem, RawMetadata, Record, RequestFault, Rule, STATEMENT, SignatureFault,
    StatementFault, StatementNote, StatementOrigin, limits,
};
use crate::gate::{Admission, IssuerKeys, REGISTRATION, REQUEST, StatementUse, TrustedIssuer};
use crate::issuer::Issuer;
use crate::records::Store;
use crate::vocabulary::ClientId;

/// A statement that was verified.
pub(super) struct Verified<'i> {
    pub issuer: &'i TrustedIssuer,
    pub origin: StatementOrigin,
    /// The use of it that the client makes, if it can have one client only.
    pub wanted: Option<StatementUse>,
    /// Its text.
    text: String,
    /// Its claims.
    claims: Map<String, Value>,
}

/// Verifies the statement of a request, if it has one of an issuer that is trusted. At most one request for keys, and one
/// verification of a signature, both only after everything that costs less. A statement of any other issuer is no
/// statement: its shape is checked later, as that of any member.
///
/// 1. Form: three parts of base64url, two JSON objects, at most 16 KiB. 400
/// 2. Issuer: named, and trusted
/// 3. Header: algorithm, type, no member that brings a key. 400
/// 4. Claims: time, audience, those that the operator requires. 400
/// 5. Key and signature. 400; 503 if the keys cannot be fetched
///
/// # Errors
/// [`Error`], with the statuses above.
pub(super) async fn verify<'i, S: Store, R: Ports>(
    context: &IssuerContext<'i, S, R>,
    raw: &RawMetadata,
) -> Result<Option<Verified<'i>>, Error> {
    let (issuer, runtime) = (context.issuer, context.runtime);
    let settings = &context.gate.settings.statements;
    let Some(text) = raw.statement().filter(|_| !settings.issuers.is_empty()) else {
        return Ok(None);
    };
    // 1.
    let jws = Jws::parse(text, limits::SOFTWARE_STATEMENT);
    let jws = jws.map_err(|fault| rejected(SignatureFault::from(fault)))?;
    // 2.
    let iss = jws.claims.get("iss").and_then(Value::as_str);
    let iss = iss.ok_or_else(|| rejected(StatementFault::NoIssuer))?;
    let Some(trusted) = settings.find(iss) else { return Ok(None) };
    // 3.
    let header = jws.header().map_err(|fault| rejected(SignatureFault::from(fault)))?;
    // 4.
    let now = runtime.now();
    let origin = trusted.check(&jws, &header, issuer.identifier(), now).map_err(rejected)?;
    // 5.
    let signer = match &trusted.keys {
        IssuerKeys::Pinned(keys) => Signer::Pinned(keys),
        IssuerKeys::At(url) => Signer::At(url),
    };
    jws::verify(context, &jws, &header, signer).await?.map_err(rejected)?;
    let wanted = trusted.use_of(&jws.claims, now);
    let (text, claims) = (text.to_owned(), jws.claims);
    Ok(Some(Verified { issuer: trusted, origin, wanted, text, claims }))
}

/// The statement of a request.
pub(super) enum Held<'i> {
    /// The client has none that counts.
    None,
    /// The request brings it.
    New(Verified<'i>),
    /// The one that the client has, of this issuer.
    Kept(&'i TrustedIssuer, String),
}

/// Decides which statement counts for an update of `record`: a new one, which is verified, or that of the client, which stays
/// (RFC 7592 §2.2). A client that has been vouched for stays with that issuer.
///
/// # Errors
/// As of [`verify`]; 400 for a statement of another issuer, and if the client's issuer is not trusted any more.
pub(super) async fn of_update<'i, S: Store, R: Ports>(
    context: &IssuerContext<'i, S, R>,
    record: &Record,
    raw: &RawMetadata,
) -> Result<Held<'i>, Error> {
    let Some(former) = &record.provenance.statement else {
        return Ok(verify(context, raw).await?.map_or(Held::None, Held::New));
    };
    let kept = record.statement().ok_or_else(|| rejected(StatementFault::Untrusted))?;
    if raw.statement().is_none_or(|sent| sent == kept) {
        let issuer = context.gate.settings.statements.find(&former.iss);
        let issuer = issuer.ok_or_else(|| rejected(StatementFault::Untrusted))?;
        return Ok(Held::Kept(issuer, kept));
    }
    match verify(context, raw).await? {
        Some(verified) if verified.origin.iss == former.iss => Ok(Held::New(verified)),
        _ => Err(rejected(StatementFault::OtherIssuer)),
    }
}

impl Held<'_> {
    /// Checks that a registration has a statement, if it needs one.
    ///
    /// # Errors
    /// `unapproved_software_statement` for one of an issuer that is not trusted, `invalid_client_metadata` for none.
    pub fn require<S, R>(
        &self,
        context: &IssuerContext<'_, S, R>,
        admission: &Admission,
        raw: &RawMetadata,
    ) -> Result<(), Error> {
        let is_anonymous = admission.provenance.token.is_none();
        let is_required = context.gate.settings.statements.is_required(is_anonymous);
        if !is_required || !matches!(self, Self::None) {
            return Ok(());
        }
        Err(match raw.statement() {
            Some(_) => rejected(StatementFault::Untrusted),
            None => problem(Rule::StatementRequired),
        })
    }

    /// The issuer, and the text of the statement.
    pub fn statement(&self) -> Option<(&TrustedIssuer, &str)> {
        match self {
            Self::None => None,
            Self::New(Verified { issuer, text, .. }) | Self::Kept(issuer, text) => {
                Some((issuer, text))
            }
        }
    }

    /// Who vouches for the client from now on, and the use of the statement that it makes.
    pub fn into_origin(self) -> (Option<StatementOrigin>, Option<StatementUse>) {
        match self {
            Self::New(Verified { origin, wanted, .. }) => (Some(origin), wanted),
            Self::None | Self::Kept(..) => (None, None),
        }
    }

    /// Lays the statement over `raw`, and returns what that has changed.
    ///
    /// # Errors
    /// 400 with each member that contradicts it.
    pub fn lay_over(
        &self,
        raw: &mut RawMetadata,
        issuer: &Issuer,
    ) -> Result<Vec<StatementNote>, Error> {
        let kept;
        let (trusted, text, claims) = match self {
            Self::None => return Ok(Vec::new()),
            Self::New(new) => (new.issuer, &new.text, &new.claims),
            Self::Kept(issuer, text) => {
                let jws = Jws::parse(text, limits::SOFTWARE_STATEMENT);
                kept = jws.map_err(|fault| rejected(SignatureFault::from(fault)))?.claims;
                (*issuer, text, &kept)
            }
        };
        raw.set_statement(text);
        raw.lay_statement_over(claims, &trusted.rules, &issuer.extensions).map_err(Error::Metadata)
    }
}

/// Takes the uses that a statement and a signed request need, just before their client is stored.
///
/// # Errors
/// 400 if another client has it; 503 while another client is being stored, or if the Durable Object fails.
pub(super) async fn take_use<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    wanted: &[StatementUse],
    client_id: &ClientId,
) -> Result<(), Error> {
    for wanted in wanted {
        if !context.gate.use_statement(&context.records, wanted, client_id).await? {
            return Err(match wanted.claim {
                REQUEST => Error::Metadata(RequestFault::Replayed.at("jti").into()),
                REGISTRATION => Error::Metadata(RequestFault::Registered.at(STATEMENT).into()),
                claim => rejected(StatementFault::Used(claim)),
            });
        }
    }
    Ok(())
}

/// Notes that the client with the uses is stored.
pub(super) async fn settle_use<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    wanted: &[StatementUse],
    client_id: &ClientId,
) {
    for wanted in wanted {
        context.gate.settle_statement(wanted, client_id).await;
    }
}

pub(super) fn rejected(fault: impl Into<StatementFault>) -> Error {
    problem(Rule::Statement(fault.into()))
}

fn problem(rule: Rule) -> Error {
    Error::Metadata(Problem::new(Pointer::to(STATEMENT), "", rule).into())
}
