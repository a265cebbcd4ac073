//! Distinguished names as text: RFC 4514, and the spellings of RFC 2253 that it replaced.

use std::iter::Peekable;
use std::str::Bytes;

/// The name of a subject or an issuer of a certificate. Two names are equal if they have the same attributes with the
/// same values in the same order, however their text escapes them. Values are compared byte for byte.
#[derive(Debug, Clone)]
pub struct DistinguishedName {
    text: String,
    /// Attribute types in upper case, values in hex.
    canonical: String,
}

impl PartialEq for DistinguishedName {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for DistinguishedName {}

impl DistinguishedName {
    /// Reads a name like `CN=Bank\, Ltd,O=Example,C=GB`; `None` for text that is none, for the name without attributes, and
    /// for text with controls, which have to be escaped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let mut rest = text.bytes().peekable();
        let mut names = vec![vec![attribute(&mut rest)?]];
        while let Some(separator) = rest.next() {
            let next = attribute(&mut rest)?;
            match separator {
                b'+' => names.last_mut()?.push(next),
                _ => names.push(vec![next]),
            }
        }
        let join = |attributes: Vec<String>| {
            let mut attributes: Vec<&str> = attributes.iter().map(String::as_str).collect();
            // The attributes of one relative name have no order (RFC 4514 §2.2).
            attributes.sort_unstable();
            attributes.join("+")
        };
        let canonical = names.into_iter().map(join).collect::<Vec<_>>().join(",");
        Some(Self { text: text.to_owned(), canonical })
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

type Rest<'t> = Peekable<Bytes<'t>>;

fn skip_spaces(rest: &mut Rest<'_>) {
    while rest.next_if_eq(&b' ').is_some() {}
}

/// A type and its value, up to a separator or the end (RFC 4514 §3, `attributeTypeAndValue`).
fn attribute(rest: &mut Rest<'_>) -> Option<String> {
    skip_spaces(rest);
    let mut kind = String::new();
    while let Some(byte) = rest.next_if(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')) {
        kind.push(char::from(byte.to_ascii_uppercase()));
    }
    skip_spaces(rest);
    if kind.is_empty() || rest.next()? != b'=' {
        return None;
    }
    skip_spaces(rest);
    let value = match rest.peek() {
        Some(b'#') => encoded(rest)?,
        Some(b'"') => quoted(rest)?,
        _ => plain(rest)?,
    };
    Some(format!("{}={value}", kind.strip_prefix("OID.").unwrap_or(&kind)))
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b',' | b'+' | b';')
}

/// The BER encoding of a value, in hex.
fn encoded(rest: &mut Rest<'_>) -> Option<String> {
    rest.next();
    let mut value = String::from("#");
    while let Some(digit) = rest.next_if(u8::is_ascii_hexdigit) {
        value.push(char::from(digit.to_ascii_lowercase()));
    }
    skip_spaces(rest);
    let is_whole = value.len() > 1 && value.len() % 2 == 1;
    (is_whole && rest.peek().is_none_or(|byte| is_separator(*byte))).then_some(value)
}

fn quoted(rest: &mut Rest<'_>) -> Option<String> {
    rest.next();
    let mut value = String::new();
    loop {
        match rest.next()? {
            b'"' => break,
            b'\\' => push(&mut value, escaped(rest)?),
            byte => push(&mut value, byte),
        }
    }
    skip_spaces(rest);
    rest.peek().is_none_or(|byte| is_separator(*byte)).then_some(value)
}

fn plain(rest: &mut Rest<'_>) -> Option<String> {
    let mut value = String::new();
    // Spaces at the end belong to the value only if they are escaped.
    let mut kept = 0;
    while let Some(byte) = rest.next_if(|byte| !is_separator(*byte)) {
        match byte {
            b'\\' => push(&mut value, escaped(rest)?),
            b'"' | b'<' | b'>' => return None,
            byte => push(&mut value, byte),
        }
        if byte != b' ' {
            kept = value.len();
        }
    }
    value.truncate(kept);
    Some(value)
}

/// The byte after a backslash: a special character, or two hex digits.
fn escaped(rest: &mut Rest<'_>) -> Option<u8> {
    let first = rest.next()?;
    if b" \"#+,;<=>\\".contains(&first) {
        return Some(first);
    }
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    Some(digit(first)? << 4 | digit(rest.next()?)?)
}

fn push(value: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 15] {
        value.extend(char::from_digit(digit.into(), 16));
    }
}
