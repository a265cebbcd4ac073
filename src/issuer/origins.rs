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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_taken_only_as_browsers_write_it() {
        for (text, good) in [
            ("https://app.example", true),
            ("https://app.example:8443", true),
            ("http://localhost:5173", true),
            ("http://[::1]:3000", true),
            ("http://[::1]", true),
            ("https://xn--bcher-kva.example", true),
            ("capacitor://localhost", true),
            ("chrome-extension://abcdefghijklmnop", true),
            ("https://app.example/", false),
            ("https://app.example/path", false),
            ("https://app.example?x", false),
            ("https://App.example", false),
            ("HTTPS://app.example", false),
            ("https://app.example:443", false),
            ("http://app.example:80", false),
            ("https://app.example:", false),
            ("https://app.example:08", false),
            ("https://app.example:65536", false),
            ("https://app.example:+80", false),
            ("https://a@app.example", false),
            ("https://*.example", false),
            ("https://b\u{fc}cher.example", false),
            ("https://a b", false),
            ("https://::1", false),
            ("https://", false),
            ("://app.example", false),
            ("app.example", false),
            ("null", false),
            ("*", false),
            ("", false),
        ] {
            assert_eq!(Origin::parse(text).is_some(), good, "{text}");
        }
    }
}
