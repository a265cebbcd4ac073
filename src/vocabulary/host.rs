//! The host of a URI: an address in its one canonical form, or a name of the DNS.

use std::borrow::Cow;
use std::fmt;

use super::uri::{LABEL, is};

/// The host of a URI, as the network will see it: an address, or a DNS name in lower case, ASCII (`xn--` for
/// others), without a trailing dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host<'u>(pub(super) &'u url::Host<String>);

impl Host<'_> {
    /// Whether this host can only be the machine the client runs on: `localhost`, `127.0.0.0/8`
    /// or `[::1]` (RFC 8252 §7.3 and §8.3).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0 {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        }
    }

    /// The host as it stands in a URI.
    #[must_use]
    pub fn as_text(&self) -> Cow<'_, str> {
        match self.0 {
            url::Host::Domain(name) => Cow::Borrowed(name),
            address => Cow::Owned(address.to_string()),
        }
    }

    /// The part that hosts of one operator share: the last two labels, as near as that comes without a
    /// list of public suffixes. An address is a site of its own.
    #[must_use]
    pub fn site(&self) -> String {
        let url::Host::Domain(name) = self.0 else { return self.to_string() };
        let mut dots = name.rmatch_indices('.').map(|(at, _)| at.saturating_add(1));
        let start = dots.nth(1).unwrap_or(0);
        name.get(start..).unwrap_or(name).to_owned()
    }

    /// Whether `names` reads this host as it is written. Only a name with an `xn--` label needs to
    /// be asked for: all other hosts were decided when they were parsed.
    #[must_use]
    pub fn is_read_alike(&self, names: &dyn HostNames) -> bool {
        self.encoded_name().is_none_or(|name| names.is_unchanged(name))
    }

    /// Whether it is an address, not a name.
    #[must_use]
    pub fn is_address(&self) -> bool {
        !matches!(self.0, url::Host::Domain(_))
    }

    /// The name, if it has an `xn--` label.
    #[must_use]
    pub fn encoded_name(&self) -> Option<&str> {
        match self.0 {
            url::Host::Domain(name) => Some(&**name).filter(|name| has_encoded_label(name)),
            _ => None,
        }
    }
}

/// The runtime's knowledge of Unicode, whose tables would be a large part of the bundle.
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

/// Whether `name` is a DNS name: labels of 1 to 63 letters, digits, `-` and `_`, all together at most 253
/// characters.
pub(super) fn is_name(name: &str) -> bool {
    let mut length = 0_u8;
    for byte in name.bytes() {
        match byte {
            b'.' if length == 0 => return false,
            b'.' => length = 0,
            _ if length == 63 || !is(byte, LABEL) => return false,
            _ => length = length.saturating_add(1),
        }
    }
    length > 0 && name.len() <= 253
}

/// Whether a label of `name`, in lower case, encodes Unicode.
fn has_encoded_label(name: &str) -> bool {
    name.starts_with("xn--") || name.contains(".xn--")
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
