//! Which refusal an error becomes: the only place that decides it.

use super::refusal::Refusal;
use super::refusals::{self as table, RefusalRow};
use crate::service::{ConfigErrors, Error};

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let row: &'static RefusalRow = match &error {
            Error::Metadata(problems) => {
                let first = problems.told().first();
                let text = first.map(ToString::to_string).unwrap_or_default();
                let code = first.map(|problem| problem.rule.code().as_str());
                let is_redirect_uri = code == Some(table::INVALID_REDIRECT_URI.code);
                let row = if is_redirect_uri {
                    &table::INVALID_REDIRECT_URI
                } else {
                    &table::INVALID_METADATA
                };
                return row.with(text).with_error(error);
            }
            Error::Request(text) => return table::MALFORMED.with(text.clone()).with_error(error),
            Error::NoToken => &table::NO_REGISTRATION_TOKEN,
            Error::BadToken => &table::BAD_REGISTRATION_TOKEN,
            Error::Closed => &table::CLOSED,
            Error::NoInitialToken => &table::NO_INITIAL_TOKEN,
            Error::BadInitialToken => &table::BAD_INITIAL_TOKEN,
            Error::Limited => &table::LIMITED,
            Error::Unknown => &table::UNKNOWN_ID,
            Error::Changed => &table::REGISTRATION_CHANGED,
            Error::Busy => &table::BUSY,
            Error::Disabled => &table::DISABLED,
            Error::InvalidClient { basic: true, .. } => &table::WRONG_BASIC_CREDENTIALS,
            Error::InvalidClient { basic: false, .. } => &table::WRONG_CREDENTIALS,
            Error::Store(_) => &table::STORE_UNAVAILABLE,
            Error::Upstream(_) => &table::UPSTREAM_UNAVAILABLE,
            Error::Curves(_) => &table::CURVES_UNAVAILABLE,
            Error::Record(_)
            | Error::Entropy(_)
            | Error::Json(_)
            | Error::Book(_)
            | Error::Unmodified(_) => &table::FAILED,
        };
        row.refusal().with_error(error)
    }
}

impl From<ConfigErrors> for Refusal {
    fn from(errors: ConfigErrors) -> Self {
        let row = if errors.are_no_issuer() { &table::NO_ISSUER } else { &table::MISCONFIGURED };
        row.refusal().with_detail(errors.to_string())
    }
}
