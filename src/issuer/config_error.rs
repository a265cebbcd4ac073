//! Why a configuration cannot be used: everything that is wrong with it.

use std::fmt;

use serde_json::Value;

use super::finding::Finding;
use crate::client::Mistake;

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone)]
pub enum ConfigError {
    /// No issuer is configured, and the request did not come in on a loopback host.
    NoIssuer,
    /// A variable, or a member of one, that cannot be used.
    Setting(Mistake),
    /// Two settings that exclude each other.
    Together(&'static str, &'static str),
    /// What is wrong with one of several issuers.
    At {
        /// Its name, like `ISSUERS."https://auth.example.com"`.
        issuer: String,
        /// The error.
        error: Box<Self>,
    },
    /// A secret that could be guessed.
    ShortSecret(&'static str, usize),
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
            Self::Setting(mistake) => mistake.fmt(f),
            Self::Together(one, other) => write!(
                f,
                "{one} and {other} are both set; what concerns one issuer of several belongs into its entry of ISSUERS"
            ),
            Self::At { issuer, error } => write!(f, "{issuer}: {error}"),
            Self::ShortSecret(name, bytes) => {
                write!(f, "{name} has to be a string of at least {bytes} bytes")
            }
            Self::Unfit(finding) => finding.fmt(f),
            Self::Missing { name, needed_by } => write!(f, "{name} is missing; {needed_by} needs it"),
        }
    }
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
