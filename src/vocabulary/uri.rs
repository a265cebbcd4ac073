//! Absolute URIs as browsers read them: by the WHATWG URL standard.
//!
//! That standard repairs what it is given: `\` becomes `/`, `0x7f.1` becomes an address, `a/../b` becomes `b`.
//! Other parsers read the same text in another way, and attackers use the difference. So a URI is accepted
//! only if parsing it changes nothing, with four exceptions: upper case in scheme and host, an explicit
//! default port, the slash of an empty path, and `'` in a query. Accepted texts are kept byte for byte.

use std::borrow::Cow;
use std::fmt;

use url::{ParseError, Position, Url};

use super::host;

/// Why a text is not an absolute URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UriError {
    /// No scheme: a relative reference, or a host and port whose scheme was forgotten.
    Relative,
    /// A character that no scheme may contain, like `_` (RFC 3986 §3.1).
    SchemeCharacter(char),
    /// A byte that RFC 3986 §2 has no place for, among them whitespace, controls and `\`.
    Character(char),
    /// A `%` without two hex digits, or one that hides a control character (RFC 3986 §2.1).
    PercentEncoding,
    /// `user@` or `user:password@` before the host (RFC 3986 §3.2.1).
    Userinfo,
    /// No host where the scheme needs one, or one that is neither a DNS name nor a plain address.
    Host,
    /// A port that is not a number from 1 to 65535.
    Port,
    /// A path segment `.` or `..`, which browsers resolve (RFC 3986 §6.2.2.3), or one with a parameter
    /// (`..;x`): application servers drop the parameter and go up.
    DotSegment,
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relative => f.write_str("must be an absolute URI, starting with a scheme"),
            Self::SchemeCharacter(c) => write!(
                f,
                "has '{c}' in its scheme; a scheme consists of letters, digits, +, - and ."
            ),
            // RFC 6749 §5.2 has no place for these two in an error_description.
            Self::Character(c) if c.is_ascii_graphic() && !matches!(c, '"' | '\\') => {
                write!(f, "must not contain '{c}'")
            }
            Self::Character(c) if *c == ' ' => f.write_str("must not contain spaces"),
            Self::Character(c) => write!(
                f,
                "must not contain the character U+{:04X}; hosts are written as xn--, \
                 everything else percent-encoded",
                u32::from(*c)
            ),
            Self::PercentEncoding => f.write_str(
                "must use % only before two hex digits, and never for a control character",
            ),
            Self::Userinfo => f.write_str("must not contain user information (@) before the host"),
            Self::Host => f.write_str(
                "must name its host as a DNS name whose xn-- labels decode, or as an IP address in \
                 its usual form",
            ),
            Self::Port => {
                f.write_str("must use a port number from 1 to 65535, without leading zeros")
            }
            Self::DotSegment => f.write_str("must not contain the path segments . or .."),
        }
    }
}

/// What is checked before the parser runs, in this order. Browsers accept or repair most of it.
const BEFORE_PARSING: [fn(&Uri<'_>) -> Option<UriError>; 3] = [
    |uri| check_characters(uri.text).err(),
    |uri| is_port_then_path(uri.text.get(uri.scheme.len()..)?).then_some(UriError::Relative),
    |uri| wrong_scheme(&uri.scheme),
];

/// Whether a parsed URI is wrong, and what is wrong then.
type Check = (fn(&Uri<'_>, &Url) -> bool, UriError);

/// What the parser accepts unchanged, and is rejected all the same.
const AFTER_PARSING: [Check; 4] = [
    (|uri, _| uri.authority.contains('@'), UriError::Userinfo),
    (|_, url| url.port() == Some(0), UriError::Port),
    (|_, url| !host::is_sound(url), UriError::Host),
    (|uri, _| has_dot_segment(uri.tail), UriError::DotSegment),
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
    /// What stands after the scheme up to the path: `:`, or `://` and an authority.
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

    /// Parses scheme and authority as browsers do, and checks that nothing changes but upper case and an
    /// explicit default port. The scheme of the result is `x` for all schemes but `https` and `http`: the parser takes
    /// them for alike, and a long one costs more than all other checks.
    ///
    /// The rest is not parsed, which would cost a hundred registrations for 64 KB of it: a browser leaves the characters
    /// of RFC 3986 as they are, except dot segments, and `'` in a query. `tests/redirect_uris.rs` holds that.
    pub fn parse(&self) -> Result<Url, UriError> {
        let (scheme, default) = match &*self.scheme {
            "https" => ("https", ":443"),
            "http" => ("http", ":80"),
            _ => ("x", ""),
        };
        let url = Url::parse(&[scheme, self.authority].concat()).map_err(|error| match error {
            ParseError::InvalidPort => UriError::Port,
            _ => UriError::Host,
        })?;
        if let Some((_, error)) = AFTER_PARSING.iter().find(|(is_wrong, _)| is_wrong(self, &url)) {
            return Err(*error);
        }
        let host = &url[Position::AfterScheme..Position::AfterHost];
        let (written, port) = self.authority.split_at_checked(host.len()).unwrap_or_default();
        if written != host && !written.eq_ignore_ascii_case(host) {
            Err(UriError::Host)
        } else if port != default && port != &url[Position::AfterHost..Position::AfterPort] {
            Err(UriError::Port)
        } else {
            Ok(url)
        }
    }
}

/// Whether a browser writes an origin like this (RFC 6454 §6.2): `scheme://host[:port]` in lower case, without a default
/// port. Apps have schemes of their own.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    let Ok(uri) = Uri::new(text) else { return false };
    uri.parse().is_ok_and(|url| {
        let name = url.host_str().unwrap_or_default();
        let named = name.starts_with('[') || host::is_name(name);
        let canonical = uri.authority == &url[Position::AfterScheme..Position::AfterPort];
        named && canonical && uri.tail.is_empty() && lower_case(text) == text
    })
}

/// Whether `url` has a scheme of web servers, so that its host is a name of the DNS or an address.
pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http")
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

/// What follows a dot at the beginning, percent-encoded or not.
fn after_dot(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Why `scheme` is none, if so. A text that could be a scheme but for one character was meant as one.
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
    // By bytes and a table, in one pass: a request can have hundreds of URIs.
    let mut bytes = text.as_bytes();
    let mut escapes = true;
    while let [byte, rest @ ..] = bytes {
        bytes = rest;
        match (byte, rest) {
            (b'%', [b'0' | b'1', ..] | [b'7', b'f' | b'F', ..]) => escapes = false,
            (b'%', _) => escapes &= is_escape(rest),
            _ if is(*byte, ANYWHERE) => {}
            _ => {
                let other = text.chars().find(|c| !is_uri_character(*c)).unwrap_or_default();
                return Err(UriError::Character(other));
            }
        }
    }
    if escapes { Ok(()) } else { Err(UriError::PercentEncoding) }
}

/// Whether what follows a `%` begins with two hex digits.
pub(super) fn is_escape(rest: &[u8]) -> bool {
    matches!(rest, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// The characters that a URI may contain.
const ANYWHERE: u8 = 1;
/// What may be in a scheme.
const SCHEME: u8 = 2;
/// What may be in a label of a host name.
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
        if is_uri_character(c) {
            classes[at as usize] |= ANYWHERE;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Host, HostNames};

    fn parse(text: &str) -> Result<Url, UriError> {
        Uri::new(text)?.parse()
    }

    #[test]
    fn disguised_addresses_are_no_hosts() {
        for text in [
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0177.0.0.1/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[0:0::1]/",
            "https://[::0001]/",
            "https://[2001:db8:0:0:0:0:0:1]/",
            "https://[1:0::2:3:4:5:6:7]/",
            "https://example.com./",
            "https:///path",
            "https://a..b/",
            "https://[::1]x/",
        ] {
            assert_eq!(parse(text), Err(UriError::Host), "{text}");
        }
    }

    #[test]
    fn hosts_are_compared_in_lower_case() {
        let url = parse("https://EXAMPLE.com:8443/x").unwrap();
        assert_eq!(url.host_str(), Some("example.com"));
    }

    #[test]
    fn ipv6_addresses_are_written_as_in_rfc_5952_in_any_case() {
        for text in ["https://[::1]/", "https://[2001:DB8::A]/", "https://[::7f00:1]/"] {
            assert!(matches!(parse(text).unwrap().host(), Some(url::Host::Ipv6(_))), "{text}");
        }
    }

    #[test]
    fn scheme_with_a_wrong_character_is_named_as_such() {
        for (text, error) in [
            ("my_app://cb", UriError::SchemeCharacter('_')),
            ("com.example_app:/cb", UriError::SchemeCharacter('_')),
            ("my%20app:/cb", UriError::SchemeCharacter('%')),
            ("my_host:9000/cb", UriError::Relative),
            ("/cb_:x", UriError::Relative),
            ("1app://cb", UriError::Relative),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn segment_of_dots_is_seen_in_any_encoding_and_with_parameters() {
        for (path, dots) in [
            ("a/../b", true),
            ("a/%2E./b", true),
            ("a/.", true),
            ("a/..;/b", true),
            ("a/..;x=1/b", true),
            ("a/%2e%2E%3Bx/b", true),
            ("a/.;/b", true),
            ("a/...;/b", false),
            ("a;../b", false),
            (".well-known/x", false),
        ] {
            let text = format!("https://h/{path}");
            assert_eq!(parse(&text).err(), dots.then_some(UriError::DotSegment), "{path}");
        }
    }

    #[test]
    fn only_names_with_an_encoded_label_are_asked_for() {
        struct Nothing;
        impl HostNames for Nothing {
            fn is_unchanged(&self, _: &str) -> bool {
                false
            }
        }
        for (text, alike) in [
            ("https://xn--a/", false),
            ("https://A.XN--BCHER-KVA/", false),
            ("https://axn--.example/", true),
            ("https://[::1]/", true),
            ("https://example.com/", true),
        ] {
            let url = parse(text).unwrap();
            assert_eq!(Host::of(&url).unwrap().is_read_alike(&Nothing), alike, "{text}");
        }
    }

    #[test]
    fn rfc_1035_2_3_4_names_and_their_labels_have_a_length() {
        let label = |n: usize| "a".repeat(n);
        let name = |last: usize| [label(63), label(63), label(63), label(last)].join(".");
        assert_eq!((name(61).len(), name(62).len()), (253, 254));
        for (text, sound) in
            [(label(63), true), (label(64), false), (name(61), true), (name(62), false)]
        {
            assert_eq!(parse(&format!("https://{text}/")).is_ok(), sound, "{text}");
        }
    }

    #[test]
    fn ports_are_numbers_from_1_to_65535() {
        for text in [
            "https://h:/",
            "https://h:0/",
            "https://h:0443/",
            "https://h:+443/",
            "https://h:65536/",
            "https://h:1a/",
            "https://[::1]:x/",
        ] {
            assert_eq!(parse(text), Err(UriError::Port), "{text}");
        }
        assert_eq!(parse("http://[::1]:8080/").unwrap().port(), Some(8080));
    }

    #[test]
    fn characters_that_parsers_mend_are_refused() {
        for (text, bad) in [
            ("https://h\\@evil/", '\\'),
            ("https://h/\t", '\t'),
            ("https://h/ x", ' '),
            ("https://h/\u{0}", '\0'),
            ("https://ex\u{e4}mple/", '\u{e4}'),
            ("https://h/<x>", '<'),
        ] {
            assert_eq!(parse(text), Err(UriError::Character(bad)), "{text}");
        }
        for text in
            ["https://h/%", "https://h/%0", "https://h/%zz", "https://h/%00", "https://h/%0a"]
        {
            assert_eq!(parse(text), Err(UriError::PercentEncoding), "{text}");
        }
    }
}
