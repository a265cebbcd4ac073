//! Signed requests: the body of a registration or an update is a JWS (`application/jwt`, `application/jose`), in a profile that
//! the operator has set for the issuer of its software statement.

use std::borrow::Cow;

use serde_json::Value;

use super::fetching::is_askable;
use super::jws::{self, Signer};
use super::statements::rejected;
use super::{Error, IssuerContext, Ports};
use crate::client::{
    Jws, RawMetadata, RequestFault, RequestProfile, STATEMENT, SignatureFault, StatementFault,
    limits,
};
use crate::gate::{StatementUse, TrustedIssuer};
use crate::records::Store;
use crate::vocabulary::{ClientId, WebUri};

/// The body of a registration or an update.
#[derive(Debug, Clone)]
pub enum Body {
    /// A JSON object.
    Json(Vec<u8>),
    /// A JWS in compact form, whose payload is one.
    Signed(Vec<u8>),
}

impl Body {
    /// Its bytes, as they were sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Json(bytes) | Self::Signed(bytes) => bytes,
        }
    }
}

/// A signed request whose signature has not been verified.
pub(super) struct SignedRequest<'b> {
    jws: Jws<'b>,
    profile: RequestProfile,
}

/// Reads the members of a body. Those of a signed one count only after [`verify`]. An update of `client_id` need not repeat
/// that identifier in a signed request.
///
/// # Errors
/// 400 for a body that is no object, and for a signed one without a statement of an issuer with a profile.
pub(super) fn read<'b, S, R>(
    context: &IssuerContext<'_, S, R>,
    body: &'b Body,
    client_id: Option<&ClientId>,
) -> Result<(RawMetadata, Option<SignedRequest<'b>>), Error> {
    let (json, signed) = match body {
        Body::Json(bytes) => (Cow::Borrowed(bytes.as_slice()), None),
        Body::Signed(bytes) => {
            let signed = SignedRequest::read(context, bytes)?;
            let mut members = signed.profile.to_members(signed.jws.claims.clone());
            if let Some(client_id) = client_id {
                members.entry("client_id").or_insert_with(|| client_id.as_str().into());
            }
            (Cow::Owned(serde_json::to_vec(&members)?), Some(signed))
        }
    };
    let raw = RawMetadata::parse_with(&json, &context.issuer.extensions);
    Ok((raw.map_err(|problem| Error::Metadata(problem.into()))?, signed))
}

impl<'b> SignedRequest<'b> {
    fn read<S, R>(context: &IssuerContext<'_, S, R>, bytes: &'b [u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let jws = Jws::parse(text, limits::BODY);
        let jws = jws.map_err(|fault| problem(SignatureFault::from(fault)))?;
        let statement = jws.claims.get(STATEMENT).and_then(Value::as_str);
        let statement = statement.ok_or_else(|| rejected(StatementFault::Missing))?;
        let statement = Jws::parse(statement, limits::SOFTWARE_STATEMENT);
        let statement = statement.map_err(|fault| rejected(SignatureFault::from(fault)))?;
        let iss = statement.claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        let issuer = context.gate.settings.statements.find(iss);
        let issuer = issuer.ok_or_else(|| rejected(StatementFault::Untrusted))?;
        let profile =
            issuer.signed_requests.as_ref().ok_or_else(|| problem(RequestFault::Unexpected))?;
        Ok(Self { profile: profile.profile, jws })
    }
}

/// Verifies a signed request after its `statement` of `issuer`, which names the keys. At most one request for the keys, and one
/// verification of a signature. Returns the use of the request: it can be made once.
///
/// 1. Header: algorithm, `kid`, no member that brings a key. 400
/// 2. Claims: software, time, audience, and those of the profile. 400
/// 3. Key and signature. 400; 503 if the keys cannot be fetched
///
/// # Errors
/// [`Error`], with the statuses above.
pub(super) async fn verify<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    signed: Option<&SignedRequest<'_>>,
    statement: Option<(&TrustedIssuer, &str)>,
) -> Result<Option<StatementUse>, Error> {
    let has_profile = statement.is_some_and(|(issuer, _)| issuer.signed_requests.is_some());
    let Some(signed) = signed else {
        return if has_profile { Err(problem(RequestFault::Unsigned)) } else { Ok(None) };
    };
    let Some((issuer, statement)) = statement else {
        return Err(rejected(StatementFault::Untrusted));
    };
    let Some(settings) = &issuer.signed_requests else {
        return Err(problem(RequestFault::Unexpected));
    };
    let statement = Jws::parse(statement, limits::SOFTWARE_STATEMENT);
    let statement = statement.map_err(|fault| rejected(SignatureFault::from(fault)))?.claims;
    let profile = settings.profile;
    // 1.
    let header = signed.jws.header().map_err(|fault| problem(SignatureFault::from(fault)))?;
    RequestProfile::check_header(&header).map_err(|problem| Error::Metadata(problem.into()))?;
    // 2.
    let text = |name: &str| statement.get(name).and_then(Value::as_str).unwrap_or_default();
    let own = context.issuer.identifier();
    let audience = settings.audience.as_deref().unwrap_or(own);
    let claims = &signed.jws.claims;
    let exp = profile.check_claims(claims, text("software_id"), audience, context.runtime.now());
    let exp = exp.map_err(|problem| Error::Metadata(problem.into()))?;
    // 3.
    let url = text(profile.keys_claim());
    let askable = WebUri::parse(url).ok().filter(|uri| {
        let is_allowed = settings.key_hosts.as_ref().is_none_or(|hosts| hosts.cover(uri.host()));
        uri.is_https() && is_askable(context.issuer, uri) && is_allowed
    });
    if askable.is_none() {
        return Err(rejected(StatementFault::KeysUrl(profile.keys_claim())));
    }
    let verified = jws::verify(context, &signed.jws, &header, Signer::At(url)).await?;
    verified.map_err(problem)?;
    let jti = claims.get("jti").and_then(Value::as_str).unwrap_or_default();
    Ok(Some(StatementUse::of_request(text("software_id"), jti, exp)))
}

fn problem(fault: impl Into<RequestFault>) -> Error {
    Error::Metadata(fault.into().at("").into())
}
