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
    // Else the library would keep a `%` that encodes nothing.
    if !text.split('%').skip(1).all(|rest| is_escape(rest.as_bytes())) {
        return None;
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// What a client presented to a token endpoint to prove who it is.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_text_is_decoded_or_refused() {
        for (text, decoded) in [
            ("", Some("")),
            ("a-b_c.~", Some("a-b_c.~")),
            ("a+b%20c%2Bd", Some("a b c+d")),
            ("%c3%BC", Some("ü")),
            ("%", None),
            ("%4", None),
            ("%4g", None),
            ("%+1", None),
            ("%ff", None),
        ] {
            assert_eq!(decode(text).as_deref(), decoded, "{text}");
        }
    }

    #[test]
    fn rfc_6749_2_3_1_both_halves_of_a_basic_credential_are_form_encoded() {
        let secret = |text: &str| ClientSecret::presented(text);
        // `a%2Db:s%5Ft+x` as strict libraries write it, `a-b:s_t` as most do.
        for (header, id, plain) in [
            ("Basic YSUyRGI6cyU1RnQreA==", "a-b", "s_t x"),
            ("basic  YS1iOnNfdA==", "a-b", "s_t"),
            ("Basic YTo=", "a", ""),
            ("Basic YTpiOmM=", "a", "b:c"),
        ] {
            let read = ClientCredentials::basic(header).unwrap();
            assert!(read.client_id == id && read.client_secret == secret(plain), "{header}");
            assert!(!format!("{read:?}").contains(plain) || plain.is_empty());
        }
        for header in
            ["", "Basic", "Basic YQ==", "Bearer YTpi", "Basic ???", "Basic YTolZg==", "Basic /w=="]
        {
            assert!(ClientCredentials::basic(header).is_none(), "{header}");
        }
    }
}
