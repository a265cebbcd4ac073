//! [`Jws`]: a signed JSON object in compact form (RFC 7515 §7.1, RFC 7519 §7.2), judged as far as that goes without its key.
//!
//! [`Jws::parse`] reads the form: three base64url parts, of which the first two are JSON objects. [`Jws::header`] then
//! says which key and algorithm the signature needs. It rejects what lets a sender choose the key (`jwk`, `jku`, `x5u`,
//! `x5c`) or change how the JWS is read (`crit`, `b64`), unsigned objects, and shared keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value};

use super::limits;
use super::raw::parse_object;
use crate::vocabulary::Algorithm;

/// Header members that no JWS may have here: keys and certificates that the sender brings along, and extensions.
const FORBIDDEN: [&str; 7] = ["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip"];

/// A JWS whose payload is a JSON object. Its signature has not been verified.
#[derive(Debug, Clone)]
pub struct Jws<'t> {
    header: Map<String, Value>,
    /// The payload (RFC 7519 calls its members claims).
    pub claims: Map<String, Value>,
    /// The part of the text that is signed.
    pub signed: &'t str,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The members of a header that decide about the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JwsHeader<'j> {
    /// The algorithm: one of [`Algorithm::verifiable`].
    pub algorithm: Algorithm,
    /// The name of the key (`kid`).
    pub kid: Option<&'j str>,
    /// The media type (`typ`), as it was sent.
    pub typ: Option<&'j str>,
}

/// Why a text is no JWS that can be verified. The sentence follows the name of what it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsFault {
    /// It is too long.
    #[error("must not be longer than {0} bytes")]
    Length(usize),
    /// It is not three parts of base64url.
    #[error(
        "must be a JWS in compact form: three parts of base64url without padding, with dots between them"
    )]
    Form,
    /// The header is no JSON object, has a member twice, or is nested too deep.
    #[error("must have a header that is a JSON object without repeated members")]
    Header,
    /// The payload is no JSON object, has a member twice, or is nested too deep.
    #[error("must have a payload that is a JSON object without repeated members")]
    Payload,
    /// `alg` is missing, `none`, a shared key's, or unknown.
    #[error(
        "must be signed with one of these algorithms: {}",
        Algorithm::VERIFIABLE.join(", ")
    )]
    Algorithm,
    /// A header member that is forbidden.
    #[error("must not have the member {0} in its header")]
    Member(&'static str),
    /// `kid` or `typ` is no text, or too long.
    #[error("must have a text of at most {limit} bytes as {0} in its header, or none", limit = limits::OPAQUE)]
    Text(&'static str),
}

impl<'t> Jws<'t> {
    /// Reads a JWS of at most `limit` bytes.
    ///
    /// # Errors
    /// [`JwsFault::Length`], [`JwsFault::Form`], [`JwsFault::Header`], [`JwsFault::Payload`]
    pub fn parse(text: &'t str, limit: usize) -> Result<Self, JwsFault> {
        if text.len() > limit {
            return Err(JwsFault::Length(limit));
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsFault::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsFault::Form)?;
        // The engine rejects padding, other alphabets, and bits that no byte uses: one JWS has one text.
        let decode = |part: &str| BASE64URL.decode(part).map_err(|_| JwsFault::Form);
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let header = parse_object(&header).ok_or(JwsFault::Header)?;
        let claims = parse_object(&payload).ok_or(JwsFault::Payload)?;
        Ok(Self { header, claims, signed, signature })
    }

    /// The members of the header that decide about the signature.
    ///
    /// # Errors
    /// [`JwsFault::Member`], [`JwsFault::Algorithm`], [`JwsFault::Text`]
    pub fn header(&self) -> Result<JwsHeader<'_>, JwsFault> {
        if let Some(member) = FORBIDDEN.into_iter().find(|name| self.header.contains_key(*name)) {
            return Err(JwsFault::Member(member));
        }
        let algorithm = self.header.get("alg").and_then(Value::as_str);
        let algorithm = algorithm.and_then(Algorithm::verifiable).ok_or(JwsFault::Algorithm)?;
        Ok(JwsHeader { algorithm, kid: self.text("kid")?, typ: self.text("typ")? })
    }

    fn text(&self, name: &'static str) -> Result<Option<&str>, JwsFault> {
        match self.header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= limits::OPAQUE => Ok(Some(text)),
            Some(_) => Err(JwsFault::Text(name)),
        }
    }
}
