//! Query parameters, decoded. A parameter that cannot be understood is never taken for one that is not there.

use super::RequestHead;
use crate::service::Error;
use crate::vocabulary::{decode_form, parse_form};

/// The most parameters of a query.
const MOST: usize = 100;

impl RequestHead {
    /// The query parameters: names and values.
    ///
    /// # Errors
    /// [`Error::Request`] for a query that is no form-encoded text, or has more than [`MOST`] parameters.
    pub(super) fn parameters(&self) -> Result<Vec<(String, String)>, Error> {
        let query = self.url.query().unwrap_or_default();
        // A URL has room for thousands.
        if query.split('&').nth(MOST).is_some() {
            return Err(Error::Request(format!("The query has more than {MOST} parameters")));
        }
        let undecodable = || Error::Request("The query is not form-encoded text".into());
        Ok(parse_form(query).ok_or_else(undecodable)?.into_owned().collect())
    }

    /// Whether a registration is only to be tried out.
    ///
    /// # Errors
    /// [`Error::Request`] where that is not clear: a caller who misspells `dry_run` must not register a client.
    pub(super) fn dry_run(&self) -> Result<bool, Error> {
        let mut asked = None;
        for (name, value) in self.parameters()? {
            if name != "dry_run" {
                if is_like_dry_run(&name) || is_like_dry_run(&value) {
                    return Err(Error::Request(
                        "dry_run must be a query parameter with exactly this name".into(),
                    ));
                }
                continue;
            }
            let value = match &*value {
                "true" => true,
                "false" => false,
                _ => return Err(Error::Request("dry_run must be true or false".into())),
            };
            if asked.replace(value).is_some_and(|other| other != value) {
                return Err(Error::Request("dry_run is both true and false".into()));
            }
        }
        Ok(asked.unwrap_or(false))
    }

    /// Rejects a dry run of a request that would change something all the same.
    ///
    /// # Errors
    /// [`Error::Request`] for `dry_run=true`, and as for [`RequestHead::dry_run`].
    pub(super) fn reject_dry_run(&self) -> Result<(), Error> {
        if self.dry_run()? {
            return Err(Error::Request("dry_run is for registrations only (POST /reg)".into()));
        }
        Ok(())
    }
}

/// Whether the letters of `text` contain those of `dry_run`, whatever stands between and around them: other
/// separators than `&` and `=`, an encoding too many, a path into an object.
fn is_like_dry_run(text: &str) -> bool {
    let decoded = decode_form(text);
    let letters = decoded.as_deref().unwrap_or(text).chars().filter(char::is_ascii_alphabetic);
    let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    letters.contains("dryrun")
}
