//! `REGISTRATION.allowed_origins`: the pages that may register clients.

use serde::Deserialize;

use crate::client::setting::{List, ListItem};
use crate::vocabulary::is_origin;

/// Origins of pages. None is in an empty list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Origins(List<Origin>);

/// An origin as browsers send it (RFC 6454 §6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin(String);

impl ListItem for Origin {
    const MUST_BE: &'static str =
        "an origin as browsers send it, like https://app.example (no path, no default port)";
    const MAY_BE_EMPTY: bool = true;

    fn parse(text: &str) -> Option<Self> {
        is_origin(text).then(|| Self(text.to_owned()))
    }
}

impl Origins {
    /// Whether a page on `origin` may register clients.
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known.0 == origin)
    }
}
