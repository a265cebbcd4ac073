//! Secrets of a deployment, as they are read.

use serde_json::Value;

use super::config_error::{ConfigError, ConfigErrors};
use crate::vocabulary::OperatorToken;

/// A secret as an operator has set it; `None` if it is too short or malformed. Never shown.
#[derive(Debug, Clone)]
pub struct Secret<T>(Option<T>);

impl<T> Secret<T> {
    /// Takes the variable; `None` where it is not set.
    pub(super) fn of(value: &Value, set: impl FnOnce(&str) -> Option<T>) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            other => Some(Self(other.as_str().and_then(set))),
        }
    }

    pub(super) fn check(
        given: Option<Self>,
        name: &'static str,
        shortest: usize,
        errors: &mut ConfigErrors,
    ) -> Option<T> {
        errors.note(given?.0.ok_or(ConfigError::ShortSecret(name, shortest)))
    }

    /// The same for a secret that has to have a `format`, as it completes the sentence "must be …".
    pub(super) fn check_format(
        given: Option<Self>,
        name: &'static str,
        format: &'static str,
        errors: &mut ConfigErrors,
    ) -> Option<T> {
        errors.note(given?.0.ok_or(ConfigError::MalformedSecret(name, format)))
    }
}

/// The secrets of callers: `ADMIN_TOKEN`, `AS_TOKEN` and `AS_SECRETS_TOKEN`.
pub(super) fn check_tokens(
    given: [Option<Secret<OperatorToken>>; 3],
    errors: &mut ConfigErrors,
) -> [Option<OperatorToken>; 3] {
    const NAMES: [&str; 3] = ["ADMIN_TOKEN", "AS_TOKEN", "AS_SECRETS_TOKEN"];
    let mut tokens = [None, None, None];
    for ((token, given), name) in tokens.iter_mut().zip(given).zip(NAMES) {
        *token = Secret::check(given, name, OperatorToken::SHORTEST, errors);
    }
    if let [_, Some(server), Some(reader)] = &tokens
        && reader.is_same_as(server)
    {
        errors.push(ConfigError::SameSecret("AS_SECRETS_TOKEN", "AS_TOKEN"));
    }
    tokens
}
