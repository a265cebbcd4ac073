//! Scope values (RFC 6749 §3.3): an ordered set of tokens, written with single spaces.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};

use super::insert_all;

/// A scope: distinct tokens in the order they were first written. May be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads a space-delimited scope. Repeated tokens and repeated spaces are dropped.
    ///
    /// # Errors
    /// The first character that no scope token may contain.
    pub fn parse(text: &str) -> Result<Self, char> {
        // %x21 / %x23-5B / %x5D-7E: printable ASCII without `"` and `\`.
        let allowed = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '"' && c != '\\');
        if let Some(c) = text.chars().find(|&c| !allowed(c)) {
            return Err(c);
        }
        let mut known = BTreeSet::new();
        let tokens = text.split(' ').filter(|token| !token.is_empty() && known.insert(*token));
        Ok(Self(tokens.map(str::to_owned).collect()))
    }

    /// The tokens in their order.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only those tokens that `supported` has, in this scope's order.
    #[must_use]
    pub fn narrowed_to(&self, supported: &[String]) -> Self {
        // For a few tokens, a set is more work than it saves.
        if self.0.len() < 8 {
            return Self(
                self.0.iter().filter(|token| supported.contains(token)).cloned().collect(),
            );
        }
        let known: BTreeSet<&str> = insert_all(supported.iter().map(String::as_str));
        let kept = self.0.iter().filter(|token| known.contains(token.as_str()));
        Self(kept.cloned().collect())
    }
}

impl FromIterator<String> for Scope {
    fn from_iter<I: IntoIterator<Item = String>>(tokens: I) -> Self {
        let tokens: Vec<String> = tokens.into_iter().collect();
        let mut known = BTreeSet::new();
        let distinct = tokens.iter().filter(|token| known.insert(token.as_str()));
        Self(distinct.cloned().collect())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
