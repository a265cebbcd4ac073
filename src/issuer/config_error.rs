//! Why a configuration cannot be used: everything that is wrong with it.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use super::finding::Finding;
use crate::client::Mistake;

/// One error of a configuration.
#[derive(Debug, Clone, Error)]
pub enum ConfigError {
    /// No issuer is configured, and the request did not come in on a loopback host.
    #[error(
        "neither ISSUER nor ISSUERS is set, which works only on localhost. Set one of them in [vars] of wrangler.toml"
    )]
    NoIssuer,
    /// A variable, or a member of one, that cannot be used.
    #[error("{0}")]
    Setting(Mistake),
    /// Two settings that exclude each other.
    #[error(
        "{0} and {1} are both set; move a setting for one of several issuers into the entry of that issuer in ISSUERS"
    )]
    Together(&'static str, &'static str),
    /// An error of one of several issuers.
    #[error("{issuer}: {error}")]
    At {
        /// Its name, like `ISSUERS."https://auth.example.com"`.
        issuer: String,
        /// The error.
        error: Box<Self>,
    },
    /// A secret that could be guessed.
    #[error("{0} must be a string of at least {1} bytes")]
    ShortSecret(&'static str, usize),
    /// A secret without the format of its kind. Its value is not shown.
    #[error("{0} must be {1}")]
    MalformedSecret(&'static str, &'static str),
    /// Two secrets with one value, of which one has a permission that the other must not have.
    #[error("{0} and {1} must be different")]
    SameSecret(&'static str, &'static str),
    /// A document that would break clients.
    #[error("{0}")]
    Unfit(Finding),
    /// A member that something else needs is missing.
    #[error("{name} is missing; {needed_by} needs it")]
    Missing {
        /// Its name.
        name: &'static str,
        /// The setting that needs it.
        needed_by: &'static str,
    },
}

impl ConfigError {
    pub(super) fn value(path: &str, value: &Value, expected: impl Into<String>) -> Self {
        Self::Setting(Mistake::value(path, Some(value), expected))
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, Default)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }

    /// Whether all that is wrong is that no issuer is configured.
    #[must_use]
    pub fn are_no_issuer(&self) -> bool {
        matches!(*self.0, [ConfigError::NoIssuer])
    }

    /// Notes an error; one that is shared by several issuers once.
    pub(super) fn push(&mut self, error: ConfigError) {
        let text = error.to_string();
        if self.0.iter().all(|known| known.to_string() != text) {
            self.0.push(error);
        }
    }

    /// Takes the value, or notes the error.
    pub(super) fn note<T>(&mut self, result: Result<T, impl Into<Self>>) -> Option<T> {
        result.map_err(|errors| self.extend(errors.into())).ok()
    }

    /// Adds these errors.
    pub fn extend(&mut self, errors: Self) {
        errors.0.into_iter().for_each(|error| self.push(error));
    }

    /// `value`, if nothing is wrong.
    ///
    /// # Errors
    /// These.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// These errors as those of one issuer of several.
    pub(super) fn at(self, issuer: &str) -> Self {
        let at = |error| ConfigError::At { issuer: issuer.to_owned(), error: Box::new(error) };
        Self(self.0.into_iter().map(at).collect())
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}

impl From<Vec<Mistake>> for ConfigErrors {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self(mistakes.into_iter().map(ConfigError::Setting).collect())
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}
