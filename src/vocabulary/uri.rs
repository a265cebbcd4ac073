//! Absolute URIs as browsers read them: by the WHATWG URL standard.
//!
//! That standard repairs what it is given: `\` becomes `/`, `0x7f.1` becomes an address, `a/../b` becomes `b`.
//! Other parsers read the same text in another way, and attackers use the difference. So a URI is accepted
//! only if parsing it changes nothing, with four exceptions: upper case in scheme and host, an explicit
//! default port, the slash of an empty path, and `'` in a query. Accepted texts are kept byte for byte.

use std::borrow::Cow;

use super::host;
use thiserror::Error;

/// The reason why a text is not an absolute URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UriError {
    /// No scheme: a relative reference, or a host and port whose scheme was forgotten.
    #[error("must be an absolute URI, starting with a scheme")]
    Relative,
    /// A character that no scheme may contain, like `_` (RFC 3986 §3.1).
    #[error("has '{0}' in its scheme; a scheme consists of letters, digits, +, - and .")]
    SchemeCharacter(char),
    /// A byte that RFC 3986 §2 has no place for, among them whitespace, controls and `\`.
    #[error("must not contain {}", shown_character(*.0))]
    Character(char),
    /// A `%` without two hex digits, or one that hides a control character (RFC 3986 §2.1).
    #[error("must use % only before two hex digits, and never for a control character")]
    PercentEncoding,
    /// `user@` or `user:password@` before the host (RFC 3986 §3.2.1).
    #[error("must not contain user information (@) before the host")]
    Userinfo,
    /// No host where the scheme needs one, or one that is neither a DNS name nor a plain address.
    #[error(
        "must name its host as a DNS name whose xn-- labels decode, or as an IP address in its usual form"
    )]
    Host,
    /// A port that is not a number from 1 to 65535.
    #[error("must use a port number from 1 to 65535, without leading zeros")]
    Port,
    /// A path segment `.` or `..`, which browsers resolve (RFC 3986 §6.2.2.3), or one with a parameter
    /// (`..;x`): application servers drop the parameter and go up.
    #[error("must not contain the path segments . or ..")]
    DotSegment,
}

/// A character that no URI has, as an error names it. RFC 6749 §5.2 has no place for `"` and `\` in an
/// `error_description`.
fn shown_character(c: char) -> String {
    match c {
        ' ' => String::from("spaces"),
        _ if c.is_ascii_graphic() && !matches!(c, '"' | '\\') => format!("'{c}'"),
        _ => format!(
            "the character U+{:04X}; hosts are written as xn--, everything else percent-encoded",
            u32::from(c)
        ),
    }
}

/// The checks before the parser runs, in this order. Browsers accept or repair most of what these reject.
const BEFORE_PARSING: [fn(&Uri<'_>) -> Option<UriError>; 4] = [
    // The parser would decode it, and every label in it, to something else.
    |uri| {
        let is_web = matches!(&*uri.scheme, "https" | "http");
        (is_web && uri.authority.contains('%')).then_some(UriError::Host)
    },
    |uri| check_characters(uri.text).err(),
    |uri| is_port_then_path(uri.text.get(uri.scheme.len()..)?).then_some(UriError::Relative),
    |uri| wrong_scheme(&uri.scheme),
];

/// `text` in lower case, copied only if it is not.
fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// A text that can be an absolute URI as far as its characters and its scheme go.
#[derive(Debug)]
pub(super) struct Uri<'t> {
    text: &'t str,
    /// The scheme in lower case.
    pub scheme: Cow<'t, str>,
    /// The text between scheme and path: `:`, or `://` and an authority.
    authority: &'t str,
    /// Path, query and fragment.
    pub tail: &'t str,
}

impl<'t> Uri<'t> {
    /// Holds `text` against the checks that need no parser.
    pub fn new(text: &'t str) -> Result<Self, UriError> {
        let (scheme, rest) = text.split_at_checked(text.find(':').unwrap_or(0)).unwrap_or_default();
        let start = ["://", ":"].into_iter().find(|start| rest.starts_with(start));
        let start = start.map_or(0, str::len);
        // By bytes: a host can have 253 of them.
        let after = rest.bytes().skip(start).position(|byte| matches!(byte, b'/' | b'?' | b'#'));
        let end = match start {
            3 => after.map_or(rest.len(), |after| after.saturating_add(start)),
            _ => start,
        };
        let (authority, tail) = rest.split_at_checked(end).unwrap_or_default();
        let uri = Self { text, scheme: lower_case(scheme), authority, tail };
        let error = BEFORE_PARSING.iter().find_map(|check| check(&uri));
        error.map_or(Ok(uri), Err)
    }

    /// Reads the authority as browsers do, and checks that nothing changes but upper case and an explicit default port.
    ///
    /// The rest is not parsed, which would cost a hundred registrations for 64 KB of it: a browser leaves the characters
    /// of RFC 3986 as they are, except dot segments, and `'` in a query. `tests/redirect_uris.rs` holds that.
    pub fn parse(&self) -> Result<Authority, UriError> {
        let is_web = matches!(&*self.scheme, "https" | "http");
        let authority = match self.authority.strip_prefix("://") {
            Some(written) => self.parse_authority(written, is_web)?,
            None if is_web => return Err(UriError::Host),
            None => Authority::default(),
        };
        if has_dot_segment(self.tail) { Err(UriError::DotSegment) } else { Ok(authority) }
    }

    fn parse_authority(&self, written: &str, is_web: bool) -> Result<Authority, UriError> {
        if written.contains('@') {
            return Err(UriError::Userinfo);
        }
        // The colons of an IPv6 address are between brackets.
        let start = written.find(']').unwrap_or(0);
        let colon = written.get(start..).and_then(|rest| rest.find(':'));
        let end = colon.map_or(written.len(), |colon| start.saturating_add(colon));
        let (name, port) = written.split_at_checked(end).unwrap_or_default();
        let host = match name {
            "" if !is_web && port.is_empty() => return Ok(Authority::default()),
            "" => return Err(UriError::Host),
            _ if is_web => url::Host::parse(name),
            _ => url::Host::parse_opaque(name),
        };
        let host = host.map_err(|_| UriError::Host)?;
        let is_sound = match &host {
            // Browsers take any ASCII that is no delimiter for the name of a web server, and names of any length.
            url::Host::Domain(read) => {
                (!is_web || host::is_name(read)) && is_same_but_for_case(name, read)
            }
            // An IPv4 address written as IPv6 is a disguise.
            url::Host::Ipv6(address) if address.to_ipv4_mapped().is_some() => false,
            address => is_same_but_for_case(name, &address.to_string()),
        };
        if !is_sound {
            return Err(UriError::Host);
        }
        let number = port.strip_prefix(':').map(port_number).transpose()?;
        let default = if self.scheme == "https" { 443 } else { 80 };
        let port = if is_web && number == Some(default) { "" } else { port };
        let text = match &host {
            url::Host::Domain(name) => [&*self.scheme, "://", name, port].concat(),
            address => [&*self.scheme, "://", &address.to_string(), port].concat(),
        };
        let end = self.scheme.len().saturating_add("://".len()).saturating_add(end);
        let web = is_web.then_some(Origin { text, host });
        Ok(Authority { origin: web, end })
    }
}

/// The authority of a URI as browsers read it.
#[derive(Debug, Default)]
pub(super) struct Authority {
    /// Its origin, for http and https: the hosts of other schemes are opaque.
    pub origin: Option<Origin>,
    /// Where its host ends in the text.
    pub end: usize,
}

/// Scheme, host and port of a URI of http or https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// As browsers write it: in lower case, without a default port.
    pub text: String,
    /// The host.
    pub host: url::Host<String>,
}

fn is_same_but_for_case(written: &str, read: &str) -> bool {
    written == read || written.eq_ignore_ascii_case(read)
}

/// A port number without leading zeros.
fn port_number(text: &str) -> Result<u16, UriError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_plain).ok_or(UriError::Port)
}

/// Whether a browser writes an origin like this (RFC 6454 §6.2): `scheme://host[:port]` in lower case, without a default
/// port. Apps have schemes of their own.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    let Ok(uri) = Uri::new(text) else { return false };
    uri.parse().is_ok_and(|authority| {
        let name = text.get(uri.scheme.len().saturating_add("://".len())..authority.end);
        let named = name.is_some_and(|name| name.starts_with('[') || host::is_name(name));
        let canonical = authority.origin.is_none_or(|origin| origin.text == text);
        named && canonical && uri.tail.is_empty() && lower_case(text) == text
    })
}

/// Whether there is a segment of dots in the path at the beginning of `tail`.
fn has_dot_segment(tail: &str) -> bool {
    if !tail.contains('.') && !tail.contains('%') {
        return false;
    }
    // By bytes: a path may be of slashes only.
    let mut path = tail.as_bytes().split(|byte| matches!(byte, b'?' | b'#'));
    let path = path.next().unwrap_or_default();
    path.split(|byte| *byte == b'/').any(is_dots)
}

/// Whether a path segment is `.` or `..`, percent-encoded or not, with a parameter or without.
fn is_dots(segment: &[u8]) -> bool {
    let Some(rest) = after_dot(segment) else { return false };
    let rest = after_dot(rest).unwrap_or(rest);
    matches!(rest, [] | [b';', ..] | [b'%', b'3', b'b' | b'B', ..])
}

/// The text behind a dot at the beginning, percent-encoded or not.
fn after_dot(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// The error of a text that is no scheme. A text with one wrong character was meant as a scheme.
fn wrong_scheme(scheme: &str) -> Option<UriError> {
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some(UriError::Relative);
    }
    let wrong = scheme.bytes().position(|byte| !is(byte, SCHEME))?;
    let wrong = scheme.get(wrong..)?.chars().next()?;
    let meant = !scheme.contains(['/', '?', '#', '[', ']', '@']);
    Some(if meant { UriError::SchemeCharacter(wrong) } else { UriError::Relative })
}

/// `localhost:9000/callback` parses as the scheme `localhost`; it is a URI that lost its scheme.
fn is_port_then_path(after_scheme: &str) -> bool {
    let rest = after_scheme.strip_prefix(':').unwrap_or_default();
    let path = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    path.len() < rest.len() && (path.is_empty() || path.starts_with(['/', '?', '#']))
}

/// Holds the characters of `text` against RFC 3986 §2, and its escapes against §2.1: `%` before two hex digits, and
/// never for a control character (0 to 1f, and 7f).
fn check_characters(text: &str) -> Result<(), UriError> {
    let mut rest = text.as_bytes();
    let mut escapes = true;
    // By bytes, a table and one short loop up to each `%`: a request can have hundreds of URIs.
    while let Some(at) = rest.iter().position(|byte| !is(*byte, PLAIN)) {
        let Some((b'%', after)) = rest.get(at..).and_then(<[u8]>::split_first) else {
            let other = text.chars().find(|c| !is_uri_character(*c)).unwrap_or_default();
            return Err(UriError::Character(other));
        };
        let hides_control = matches!(after, [b'0' | b'1', ..] | [b'7', b'f' | b'F', ..]);
        escapes &= is_escape(after) && !hides_control;
        rest = after;
    }
    if escapes { Ok(()) } else { Err(UriError::PercentEncoding) }
}

/// Whether what follows a `%` begins with two hex digits.
pub(super) fn is_escape(rest: &[u8]) -> bool {
    matches!(rest, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// The characters that a URI may contain, except `%`.
const PLAIN: u8 = 1;
/// The characters of a scheme.
const SCHEME: u8 = 2;
/// The characters of a label of a host name.
pub(super) const LABEL: u8 = 4;

/// Whether `byte` is one of the characters of `class`.
pub(super) fn is(byte: u8, class: u8) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & class != 0)
}

/// The classes of each byte.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler")]
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0_u8;
    while at < 128 {
        let c = at as char;
        if is_uri_character(c) && c != '%' {
            classes[at as usize] |= PLAIN;
        }
        if c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.') {
            classes[at as usize] |= SCHEME;
        }
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
            classes[at as usize] |= LABEL;
        }
        at += 1;
    }
    classes
};

/// Unreserved, reserved and `%` (RFC 3986 §2).
const fn is_uri_character(c: char) -> bool {
    let reserved = matches!(c, ':' | '/' | '?' | '#' | '[' | ']' | '@')
        || matches!(c, '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=');
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '%') || reserved
}
