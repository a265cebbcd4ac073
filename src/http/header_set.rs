//! The headers that responses of one kind share.

/// A header name in lower case and its value.
type Fixed = (&'static str, &'static str);

const NO_STORE: Fixed = ("cache-control", "no-store");
const JSON: Fixed = ("content-type", "application/json");
const JSON_LINES: Fixed = ("content-type", super::body::LINES);
const NO_SNIFFING: Fixed = ("x-content-type-options", "nosniff");
const ANY_ORIGIN: Fixed = ("access-control-allow-origin", "*");
pub(super) const EXPOSED: Fixed =
    ("access-control-expose-headers", "WWW-Authenticate, Retry-After, Location, ETag");
/// Request headers that pages may send: all. `*` does not cover `Authorization`, and old browsers don't know it.
const SENDABLE: Fixed = (
    "access-control-allow-headers",
    "*, Authorization, Content-Type, Accept, MCP-Protocol-Version, If-Match, If-None-Match, Idempotency-Key",
);
/// Browsers may remember a preflight for a day.
const PREFLIGHT_AGE: Fixed = ("access-control-max-age", "86400");

/// A set of headers that all responses of one kind have, so that the runtime can build each set once.
///
/// Every set says `Cache-Control: no-store`, except the two of discovery documents, whose responses add the
/// `Cache-Control` of their issuer. Without the header, Cloudflare's cache would store some responses for minutes
/// or hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderSet {
    /// A discovery document.
    Document,
    /// A 304 for a discovery document.
    DocumentUnmodified,
    /// JSON that pages on every origin may read.
    PageJson,
    /// A response without a body that pages on every origin may read.
    PageEmpty,
    /// The response to a preflight, for pages on every origin.
    PagePreflight,
    /// JSON that no page on another origin may read, or only pages on an origin that the response adds.
    Json,
    /// Lines of JSON, for the operator.
    JsonLines,
    /// The same as [`HeaderSet::Json`], without a body.
    Empty,
    /// A preflight where the operator has listed origins: the response adds the origin, if it is one of those.
    Preflight,
}

impl HeaderSet {
    /// Every set.
    #[rustfmt::skip]
    pub const ALL: [Self; 9] = [
        Self::Document, Self::DocumentUnmodified, Self::PageJson, Self::PageEmpty, Self::PagePreflight, Self::Json,
        Self::JsonLines, Self::Empty, Self::Preflight,
    ];

    /// Its headers.
    #[must_use]
    pub fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Document => &[ANY_ORIGIN, EXPOSED, JSON, NO_SNIFFING],
            Self::DocumentUnmodified => &[ANY_ORIGIN, EXPOSED],
            Self::PageJson => &[NO_STORE, ANY_ORIGIN, EXPOSED, JSON, NO_SNIFFING],
            Self::PageEmpty => &[NO_STORE, ANY_ORIGIN, EXPOSED],
            Self::PagePreflight => &[NO_STORE, ANY_ORIGIN, EXPOSED, SENDABLE, PREFLIGHT_AGE],
            Self::Json => &[NO_STORE, JSON, NO_SNIFFING],
            Self::JsonLines => &[NO_STORE, JSON_LINES, NO_SNIFFING],
            Self::Empty => &[NO_STORE],
            Self::Preflight => &[NO_STORE, SENDABLE, PREFLIGHT_AGE],
        }
    }

    /// The set of the same response where pages on other origins may not read it.
    pub(super) fn without_pages(self) -> Self {
        match self {
            Self::PageJson => Self::Json,
            Self::PageEmpty => Self::Empty,
            Self::PagePreflight => Self::Preflight,
            // Everybody may read documents.
            Self::Document
            | Self::DocumentUnmodified
            | Self::Json
            | Self::JsonLines
            | Self::Empty
            | Self::Preflight => self,
        }
    }
}
