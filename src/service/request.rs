//! Requests of operators and authorization servers: small JSON objects, of which nothing is guessed.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Error;
use crate::client::limits::ENTRIES;
use crate::client::reading::read;
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

/// Reads a body with credentials, whose values no error repeats.
///
/// # Errors
/// [`Error::Request`], with everything that is wrong.
pub(super) fn members<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Error> {
    let (members, mut mistakes) = (object(body)?, Vec::new());
    let read = read("", &members, ENTRIES, &mut mistakes);
    mistakes.iter_mut().for_each(Mistake::hide_value);
    reject(mistakes)?;
    Ok(read)
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
        Reason::Value { .. } | Reason::Entries(_) => mistake,
    });
    Error::Request(Mistake::join(&shown.collect::<Vec<_>>()))
}
