//! The hosts of a policy, looked up without going through all of them.

use std::collections::BTreeSet;

use crate::vocabulary::WebUri;

/// Hosts, and all hosts below others (`*.example.com`, at label boundaries).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct HostPatterns {
    names: BTreeSet<String>,
    above: BTreeSet<String>,
    /// A bit for each number of dots in one of `above`; the highest is for that many and more.
    dots: u64,
}

impl HostPatterns {
    /// Reads the entries of a list, in lower case; `None` if one is no host.
    pub fn parse(entries: &[String]) -> Option<Self> {
        let mut patterns = Self::default();
        for text in entries {
            let (name, below) =
                text.strip_prefix("*.").map_or((&**text, false), |name| (name, true));
            // As it is in a URI, so that it can match; a loopback address is judged by its scheme.
            let uri = WebUri::parse(&format!("https://{name}/")).ok()?;
            if uri.host().to_string() != name || uri.host().is_loopback() {
                return None;
            }
            if below {
                patterns.dots |= bit(name.matches('.').count());
                patterns.above.insert(name.to_owned());
            } else {
                patterns.names.insert(name.to_owned());
            }
        }
        Some(patterns)
    }

    /// Whether `host`, as a URI has it, is one of them.
    pub fn cover(&self, host: &str) -> bool {
        if self.names.contains(host) {
            return true;
        }
        let mut dots = 0_usize;
        for (at, _) in host.bytes().enumerate().rev().filter(|(_, byte)| *byte == b'.') {
            // Only where a pattern has as many: a host can have more than a hundred.
            let above = host.get(at.saturating_add(1)..).filter(|_| self.dots & bit(dots) != 0);
            if above.is_some_and(|name| self.above.contains(name)) {
                return true;
            }
            dots = dots.saturating_add(1);
            if self.dots < bit(dots) {
                break;
            }
        }
        false
    }
}

fn bit(dots: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(dots.min(63)).unwrap_or(63)).unwrap_or(0)
}
