//! Requests of operators and authorization servers: small JSON objects, read strictly.

use serde_json::{Map, Value};

use super::Error;
use crate::client::{Mistake, Reason, Shown};

/// Reads the JSON object of a body.
///
/// # Errors
/// [`Error::Request`]
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Error> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Error::Request("The body must be a JSON object".into())),
    }
}

/// Reads a body of texts that are called `names`. No error repeats a value: it may be a secret.
///
/// # Errors
/// [`Error::Request`], with everything that is wrong.
pub(super) fn texts<const N: usize>(
    body: &[u8],
    names: &'static [&'static str; N],
) -> Result<[Option<String>; N], Error> {
    let mut mistakes = Vec::new();
    let mut texts = [const { None }; N];
    for (name, value) in object(body)? {
        let at = names.iter().position(|known| *known == name);
        match (at.and_then(|at| texts.get_mut(at)), value) {
            (Some(text), Value::String(value)) => *text = Some(value),
            (Some(_), _) => mistakes.push(Mistake::value(&name, None, "text")),
            (None, _) => mistakes.push(Mistake { path: name, reason: Reason::Unknown(names) }),
        }
    }
    reject(mistakes).map(|()| texts)
}

/// Goes on where there is no mistake.
///
/// # Errors
/// [`rejected`]
pub(super) fn reject(mistakes: Vec<Mistake>) -> Result<(), Error> {
    if mistakes.is_empty() { Ok(()) } else { Err(rejected(mistakes)) }
}

/// The [`Error::Request`] that lists all of these mistakes.
pub(super) fn rejected(mistakes: Vec<Mistake>) -> Error {
    let shown = mistakes.into_iter().map(|mistake| match mistake.reason {
        // The caller made this name up.
        Reason::Unknown(_) => Mistake { path: Shown::of(&mistake.path).to_string(), ..mistake },
        Reason::Value { .. } | Reason::Entries(_) | Reason::Unsatisfiable { .. } => mistake,
    });
    Error::Request(Mistake::join(&shown.collect::<Vec<_>>()))
}
