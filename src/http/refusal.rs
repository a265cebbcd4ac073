//! Why a request is not answered as asked: a row of the table, and what only this request adds to it.

use std::borrow::Cow;

use serde::Serialize;

use super::refusals::RefusalRow;
use crate::client::{Problem, Problems, Rejection};
use crate::issuer::DocumentFailure;
use crate::service::Error;
use crate::vocabulary::ClientId;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) struct Refusal {
    row: &'static RefusalRow,
    /// The value for `{}` in the row.
    value: Cow<'static, str>,
    cause: Cause,
}

/// The cause of a refusal.
#[derive(Debug)]
enum Cause {
    /// The row says everything.
    Row,
    /// A detail that the operator needs to know and a caller must not.
    Detail(String),
    /// A procedure that failed.
    Error(Error),
}

/// The body of a refusal (RFC 6749 §5.2, RFC 7591 §3.2.2).
#[derive(Serialize)]
pub(super) struct WireError<'e> {
    pub error: &'static str,
    error_description: Cow<'e, str>,
    /// The first problems, in the order of the members: an extension.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'e [Problem],
    /// The number of problems that are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_errors: Option<usize>,
}

impl Refusal {
    pub fn new(row: &'static RefusalRow, value: Cow<'static, str>) -> Self {
        Self { row, value, cause: Cause::Row }
    }

    /// Adds what the operator needs to know.
    pub fn with_detail(self, detail: String) -> Self {
        Self { cause: Cause::Detail(detail), ..self }
    }

    /// Adds the error behind it.
    pub fn with_error(self, error: Error) -> Self {
        Self { cause: Cause::Error(error), ..self }
    }

    /// The status and the body.
    pub fn on_the_wire(&self) -> (u16, WireError<'_>) {
        let errors = self.problems().map_or(&[][..], Problems::listed);
        let more = self.problems().map_or(0, Problems::more);
        let more_errors = (more > 0).then_some(more);
        let (error, error_description) = (self.row.code, self.fill_in(self.row.sentence));
        (self.row.status, WireError { error, error_description, errors, more_errors })
    }

    /// Headers of this refusal alone.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
        let challenge = self.row.challenge.map(|value| ("www-authenticate", value.into()));
        let retry_after = self.row.retry_after.map(|value| ("retry-after", value.into()));
        let header = self.row.header.map(|(name, value)| (name, self.fill_in(value)));
        challenge.into_iter().chain(retry_after).chain(header)
    }

    /// `text` of the row with the value of this request. A value is never looked at for another `{}`.
    fn fill_in(&self, text: &'static str) -> Cow<'static, str> {
        match text.split_once("{}") {
            None => text.into(),
            Some(("", "")) => self.value.clone(),
            Some((before, after)) => [before, &self.value, after].concat().into(),
        }
    }

    /// [`RefusalRow::unlimited`].
    pub fn is_unlimited(&self) -> bool {
        self.row.unlimited
    }

    /// The client this is about, where the path does not name it.
    pub fn client_id(&self) -> Option<&ClientId> {
        match self.error() {
            Some(Error::InvalidClient { client_id, .. }) => client_id.as_ref(),
            _ => None,
        }
    }

    /// The rules that the metadata of the request break.
    pub fn rejections(&self) -> Vec<Rejection> {
        self.problems().map(Problems::rejections).unwrap_or_default()
    }

    /// The problems with metadata behind it, if there are any.
    fn problems(&self) -> Option<&Problems> {
        match self.error()? {
            Error::Metadata(problems)
            | Error::Policy(problems)
            | Error::Document(DocumentFailure::Invalid(problems)) => Some(problems),
            _ => None,
        }
    }

    /// The error behind it, if a procedure failed.
    pub fn error(&self) -> Option<&Error> {
        if let Cause::Error(error) = &self.cause { Some(error) } else { None }
    }

    /// The detail for the operator. Of most refusals, status and outcome say everything: only a malformed request
    /// and a failure of the server need the error too.
    pub fn detail(&self) -> Option<String> {
        match &self.cause {
            Cause::Detail(detail) => Some(detail.clone()),
            Cause::Error(error) if matches!(self.row.status, 400 | 500..) => {
                Some(error.to_string())
            }
            Cause::Error(_) | Cause::Row => None,
        }
    }
}
