//! [`StatementFault`]: why a software statement is not used (RFC 7591 §3.2.2).

use thiserror::Error;

use super::jws::JwsFault;
use super::verification_keys::NoKey;

/// Why a signature does not count. The sentence follows the name of what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignatureFault {
    /// It is no JWS that can be verified.
    #[error(transparent)]
    Jws(#[from] JwsFault),
    /// Its issuer has no key for it, or several.
    #[error(transparent)]
    Key(#[from] NoKey),
    /// The key has not made it.
    #[error("must have the signature of its issuer")]
    Wrong,
}

/// Why a software statement is not used. The sentence follows `software_statement`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentence of a field's variant says what the field is")]
pub enum StatementFault {
    /// It is no signed object, or its signature is wrong.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// No `iss` (RFC 7591 §2.3).
    #[error("must have an issuer: the claim iss, a text")]
    NoIssuer,
    /// Its issuer is not trusted here.
    #[error("must be of an issuer that this server trusts")]
    Untrusted,
    /// An update with a statement of another issuer than that of the client's statement.
    #[error("must be of the same issuer as the statement that this client was registered with")]
    OtherIssuer,
    /// An algorithm that the operator has not listed for this issuer.
    #[error("must be signed with an algorithm that this server takes from its issuer: {allowed}")]
    Algorithm { allowed: String },
    /// A `typ` that is neither `JWT` nor that of this issuer's statements.
    #[error("must have the typ {expected} in its header")]
    MediaType { expected: String },
    /// A signed request without a statement.
    #[error("is required in a signed request")]
    Missing,
    /// A claim with the URL of keys that must not be fetched.
    #[error("must have the claim {0} as an https URL on a public host that this server allows")]
    KeysUrl(&'static str),
    /// A claim of time that is missing or no number.
    #[error("must have the claim {0} as a number of seconds since 1970")]
    Time(&'static str),
    /// It has expired.
    #[error("has expired")]
    Expired,
    /// It is from the future.
    #[error("is not valid yet: its claim {0} is in the future")]
    TooEarly(&'static str),
    /// It is older than the operator allows for this issuer.
    #[error("must not be older than {seconds} seconds")]
    TooOld { seconds: u32 },
    /// It is for somebody else.
    #[error("must be for this server: its claim aud has to contain {expected}")]
    Audience { expected: String },
    /// It lacks a claim.
    #[error("must have the claim {0}")]
    Claim(String),
    /// Its software is one that the operator denies.
    #[error("must be for other software: this server does not take this software_id")]
    DeniedSoftware,
    /// It sets a member that only the server assigns.
    #[error("must not have the claim {0}: only the server assigns it")]
    Assigned(&'static str),
    /// A client was registered with it, or with its software, and the issuer's statements are for one.
    #[error("has been used already: this {0} can have one client only")]
    Used(&'static str),
}
