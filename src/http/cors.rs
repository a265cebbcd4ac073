//! Cross-origin access (Fetch standard §3.2). Browser apps on any origin may discover, register and
//! manage: there are no cookies to protect, and tokens travel in headers that pages set themselves.
//! An operator can list the origins whose pages may register and manage: `REGISTRATION.allowed_origins`.

use super::header_set::EXPOSED;
use super::reply::Response;
use super::routes::{Caller, Route};
use crate::issuer::Issuer;

/// Which pages may read an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Pages on every origin, if the route is for browsers at all.
    All,
    /// Pages on this origin, which the operator has listed, or which is our own.
    Origin(String),
    /// No page: the request names no origin.
    NoPage,
    /// No page: the request comes from a page on an origin that is not listed.
    Rejected,
}

/// Which pages may read the answer to a request for `route` that came in at our `own` origin, from a page on `origin`.
pub(super) fn access(
    issuer: &Issuer,
    route: &Route<'_>,
    own: &str,
    origin: Option<String>,
) -> Access {
    let (Some(listed), Caller::Client) = (&issuer.allowed_origins, route.caller()) else {
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
    /// Sets the headers of `response`.
    pub fn apply(self, response: &mut Response) {
        if self == Self::All {
            return;
        }
        response.header_set = response.header_set.without_pages();
        // No shared cache may hand the answer for one page to another.
        response.own_headers.push(("vary", "Origin".into()));
        if let Self::Origin(page) = self {
            let (name, exposed) = EXPOSED;
            response.own_headers.push(("access-control-allow-origin", page.into()));
            response.own_headers.push((name, exposed.into()));
        }
    }
}
