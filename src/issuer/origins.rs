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
        for text in "https://app.example https://app.example:8443 http://localhost:5173 http://[::1]:3000 http://[::1] \
             https://xn--bcher-kva.example capacitor://localhost chrome-extension://abcdefghijklmnop"
            .split_ascii_whitespace()
        {
            assert!(Origin::parse(text).is_some(), "{text}");
        }
        for text in "https://app.example/ https://app.example/path https://app.example?x https://App.example \
             HTTPS://app.example https://app.example:443 http://app.example:80 https://app.example: \
             https://app.example:08 https://app.example:65536 https://app.example:+80 https://a@app.example \
             https://*.example https://b\u{fc}cher.example https://::1 https:// ://app.example app.example null *"
            .split_ascii_whitespace()
            .chain(["https://a b", ""])
        {
            assert!(Origin::parse(text).is_none(), "{text}");
        }
    }
}
