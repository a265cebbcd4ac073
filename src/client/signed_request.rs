//! Signed requests: a registration or an update whose body is a JWS, in the profiles of two ecosystems.
//!
//! - `ob-uk`: Open Banking Dynamic Client Registration 3.3 (United Kingdom);
//! - `cdr-au`: Consumer Data Right, dynamic client registration (Australia).
//!
//! In both, a directory issues a software statement, which names the keys of the software. The request is signed with one of
//! these keys, and has the statement in it.

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use super::jws::JwsHeader;
use super::problem::{Pointer, Problem};
use super::rule::Rule;
use super::shown::Shown;
use super::statement_fault::SignatureFault;

/// How much clocks may differ, in seconds.
const SKEW: u64 = 60;
/// How long a statement of the Consumer Data Right is valid, in seconds.
const CDR_LIFETIME: u32 = 600;
/// The algorithms of both profiles.
const ALGORITHMS: [&str; 2] = ["PS256", "ES256"];
/// The longest redirect URI and scope in Open Banking, in characters.
const LONGEST: usize = 256;
/// The longest subject of a certificate in Open Banking, in characters.
const LONGEST_SUBJECT: usize = 128;

/// The profile of an issuer's statements, and of requests with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum RequestProfile {
    /// Open Banking (United Kingdom).
    #[serde(rename = "ob-uk")]
    ObUk,
    /// Consumer Data Right (Australia).
    #[serde(rename = "cdr-au")]
    CdrAu,
}

/// Why a signed request is rejected. The sentence follows the name of a member, or "the body".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentence of a field's variant says what the field is")]
pub enum RequestFault {
    /// Its signature does not count.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// The statement is of an issuer whose requests are not signed.
    #[error("must be JSON: requests with a statement of this issuer are not signed")]
    Unexpected,
    /// The statement is of an issuer whose requests are signed.
    #[error("must be signed: with a statement of this issuer, send a JWS as application/jwt")]
    Unsigned,
    /// The algorithm.
    #[error("must be signed with PS256 or ES256")]
    Algorithm,
    /// The header names no key.
    #[error("must have the kid of its key in its header")]
    Kid,
    /// A claim that is missing or of another type.
    #[error("is required in a signed request: {0}")]
    Claim(&'static str),
    /// It has expired.
    #[error("has passed")]
    Expired,
    /// It is from the future.
    #[error("must not be in the future")]
    Future,
    /// It is for another server.
    #[error("must be {}, the name of this server for signed requests", Shown::list(.expected))]
    Audience { expected: String },
    /// It is not of the software of the statement.
    #[error("must be the software_id of the software statement")]
    Software,
    /// The rest: what the profile says about a member.
    #[error("{0}")]
    Member(&'static str),
    /// It was used already.
    #[error("must not be that of an earlier request")]
    Replayed,
    /// Its software has a client, and can have one.
    #[error(
        "must be of software without a registration: this software has one, which can be updated"
    )]
    Registered,
}

/// A rejection: the member, and the fault.
type Rejected = (&'static str, RequestFault);

impl RequestFault {
    /// The problem at `member`; empty for the whole body.
    #[must_use]
    pub fn at(self, member: &str) -> Problem {
        Problem::new(Pointer::to(member), "", Rule::Request(self))
    }
}

impl RequestProfile {
    /// The claim of a statement with the URL of the software's keys.
    #[must_use]
    pub fn keys_claim(self) -> &'static str {
        match self {
            Self::ObUk => "software_jwks_endpoint",
            Self::CdrAu => "jwks_uri",
        }
    }

    /// Members by the names of other claims of a statement that set them.
    #[must_use]
    pub fn map(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::ObUk => &[
                ("software_redirect_uris", "redirect_uris"),
                ("software_jwks_endpoint", "jwks_uri"),
                ("software_client_name", "client_name"),
                ("software_client_uri", "client_uri"),
                ("software_logo_uri", "logo_uri"),
                ("software_policy_uri", "policy_uri"),
                ("software_tos_uri", "tos_uri"),
            ],
            Self::CdrAu => &[],
        }
    }

    /// The claims that a statement needs.
    #[must_use]
    pub fn required_claims(self) -> &'static [&'static str] {
        match self {
            Self::ObUk => &[
                "iat",
                "jti",
                "software_id",
                "software_redirect_uris",
                "software_jwks_endpoint",
                "org_id",
            ],
            Self::CdrAu => &[
                "iat",
                "exp",
                "jti",
                "org_id",
                "org_name",
                "client_name",
                "client_description",
                "client_uri",
                "redirect_uris",
                "logo_uri",
                "jwks_uri",
                "revocation_uri",
                "recipient_base_uri",
                "software_id",
                "software_roles",
                "scope",
            ],
        }
    }

    /// The greatest age of a statement, in seconds; `None` for any.
    #[must_use]
    pub fn max_age(self) -> Option<u32> {
        (self == Self::CdrAu).then_some(CDR_LIFETIME)
    }

    /// The algorithms of statements.
    #[must_use]
    pub fn statement_algorithms(self) -> &'static [&'static str] {
        match self {
            Self::ObUk => &ALGORITHMS,
            Self::CdrAu => &["PS256"],
        }
    }

    /// Checks the header of a request, in every profile.
    ///
    /// # Errors
    /// The problem.
    pub fn check_header(header: &JwsHeader<'_>) -> Result<(), Problem> {
        if !ALGORITHMS.contains(&header.algorithm.name) {
            return Err(RequestFault::Algorithm.at(""));
        }
        if header.kid.is_none() {
            return Err(RequestFault::Kid.at(""));
        }
        Ok(())
    }

    /// Checks the `claims` of a request with a statement of the software `software_id`. `audience` is the name of this server,
    /// `now` is in seconds since 1970. Returns when the request expires, in seconds since 1970.
    ///
    /// # Errors
    /// The first problem.
    pub fn check_claims(
        self,
        claims: &Map<String, Value>,
        software_id: &str,
        audience: &str,
        now: u64,
    ) -> Result<u64, Problem> {
        let checked = self.check(claims, software_id, audience, now);
        checked.map_err(|(member, fault)| fault.at(member))
    }

    fn check(
        self,
        claims: &Map<String, Value>,
        software_id: &str,
        audience: &str,
        now: u64,
    ) -> Result<u64, Rejected> {
        if text(claims, "iss") != Some(software_id) {
            return Err(("iss", RequestFault::Software));
        }
        let (iat, exp) = (time(claims, "iat")?, time(claims, "exp")?);
        if exp.saturating_add(SKEW) <= now {
            return Err(("exp", RequestFault::Expired));
        }
        if iat > now.saturating_add(SKEW) {
            return Err(("iat", RequestFault::Future));
        }
        let is_for_us = match claims.get("aud") {
            Some(Value::Array(list)) => list.iter().any(|one| one == audience),
            one => one.is_some_and(|one| one == audience),
        };
        if !is_for_us {
            return Err(("aud", RequestFault::Audience { expected: audience.to_owned() }));
        }
        let jti = text(claims, "jti").filter(|jti| !jti.is_empty());
        let jti = jti.ok_or(("jti", RequestFault::Claim("a text that no other request has")))?;
        match self {
            Self::ObUk => check_open_banking(claims, software_id, jti)?,
            Self::CdrAu => check_data_right(claims)?,
        }
        Ok(exp)
    }

    /// The claims as members of a registration: names of the profile become those of RFC 7591, and its defaults are filled in.
    #[must_use]
    pub fn to_members(self, mut claims: Map<String, Value>) -> Map<String, Value> {
        if self == Self::ObUk {
            if let Some(kind) = claims.get_mut("application_type").filter(|kind| *kind == "mobile")
            {
                *kind = "native".into();
            }
            claims.entry("response_types").or_insert_with(|| Value::from(vec!["code id_token"]));
        }
        claims
    }
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<u64, Rejected> {
    let seconds = claims.get(name).and_then(Value::as_u64);
    seconds.ok_or((name, RequestFault::Claim("a whole number of seconds since 1970")))
}

/// Open Banking DCR 3.3, claims of a registration request.
fn check_open_banking(
    claims: &Map<String, Value>,
    software_id: &str,
    jti: &str,
) -> Result<(), Rejected> {
    let member = |name, sentence| Err((name, RequestFault::Member(sentence)));
    let is_base62 = software_id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !(1..=22).contains(&software_id.len()) || !is_base62 {
        return member("iss", "must be at most 22 letters and digits");
    }
    if !is_uuid_v4(jti) {
        return member("jti", "must be a UUID of version 4");
    }
    if claims.get("software_id").is_some_and(|id| id != software_id) {
        return Err(("software_id", RequestFault::Software));
    }
    let Some(method) = text(claims, "token_endpoint_auth_method") else {
        return member("token_endpoint_auth_method", "is required, with one method");
    };
    if let Some(Value::Array(uris)) = claims.get("redirect_uris") {
        let is_sound = |uri: &Value| {
            let uri = uri.as_str().unwrap_or_default();
            let host = uri.strip_prefix("https://").unwrap_or_default();
            let host = host.split(['/', ':', '?', '#']).next().unwrap_or_default();
            !host.is_empty()
                && !host.eq_ignore_ascii_case("localhost")
                && uri.chars().count() <= LONGEST
        };
        if !uris.iter().all(is_sound) {
            return member(
                "redirect_uris",
                "must be https URIs of at most 256 characters, not on localhost",
            );
        }
    }
    if text(claims, "scope").is_some_and(|scope| scope.chars().count() > LONGEST) {
        return member("scope", "must not be longer than 256 characters");
    }
    let kind = claims.get("application_type");
    if kind.is_some_and(|kind| kind != "web" && kind != "mobile") {
        return member("application_type", "must be web or mobile");
    }
    let subject = claims.get("tls_client_auth_subject_dn").filter(|subject| !subject.is_null());
    if subject.is_some() != (method == "tls_client_auth") {
        return member(
            "tls_client_auth_subject_dn",
            "must be sent with tls_client_auth, and with no other method",
        );
    }
    let subject = subject.and_then(Value::as_str).unwrap_or_default();
    if subject.chars().count() > LONGEST_SUBJECT {
        return member("tls_client_auth_subject_dn", "must not be longer than 128 characters");
    }
    Ok(())
}

/// Consumer Data Standards, dynamic client registration.
fn check_data_right(claims: &Map<String, Value>) -> Result<(), Rejected> {
    if text(claims, "token_endpoint_auth_method") != Some("private_key_jwt") {
        let sentence = RequestFault::Member("must be private_key_jwt");
        return Err(("token_endpoint_auth_method", sentence));
    }
    Ok(())
}

/// RFC 9562 §5.4.
fn is_uuid_v4(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().map(|part| part.len());
    let [_, _, version, variant, _] = *parts.as_slice() else { return false };
    lengths.eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
        && version.starts_with('4')
        && variant.starts_with(['8', '9', 'a', 'b', 'A', 'B'])
}
