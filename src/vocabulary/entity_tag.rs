//! Entity tags (RFC 9110 §8.8.3) and the lists of them that make a request conditional (§13.1).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::{Deserialize, Serialize};

/// A strong entity tag of ours: base64url text, written between quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityTag(String);

impl EntityTag {
    /// A tag of 72 random bits: two writers can never make the same one.
    #[must_use]
    pub fn from_entropy(bytes: [u8; 9]) -> Self {
        Self(BASE64URL.encode(bytes))
    }

    /// A tag of this text, which has to be base64url.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// As a header has it, with its quotes.
impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What stands in `If-Match` or `If-None-Match`: `*`, or a list of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTags(String);

impl EntityTags {
    /// Reads a header. What is no tag in it matches nothing.
    #[must_use]
    pub fn parse(header: impl Into<String>) -> Self {
        Self(header.into())
    }

    /// Strong comparison, for `If-Match` (RFC 9110 §13.1.1).
    #[must_use]
    pub fn match_strongly(&self, tag: &EntityTag) -> bool {
        self.any(|listed| listed == tag.to_string())
    }

    /// Weak comparison, for `If-None-Match` (RFC 9110 §13.1.2): proxies that compress weaken tags.
    #[must_use]
    pub fn match_weakly(&self, tag: &EntityTag) -> bool {
        self.any(|listed| listed.strip_prefix("W/").unwrap_or(listed) == tag.to_string())
    }

    /// Tags of ours hold no comma, so those that do are none of ours anyway.
    fn any(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.0.trim() == "*" || self.0.split(',').any(|listed| matches(listed.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9110_8_8_3_2_strong_and_weak_comparison() {
        let tag = EntityTag::from_entropy([0; 9]);
        assert_eq!(tag.to_string(), "\"AAAAAAAAAAAA\"");
        for (header, strongly, weakly) in [
            ("\"AAAAAAAAAAAA\"", true, true),
            ("*", true, true),
            (" * ", true, true),
            ("\"x\", \"AAAAAAAAAAAA\"", true, true),
            ("\"x\",\"AAAAAAAAAAAA\"", true, true),
            ("W/\"AAAAAAAAAAAA\"", false, true),
            ("\"x\"", false, false),
            ("AAAAAAAAAAAA", false, false),
            ("", false, false),
            ("\"*\"", false, false),
            ("w/\"AAAAAAAAAAAA\"", false, false),
        ] {
            let tags = EntityTags::parse(header);
            assert_eq!(
                (tags.match_strongly(&tag), tags.match_weakly(&tag)),
                (strongly, weakly),
                "{header}"
            );
        }
    }
}
