//! Cross-origin access (Fetch standard §3.2). Browser apps on any origin may discover, register and
//! manage: there are no cookies to protect, and tokens travel in headers that pages set themselves.

use super::routes::Route;

/// Headers for every answer, errors included: without them a page sees no status and no body.
pub(super) const ALWAYS: [(&str, &str); 2] = [
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "WWW-Authenticate, Retry-After, Location, ETag"),
];

/// Request headers that pages may send. `*` would not cover `Authorization`, so they are listed.
const REQUEST_HEADERS: &str =
    "Authorization, Content-Type, Accept, MCP-Protocol-Version, If-Match, If-None-Match";

/// What a preflight is told about `route`; browsers may remember it for a day.
pub(super) fn preflight(route: &Route<'_>) -> [(&'static str, &'static str); 3] {
    [
        ("access-control-allow-methods", route.allow()),
        ("access-control-allow-headers", REQUEST_HEADERS),
        ("access-control-max-age", "86400"),
    ]
}
