//! Bearer tokens (RFC 6750): from the `Authorization` header and nowhere else.

use super::incoming::Incoming;

/// The token a caller presented. `None` without a `Bearer` header; whatever follows the scheme
/// counts as a presented token, so that a malformed one is a wrong one.
pub(super) fn token<T>(incoming: &impl Incoming, presented: impl Fn(&str) -> T) -> Option<T> {
    let header = incoming.header("authorization")?;
    let (scheme, token) = header.split_once(' ').unwrap_or((&header, ""));
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    bearer.then(|| presented(token.trim_matches(' ')))
}
