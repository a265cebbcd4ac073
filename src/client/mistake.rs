//! [`Mistake`]: one thing that is wrong in what an operator wrote, and where.

use std::fmt::{self, Write as _};

use serde_json::Value;

use super::limits;
use crate::vocabulary::{json_text, nearest};

/// The most names that a sentence lists.
const LISTED: usize = 30;

/// One thing that is wrong in what an operator wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its place, like `POLICY.redirect_hosts[3]`.
    pub path: String,
    /// The error.
    pub reason: Reason,
}

/// Why a value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It has another type, or is out of bounds.
    Value {
        /// The value as JSON, shortened; empty if it is left out.
        value: String,
        /// The expected value, as it completes the sentence "must be …".
        expected: String,
    },
    /// A list has this many entries, which is more than [`limits::ENTRIES`].
    Entries(usize),
    /// With the other policies that hold it is impossible to meet; what is wrong, and what to write instead.
    Unsatisfiable {
        /// The problem, as it follows the path.
        wrong: String,
        /// The text to write instead.
        instead: String,
    },
    /// The name does not exist. These do; none where there are too many to list.
    Unknown(&'static [&'static str]),
}

impl Mistake {
    /// A value that cannot be used; `None` for one that is left out.
    #[must_use]
    pub fn value(path: &str, value: Option<&Value>, expected: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: Reason::value(value, expected) }
    }

    /// All of them as one text.
    #[must_use]
    pub fn join(mistakes: &[Self]) -> String {
        let mut text = String::new();
        for mistake in mistakes {
            let _ = write!(text, "{}{mistake}", if text.is_empty() { "" } else { "; " });
        }
        text
    }
}

impl Reason {
    /// A value that cannot be used; `None` for one that is left out.
    pub(super) fn value(value: Option<&Value>, expected: impl Into<String>) -> Self {
        let value = value.map(shortened).unwrap_or_default();
        Self::Value { value, expected: expected.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.reason {
            Reason::Value { value, expected } if value.is_empty() => {
                write!(f, "{path} must be {expected}")
            }
            Reason::Value { value, expected } => {
                write!(f, "{path} is {value}, but must be {expected}")
            }
            Reason::Entries(count) => {
                write!(f, "{path} has {count} entries; a list may have {} at most", limits::ENTRIES)
            }
            Reason::Unsatisfiable { wrong, instead } => write!(f, "{path} {wrong}. {instead}"),
            Reason::Unknown(known) => {
                let name = path.rsplit('.').next().unwrap_or(path);
                match nearest(name, known.iter().copied()) {
                    Some(meant) => write!(f, "{path} is not known here (did you mean {meant}?)"),
                    None if known.is_empty() || known.len() > LISTED => {
                        write!(f, "{path} is not known here")
                    }
                    None => write!(f, "{path} is not known here; known: {}", known.join(", ")),
                }
            }
        }
    }
}

/// A value as JSON, cut to the length of a readable log line.
fn shortened(value: &Value) -> String {
    const MOST: usize = 200;
    let text = json_text(value);
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
