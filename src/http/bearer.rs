//! Bearer tokens (RFC 6750): from the `Authorization` header and nowhere else.

use super::incoming::Incoming;
use crate::vocabulary::RegistrationToken;

/// The token a caller presented. `None` without a `Bearer` header; whatever follows the scheme
/// counts as a presented token, so that a malformed one is a wrong one.
pub(super) fn token(incoming: &impl Incoming) -> Option<RegistrationToken> {
    let header = incoming.header("authorization")?;
    let (scheme, token) = header.split_once(' ').unwrap_or((&header, ""));
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    bearer.then(|| RegistrationToken::presented(token.trim_matches(' ')))
}
