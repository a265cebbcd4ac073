//! How long a fetched document is fresh (RFC 9111 §4.2), within the operator's bounds.

use std::time::UNIX_EPOCH;

use crate::issuer::Freshness;
use crate::runtime::Fetched;

/// The verdict of HTTP caching on an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// For how many seconds from now it is fresh.
    pub seconds: u64,
    /// Whether it may be stored for others: no `no-store`, no `private`, no `Vary: *`.
    pub may_be_stored: bool,
}

/// The directives of `Cache-Control` that matter here.
#[derive(Debug, Default)]
struct Directives {
    forbids_storing: bool,
    no_cache: bool,
    max_age: Option<u64>,
    s_maxage: Option<u64>,
    /// A directive that contradicts itself or makes no sense: RFC 9111 §4.2.1 lets a cache take the answer as stale.
    is_nonsense: bool,
}

impl Directives {
    fn of(header: &str) -> Self {
        let mut directives = Self::default();
        for directive in header.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let seconds = value.trim().trim_matches('"').parse().ok();
            let age = match &*name.trim().to_ascii_lowercase() {
                "no-store" | "private" => {
                    directives.forbids_storing = true;
                    continue;
                }
                "no-cache" => {
                    directives.no_cache = true;
                    continue;
                }
                "max-age" => &mut directives.max_age,
                "s-maxage" => &mut directives.s_maxage,
                _ => continue,
            };
            directives.is_nonsense |= seconds.is_none() || age.is_some();
            *age = seconds;
        }
        directives
    }
}

/// The lifetime of an answer that came at `now`, in seconds since 1970.
///
/// 1. An answer that must not be stored, or has to be asked for each time, is fresh for the least that the operator allows.
/// 2. `s-maxage` counts before `max-age`, and `max-age` before `Expires`; without all three, the operator's default counts.
/// 3. `Age` has passed already.
#[must_use]
pub fn lifetime(fetched: &Fetched, now: u64, bounds: Freshness) -> Lifetime {
    let directives = Directives::of(fetched.header("cache-control").unwrap_or_default());
    let varies =
        fetched.header("vary").is_some_and(|names| names.split(',').any(|n| n.trim() == "*"));
    let may_be_stored = !directives.forbids_storing && !varies;
    if !may_be_stored || directives.no_cache || directives.is_nonsense {
        return Lifetime { seconds: bounds.least, may_be_stored };
    }
    let expires = || fetched.header("expires").map(|text| seconds_until(text, now));
    let stated = directives.s_maxage.or(directives.max_age).or_else(expires);
    let seconds = stated.unwrap_or(bounds.usual);
    let age = fetched.header("age").and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let seconds = seconds.saturating_sub(age).clamp(bounds.least, bounds.most);
    Lifetime { seconds, may_be_stored }
}

/// The seconds from `now` to an HTTP date; 0 for a past or an invalid one (RFC 9111 §5.3).
fn seconds_until(date: &str, now: u64) -> u64 {
    let time = httpdate::parse_http_date(date).ok();
    let time = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    time.map_or(0, |time| time.as_secs().saturating_sub(now))
}
