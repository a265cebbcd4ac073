//! [`IssuerId`]: the short name of an issuer.

use std::fmt;

use super::credential::Digest;

/// The short name of an issuer in the keys of the store: the head of its identifier's digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerId(String);

impl IssuerId {
    /// The name of an issuer by its identifier.
    #[must_use]
    pub fn of(identifier: &str) -> Self {
        Self(Digest::of(identifier).short_name())
    }
}

impl fmt::Display for IssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
