//! A strict reading of RFC 3986: what two parsers could read differently is refused, not repaired.
//!
//! Browsers follow the WHATWG URL standard, which mends what it is given (`\` becomes `/`, tabs
//! vanish, `0x7f.1` becomes an address). An attacker lives in the gap between two readings, so a
//! text that needs mending is no URI here. `tests/redirect_uris.rs` holds this reading
//! against the WHATWG one: on what is accepted, they agree about scheme, host and port.

use std::borrow::Cow;
use std::fmt;

use super::host::Host;

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
        }
    }
}

/// `text` in lower case, copied only if it is not.
pub(super) fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
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

/// The parts of an absolute URI, borrowed from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Uri<'a> {
    /// The scheme in lower case.
    pub scheme: Cow<'a, str>,
    /// What stands after `//` up to the path, where there is one.
    pub authority: Option<&'a str>,
    /// The path, possibly empty.
    pub path: &'a str,
    /// What stands after `?`.
    pub query: Option<&'a str>,
    /// What stands after `#`.
    pub fragment: Option<&'a str>,
    /// Whether there is a `*` anywhere.
    pub has_wildcard: bool,
    /// Whether what follows some `/` begins like a segment of dots.
    may_have_dots: bool,
}

/// The authority of a URI whose scheme has one: `host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    pub host: Host,
    /// `None` where no port is written: the scheme's default.
    pub port: Option<u16>,
}

impl<'a> Uri<'a> {
    /// Splits `text` into its parts (RFC 3986 §3), after holding its characters against §2.
    pub fn split(text: &'a str) -> Result<Self, UriError> {
        let marks = check_characters(text)?;
        let (scheme, rest) = text.split_once(':').ok_or(UriError::Relative)?;
        let mut letters = scheme.bytes();
        let sound = letters.next().is_some_and(|b| b.is_ascii_alphabetic())
            && letters.all(|byte| is(byte, SCHEME));
        if is_port_then_path(rest) {
            return Err(UriError::Relative);
        }
        if !sound {
            return Err(wrong_scheme(scheme));
        }
        let (rest, fragment) = split_off(rest, '#', marks.tail);
        let (rest, query) = split_off(rest, '?', marks.tail);
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (Some(authority), path)
            }
            None => (None, rest),
        };
        let scheme = lower_case(scheme);
        let (has_wildcard, may_have_dots) = (marks.wildcard, marks.dots);
        Ok(Self { scheme, authority, path, query, fragment, has_wildcard, may_have_dots })
    }

    /// Reads the authority as `host[:port]`; user information is refused.
    pub fn host_and_port(&self) -> Result<Authority, UriError> {
        let authority = self.authority.ok_or(UriError::Host)?;
        if authority.contains('@') {
            return Err(UriError::Userinfo);
        }
        let host_end = authority.find(']').map_or(0, |bracket| bracket.saturating_add(1));
        let (head, tail) = authority.split_at_checked(host_end).ok_or(UriError::Host)?;
        let (host, port) = match tail.split_once(':') {
            Some((name, port)) => (if head.is_empty() { name } else { head }, Some(port)),
            None => (if head.is_empty() { tail } else { head }, None),
        };
        if !head.is_empty() && !tail.is_empty() && !tail.starts_with(':') {
            return Err(UriError::Host);
        }
        let port = match port {
            None => None,
            // Browsers drop leading zeros, so they are a second spelling; so is the `+` that
            // `parse` would take.
            Some(digits) if !digits.starts_with(['0', '+']) => {
                Some(digits.parse::<u16>().map_err(|_| UriError::Port)?)
            }
            Some(_) => return Err(UriError::Port),
        };
        Ok(Authority { host: Host::parse(host)?, port })
    }

    /// Whether a path segment is `.` or `..`, percent-encoded or not (RFC 3986 §6.2.2.3), or is one
    /// with a parameter (`..;x`): application servers drop the parameter and go up.
    pub fn has_dot_segment(&self) -> bool {
        // By bytes: a path may be of slashes only.
        let path = self.path.as_bytes();
        is_dots(path.split(|byte| *byte == b'/').next().unwrap_or_default())
            || (self.may_have_dots && path.split(|byte| *byte == b'/').any(is_dots))
    }
}

/// Why `text` before the first colon is no scheme. A text that could be a scheme but for one character
/// was meant as one.
fn wrong_scheme(text: &str) -> UriError {
    let meant = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.contains(['/', '?', '#', '[', ']', '@']);
    let wrong = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.');
    let wrong = text.chars().find(wrong).filter(|_| meant);
    wrong.map_or(UriError::Relative, UriError::SchemeCharacter)
}

/// `localhost:9000/callback` parses as the scheme `localhost`; it is a URI that lost its scheme.
fn is_port_then_path(rest: &str) -> bool {
    let path = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    path.len() < rest.len() && (path.is_empty() || path.starts_with(['/', '?', '#']))
}

/// What stands before and after the first `mark`, which need not be looked for unless there `may_be` one.
fn split_off(text: &str, mark: char, may_be: bool) -> (&str, Option<&str>) {
    let parts = if may_be { text.split_once(mark) } else { None };
    parts.map_or((text, None), |(before, after)| (before, Some(after)))
}

/// What one pass over the characters of a URI sees.
#[derive(Debug, Default)]
struct Marks {
    /// A `?` or a `#`.
    tail: bool,
    /// A `*`.
    wildcard: bool,
    /// A segment that begins like one of dots.
    dots: bool,
}

fn check_characters(text: &str) -> Result<Marks, UriError> {
    // By bytes and a table, in one pass: a request can have a hundred URIs, several times over.
    let mut bytes = text.as_bytes();
    let mut marks = Marks::default();
    let mut escapes = true;
    while let [byte, rest @ ..] = bytes {
        bytes = rest;
        if is(*byte, PLAIN) {
            continue;
        }
        match (byte, rest) {
            (b'/', [b'.' | b'%', ..]) => marks.dots = true,
            (b'/', _) => {}
            (b'?' | b'#', _) => marks.tail = true,
            (b'*', _) => marks.wildcard = true,
            // Control characters are 0 to 1f, and 7f.
            (b'%', [b'0' | b'1', ..] | [b'7', b'f' | b'F', ..]) => escapes = false,
            (b'%', [high, low, ..]) => {
                escapes &= high.is_ascii_hexdigit() && low.is_ascii_hexdigit();
            }
            (b'%', _) => escapes = false,
            _ => {
                let other = text.chars().find(|c| !is_uri_character(*c)).unwrap_or_default();
                return Err(UriError::Character(other));
            }
        }
    }
    if escapes { Ok(marks) } else { Err(UriError::PercentEncoding) }
}

/// What may be in a URI and means nothing before it is split.
const PLAIN: u8 = 1;
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
        let marks = matches!(c, '/' | '?' | '#' | '*' | '%');
        if is_uri_character(c) && !marks {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::HostNames;

    fn host(text: &str) -> Result<Host, UriError> {
        Uri::split(text)?.host_and_port().map(|authority| authority.host)
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
            assert_eq!(host(text), Err(UriError::Host), "{text}");
        }
    }

    #[test]
    fn hosts_are_compared_in_lower_case() {
        assert_eq!(host("https://EXAMPLE.com:8443/x"), Ok(Host::Name("example.com".into())));
    }

    #[test]
    fn ipv6_addresses_are_written_as_in_rfc_5952_in_any_case() {
        for text in ["https://[::1]/", "https://[2001:DB8::A]/", "https://[::7f00:1]/"] {
            assert!(matches!(host(text), Ok(Host::V6(_))), "{text}");
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
            assert_eq!(Uri::split(text), Err(error), "{text}");
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
            assert_eq!(Uri::split(&text).unwrap().has_dot_segment(), dots, "{path}");
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
            ("https://A.XN--B/", false),
            ("https://axn--.example/", true),
            ("https://[::1]/", true),
            ("https://example.com/", true),
        ] {
            assert_eq!(host(text).unwrap().is_read_alike(&Nothing), alike, "{text}");
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
            assert_eq!(host(&format!("https://{text}/")).is_ok(), sound, "{text}");
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
            assert_eq!(host(text), Err(UriError::Port), "{text}");
        }
        let authority = Uri::split("http://[::1]:8080/").unwrap().host_and_port().unwrap();
        assert_eq!((authority.host.is_loopback(), authority.port), (true, Some(8080)));
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
            assert_eq!(Uri::split(text), Err(UriError::Character(bad)), "{text}");
        }
        for text in
            ["https://h/%", "https://h/%0", "https://h/%zz", "https://h/%00", "https://h/%0a"]
        {
            assert_eq!(Uri::split(text), Err(UriError::PercentEncoding), "{text}");
        }
    }
}
