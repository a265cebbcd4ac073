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

    /// Whether the text is an entity tag.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let base64url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (1..=64).contains(&self.0.len()) && self.0.bytes().all(base64url)
    }

    /// Its text, without quotes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// As a header has it, with its quotes.
impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// The longest list of tags that is read, in bytes: all headers together may have 128 KB.
const LONGEST: usize = 4096;

/// The value of `If-Match` or `If-None-Match`: `*`, or a list of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTags(String);

impl EntityTags {
    /// Reads a header. One that is longer than `LONGEST` matches nothing. Malformed entries match no tag.
    #[must_use]
    pub fn parse(header: impl Into<String>) -> Self {
        let header = header.into();
        Self(if header.len() > LONGEST { String::new() } else { header })
    }

    /// Whether `tag` is among them, weakened or not: proxies that compress weaken tags, and tags of ours
    /// are never the same for two states (docs/decisions/0004-entity-tags.md).
    #[must_use]
    pub fn contains(&self, tag: &EntityTag) -> bool {
        let tag = tag.to_string();
        // Our tags contain no comma, so an entry with one cannot be ours.
        let mut listed = self.0.split(',').map(str::trim);
        self.0.trim() == "*" || listed.any(|text| text.strip_prefix("W/").unwrap_or(text) == tag)
    }
}

/// The conditions of a request (RFC 9110 §13.1) on something that exists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// `If-Match`
    pub if_match: Option<EntityTags>,
    /// `If-None-Match`
    pub if_none_match: Option<EntityTags>,
}

impl Preconditions {
    /// Whether `If-Match` allows a request on the state `current`.
    #[must_use]
    pub fn if_match_passes(&self, current: &EntityTag) -> bool {
        self.if_match.as_ref().is_none_or(|tags| tags.contains(current))
    }

    /// Whether `If-None-Match` allows a request on the state `current`: the caller has another one.
    #[must_use]
    pub fn if_none_match_passes(&self, current: &EntityTag) -> bool {
        self.if_none_match.as_ref().is_none_or(|tags| !tags.contains(current))
    }

    /// Whether both allow to change the state `current`.
    #[must_use]
    pub fn pass(&self, current: &EntityTag) -> bool {
        self.if_match_passes(current) && self.if_none_match_passes(current)
    }
}
