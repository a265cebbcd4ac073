//! `application/x-www-form-urlencoded` text: queries, and the halves of a Basic credential.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use form_urlencoded::Parse;
use percent_encoding::percent_decode_str;

use super::credential::ClientSecret;
use super::uri::is_escape;

/// Names and values of a query; `None` if it is not encoded text, which the library would repair.
#[must_use]
pub fn parse(query: &str) -> Option<Parse<'_>> {
    decode(query).map(|_| form_urlencoded::parse(query.as_bytes()))
}

/// Decodes one name or value; `None` if it is not encoded text.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    // The library would keep a `%` that is no escape.
    if !text.split('%').skip(1).all(|rest| is_escape(rest.as_bytes())) {
        return None;
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// The credentials that a client presented to a token endpoint.
#[derive(Debug)]
pub struct ClientCredentials {
    /// Its identifier, as it says.
    pub client_id: String,
    /// Its secret, as it says.
    pub client_secret: ClientSecret,
}

impl ClientCredentials {
    /// Reads the value of an `Authorization: Basic` header: both halves are form-encoded first (RFC 6749
    /// §2.3.1).
    #[must_use]
    pub fn basic(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(BASE64.decode(encoded.trim_matches(' ')).ok()?).ok()?;
        let (client_id, secret) = pair.split_once(':')?;
        let client_secret = ClientSecret::presented(&decode(secret)?);
        Some(Self { client_id: decode(client_id)?, client_secret })
    }
}
