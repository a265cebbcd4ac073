//! Requests of operators and authorization servers: small JSON objects, of which nothing is guessed.

use serde_json::{Map, Value};

use super::Error;
use crate::client::Shown;

/// The members of a request.
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// Reads a JSON object that has no members but the `known` ones.
    ///
    /// # Errors
    /// [`Error::Request`]
    pub fn parse(body: &[u8], known: &[&str]) -> Result<Self, Error> {
        let value = serde_json::from_slice(body).unwrap_or_default();
        Self::of("The body", value, known)
    }

    /// Takes an object that is called `name`.
    fn of(name: &str, value: Value, known: &[&str]) -> Result<Self, Error> {
        let Value::Object(members) = value else { return Err(wrong(name, "a JSON object")) };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self(members)),
            Some(name) => {
                let shown = Shown::of(name);
                let known = known.join(", ");
                Err(Error::Request(format!("'{shown}' is not known here; known: {known}")))
            }
        }
    }

    /// A member that is an object itself; an empty one where there is none.
    pub fn object(&self, name: &str, known: &[&str]) -> Result<Self, Error> {
        Self::of(name, self.0.get(name).cloned().unwrap_or_else(|| Map::new().into()), known)
    }

    /// A member as it is.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| wrong(name, "text")),
        }
    }

    /// A whole number from 0 to `most`.
    pub fn number(&self, name: &str, most: u64) -> Result<Option<u64>, Error> {
        let within = |value: &Value| {
            let number = value.as_u64().filter(|number| *number <= most);
            number.ok_or_else(|| wrong(name, &format!("a whole number up to {most}")))
        };
        self.0.get(name).map(within).transpose()
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| wrong(name, "true or false"));
        self.0.get(name).map(flag).transpose()
    }
}

/// What is wrong with a member.
pub(super) fn wrong(member: &str, expected: &str) -> Error {
    Error::Request(format!("{member} must be {expected}"))
}
