//! Cross-origin access (Fetch standard §3.2). Browser apps on any origin may discover, register and
//! manage: there are no cookies to protect, and tokens travel in headers that pages set themselves.
//! An operator can list the origins whose pages may register and manage: `REGISTRATION.allowed_origins`.

use std::borrow::Cow;

use super::reply::Headers;
use super::routes::Route;
use crate::service::Issuer;

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const EXPOSE: &str = "access-control-expose-headers";

/// Headers for every answer, errors included: without them a page sees no status and no body.
pub(super) const ALWAYS: [(&str, &str); 2] =
    [(ALLOW_ORIGIN, "*"), (EXPOSE, "WWW-Authenticate, Retry-After, Location, ETag")];

/// Request headers that pages may send: all. `*` does not cover `Authorization`, and old browsers don't know it.
const REQUEST_HEADERS: &str =
    "*, Authorization, Content-Type, Accept, MCP-Protocol-Version, If-Match, If-None-Match";

/// What a preflight is told about `route`; browsers may remember it for a day.
pub(super) fn preflight(route: &Route<'_>) -> [(&'static str, &'static str); 3] {
    [
        ("access-control-allow-methods", route.allow()),
        ("access-control-allow-headers", REQUEST_HEADERS),
        ("access-control-max-age", "86400"),
    ]
}

/// Which pages may read an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Those on every origin, where the route is for browsers at all.
    All,
    /// Those on this origin, which the operator has listed, or which is our own.
    Origin(String),
    /// None is asking: the request names no origin.
    NoPage,
    /// None: the request comes from a page on an origin that is not listed.
    Rejected,
}

/// Which pages may read the answer to a request for `route` that came in at our `own` origin, from a page on `origin`.
pub(super) fn access(
    issuer: &Issuer,
    route: &Route<'_>,
    own: &str,
    origin: Option<String>,
) -> Access {
    let (Some(listed), Route::Register | Route::Client(_)) = (issuer.allowed_origins(), route)
    else {
        return Access::All;
    };
    match origin {
        None => Access::NoPage,
        // The page at / registers too, and may have another name in front of it.
        Some(page) if page == own || issuer.is_at(&page) || listed.contains(&page) => {
            Access::Origin(page)
        }
        Some(_) => Access::Rejected,
    }
}

impl Access {
    /// Makes `headers` of an answer say so.
    pub fn apply(self, headers: &mut Headers) {
        if self == Self::All {
            return;
        }
        // No shared cache may hand the answer for one page to another.
        headers.push(("vary", "Origin".into()));
        if let Self::Origin(page) = self {
            let allowed = headers.iter_mut().filter(|(name, _)| *name == ALLOW_ORIGIN);
            allowed.for_each(|(_, value)| *value = Cow::Owned(page.clone()));
        } else {
            headers.retain(|(name, _)| *name != ALLOW_ORIGIN && *name != EXPOSE);
        }
    }
}
