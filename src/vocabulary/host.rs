//! The host of a URI: an address in its one canonical form, or a name of the DNS.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::uri::{LABEL, UriError, is, lower_case};

/// The host of a URI, as the network will see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A DNS name in lower case, ASCII (`xn--` for others), without a trailing dot.
    Name(String),
    /// A dotted IPv4 address, written the one canonical way.
    V4(Ipv4Addr),
    /// An IPv6 address in brackets.
    V6(Ipv6Addr),
}

impl Host {
    /// Whether this host can only be the machine the client runs on: `localhost`, `127.0.0.0/8`
    /// or `[::1]` (RFC 8252 §7.3 and §8.3).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::V4(address) => address.is_loopback(),
            Self::V6(address) => address.is_loopback(),
        }
    }

    /// What hosts of one operator have in common: the last two labels, as near as that comes without a
    /// list of public suffixes. An address is a site of its own.
    #[must_use]
    pub fn site(&self) -> String {
        let Self::Name(name) = self else { return self.to_string() };
        let mut dots = name.rmatch_indices('.').map(|(at, _)| at.saturating_add(1));
        let start = dots.nth(1).unwrap_or(0);
        name.get(start..).unwrap_or(name).to_owned()
    }

    /// Whether `names` reads this host as it is written. Only a name with an `xn--` label needs to
    /// be asked for: all other hosts were decided when they were parsed.
    #[must_use]
    pub fn is_read_alike(&self, names: &dyn HostNames) -> bool {
        match self {
            Self::Name(name) if has_encoded_label(name) => names.is_unchanged(name),
            _ => true,
        }
    }

    /// Reads what stands in an authority.
    pub(super) fn parse(text: &str) -> Result<Self, UriError> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: Ipv6Addr = inner.parse().map_err(|_| UriError::Host)?;
            // An IPv4 address written as IPv6 is a disguise; other spellings than that of RFC 5952
            // are rewritten by browsers.
            let canonical = inner.eq_ignore_ascii_case(&address.to_string());
            let disguised = address.to_ipv4_mapped().is_some();
            return if canonical && !disguised {
                Ok(Self::V6(address))
            } else {
                Err(UriError::Host)
            };
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::V4(address));
        }
        // WHATWG reads `1.2.3`, `2130706433` and `0x7f.1` as IPv4 addresses: what ends in a number
        // has to be one in the canonical form, handled above.
        let last = text.rsplit('.').next().unwrap_or_default();
        let ends_in_number = last.bytes().all(|b| b.is_ascii_digit())
            || last
                .strip_prefix("0x")
                .or(last.strip_prefix("0X"))
                .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if ends_in_number || text.len() > 253 || !are_labels_sound(text) {
            return Err(UriError::Host);
        }
        Ok(Self::Name(lower_case(text).into_owned()))
    }
}

/// What the runtime knows of Unicode, whose tables would be a large part of the bundle.
pub trait Unicode: HostNames {
    /// Brings a text into the normal form NFKD (Unicode Standard Annex #15).
    fn decompose(&self, text: &str) -> String;
}

/// How the runtime reads host names: it has the tables of UTS 46, which are too large to carry along.
pub trait HostNames {
    /// Whether the host `name` (lower case, ASCII, with an `xn--` label) is valid to the WHATWG URL
    /// standard and stays the same: each `xn--` label decodes, and encodes to itself again.
    fn is_unchanged(&self, name: &str) -> bool;
}

/// Whether `name` consists of labels of 1 to 63 letters, digits, `-` and `_`.
fn are_labels_sound(name: &str) -> bool {
    let mut length = 0_u8;
    for byte in name.bytes() {
        match byte {
            b'.' if length == 0 => return false,
            b'.' => length = 0,
            _ if length == 63 || !is(byte, LABEL) => return false,
            _ => length = length.saturating_add(1),
        }
    }
    length > 0
}

/// Whether some label of `name`, in lower case, is one of Unicode in ASCII.
fn has_encoded_label(name: &str) -> bool {
    // By bytes: a name may be of dots and single letters.
    let mut labels = name.as_bytes().split(|byte| *byte == b'.');
    labels.any(|label| matches!(label, [b'x', b'n', b'-', b'-', ..]))
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}
