//! The hosts of a policy, looked up without going through all of them.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::setting::{List, ListItem};
use crate::vocabulary::{Host, WebUri};

/// Hosts, and all hosts below others (`*.example.com`, at label boundaries).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "List<HostPattern>")]
pub struct HostPatterns {
    names: BTreeSet<String>,
    /// Whether one of `names` may be an address: a text is made of a host's address only then.
    has_addresses: bool,
    above: BTreeSet<String>,
    /// A bit for each number of dots in one of `above`; the highest is for that many and more.
    dots: u64,
}

/// A host in lower case, and whether it stands for all hosts below it instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostPattern {
    name: String,
    below: bool,
}

impl ListItem for HostPattern {
    const MUST_BE: &'static str = "a host name, or *.host.name for all its subdomains";

    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (name, below) = text.strip_prefix("*.").map_or((&*text, false), |name| (name, true));
        // As it is in a URI, so that it can match; a loopback address is judged by its scheme.
        let uri = WebUri::parse(&format!("https://{name}/")).ok()?;
        let sound = uri.host().to_string() == name && !uri.host().is_loopback();
        sound.then(|| Self { name: name.to_owned(), below })
    }
}

impl From<List<HostPattern>> for HostPatterns {
    fn from(list: List<HostPattern>) -> Self {
        let mut patterns = Self::default();
        for HostPattern { name, below } in list.0 {
            if below {
                patterns.dots |= bit(name.matches('.').count());
                patterns.above.insert(name);
            } else {
                // The last label of a DNS name is no number.
                patterns.has_addresses |= name.ends_with(|c: char| c == ']' || c.is_ascii_digit());
                patterns.names.insert(name);
            }
        }
        patterns
    }
}

impl HostPatterns {
    /// Each of them.
    pub(super) fn patterns(&self) -> Vec<HostPattern> {
        let pattern = |below| move |name: &String| HostPattern { name: name.clone(), below };
        let names = self.names.iter().map(pattern(false));
        names.chain(self.above.iter().map(pattern(true))).collect()
    }

    /// Whether one of them covers every host of `pattern`.
    pub(super) fn cover_all(&self, pattern: &HostPattern) -> bool {
        let same = if pattern.below { &self.above } else { &self.names };
        same.contains(&pattern.name) || self.are_above(&pattern.name)
    }

    /// The hosts that are in both.
    pub(super) fn common(&self, other: &Self) -> Self {
        let own = self.patterns().into_iter().filter(|pattern| other.cover_all(pattern));
        let others = other.patterns().into_iter().filter(|pattern| self.cover_all(pattern));
        List(own.chain(others).collect()).into()
    }

    /// Whether `host`, as a URI has it, is one of them.
    #[must_use]
    pub fn cover(&self, host: Host<'_>) -> bool {
        if host.is_address() && !self.has_addresses {
            return false;
        }
        self.cover_name(&host.as_text())
    }

    /// Whether `host`, a DNS name in lower case, is one of them.
    #[must_use]
    pub fn cover_name(&self, host: &str) -> bool {
        self.names.contains(host) || self.are_above(host)
    }

    /// Whether `host`, a DNS name in lower case, is below one of them.
    fn are_above(&self, host: &str) -> bool {
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
