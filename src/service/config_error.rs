//! Why a configuration cannot be used: each names what is wrong.

use std::fmt;

use serde_json::Value;

use super::finding::Finding;
use crate::client::policy::shortened;
use crate::client::{PolicyError, limits};

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// No issuer is configured, and the request did not come in on a loopback host.
    NoIssuer,
    /// A variable or a member of one has a value that cannot be used.
    Value {
        /// Its name, like `METADATA.token_endpoint`.
        name: String,
        /// The value as JSON.
        value: String,
        /// What it has to be, as it completes the sentence "must be …".
        expected: String,
    },
    /// A list with more entries than a request has time for.
    Entries {
        /// Its name.
        name: String,
        /// How many entries it has.
        count: usize,
    },
    /// A name nobody knows: a misspelt setting must not be ignored.
    Unknown {
        /// The name.
        name: String,
    },
    /// Two settings that exclude each other.
    Together(&'static str, &'static str),
    /// What is wrong with one of several issuers.
    At {
        /// Its name, like `ISSUERS."https://auth.example.com"`.
        issuer: String,
        /// What is wrong.
        error: Box<Self>,
    },
    /// A secret that could be guessed.
    ShortSecret(&'static str, usize),
    /// A policy that cannot be used.
    Policy {
        /// Which one.
        name: String,
        /// What is wrong with it.
        error: PolicyError,
    },
    /// What would be published breaks clients.
    Unfit(Finding),
    /// A member that something else needs is missing.
    Missing {
        /// Its name.
        name: &'static str,
        /// What needs it.
        needed_by: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIssuer => f.write_str(
                "neither ISSUER nor ISSUERS is set; only on localhost may they be left out. Set it in [vars] of wrangler.toml",
            ),
            Self::Value { name, value, expected } => {
                write!(f, "{name} is {value}, but must be {expected}")
            }
            Self::Entries { name, count } => {
                write!(f, "{name} has {count} entries; a list may have {} at most", limits::ENTRIES)
            }
            Self::Unknown { name } => write!(f, "{name} is not a setting that exists"),
            Self::Together(one, other) => write!(
                f,
                "{one} and {other} are both set; what concerns one issuer of several belongs into its entry of ISSUERS"
            ),
            Self::At { issuer, error } => write!(f, "{issuer}: {error}"),
            Self::ShortSecret(name, bytes) => {
                write!(f, "{name} has to be a string of at least {bytes} bytes")
            }
            Self::Policy { name, error } => write!(f, "{name}.{error}"),
            Self::Unfit(finding) => finding.fmt(f),
            Self::Missing { name, needed_by } => write!(f, "{name} is missing; {needed_by} needs it"),
        }
    }
}

impl ConfigError {
    pub(super) fn value(name: &str, value: &Value, expected: impl Into<String>) -> Self {
        Self::Value { name: name.to_owned(), value: shortened(value), expected: expected.into() }
    }

    /// Holds a setting, or a member of one that is a table, to the entries that a list may have.
    pub(super) fn if_too_long(name: &str, value: &Value) -> Result<(), Self> {
        let inner = value.as_object().into_iter().flatten();
        let inner = inner.map(|(member, value)| (format!("{name}.{member}"), value));
        for (name, value) in std::iter::once((name.to_owned(), value)).chain(inner) {
            if let Some(count) = limits::entries_beyond(value) {
                return Err(Self::Entries { name, count });
            }
        }
        Ok(())
    }
}
