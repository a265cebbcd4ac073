//! Which refusal an error becomes: the only place that decides it.

use super::refusal::Refusal;
use super::refusals::{self as table, RefusalRow};
use crate::client::{CertificateFault, Code, Problems};
use crate::gate::GateError;
use crate::issuer::{ConfigErrors, DocumentFailure, ProfileError};
use crate::records::RecordsError;
use crate::service::Error;

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error = error.into();
        let row: &'static RefusalRow = match &error {
            Error::Metadata(problems) => {
                let code = problems.listed().first().map(|problem| problem.rule.code());
                let row = match code.unwrap_or(Code::InvalidClientMetadata) {
                    Code::InvalidRedirectUri => &table::INVALID_REDIRECT_URI,
                    Code::InvalidClientMetadata => &table::INVALID_METADATA,
                    Code::InvalidSoftwareStatement => &table::INVALID_STATEMENT,
                    Code::UnapprovedSoftwareStatement => &table::UNAPPROVED_STATEMENT,
                };
                return row.with(first_of(problems)).with_error(error);
            }
            Error::Policy(problems) => {
                return table::POLICY_VIOLATION.with(first_of(problems)).with_error(error);
            }
            Error::Document(DocumentFailure::Invalid(problems)) => {
                return table::INVALID_DOCUMENT.with(first_of(problems)).with_error(error);
            }
            Error::Document(DocumentFailure::Gone(status)) => {
                let text = format!("was answered with status {status}");
                return table::UNUSABLE_DOCUMENT.with(text).with_error(error);
            }
            Error::Document(DocumentFailure::Unusable(text)) => {
                return table::UNUSABLE_DOCUMENT.with(text.clone()).with_error(error);
            }
            Error::Document(DocumentFailure::Unreachable(_)) => &table::DOCUMENT_UNREACHABLE,
            Error::Document(DocumentFailure::Limited) => &table::DOCUMENTS_LIMITED,
            Error::Unapproved => &table::UNAPPROVED,
            Error::Request(text) => return table::MALFORMED.with(text.clone()).with_error(error),
            Error::NoToken => &table::NO_REGISTRATION_TOKEN,
            Error::BadToken => &table::BAD_REGISTRATION_TOKEN,
            Error::Gate(GateError::Certificate(CertificateFault::Absent)) => {
                &table::CERTIFICATE_REQUIRED
            }
            Error::Gate(GateError::Certificate(CertificateFault::NotAccepted)) => {
                &table::CERTIFICATE_NOT_ACCEPTED
            }
            Error::Gate(GateError::Closed) => &table::CLOSED,
            Error::Gate(GateError::NoInitialToken) => &table::NO_INITIAL_TOKEN,
            Error::Gate(GateError::BadInitialToken) => &table::BAD_INITIAL_TOKEN,
            Error::Gate(GateError::Limited) => &table::LIMITED,
            Error::Unknown => &table::UNKNOWN_ID,
            Error::Young => &table::YOUNG_CLIENT,
            Error::PreconditionFailed => &table::REGISTRATION_CHANGED,
            Error::Busy => &table::BUSY,
            Error::Gate(GateError::StatementBusy) => &table::STATEMENT_BUSY,
            Error::Disabled => &table::DISABLED,
            Error::NoSecrets => &table::NO_SECRETS,
            Error::Rejected => &table::REJECTED,
            Error::SharedEnded => &table::SHARED_ENDED,
            Error::KeyReused => &table::KEY_REUSED,
            Error::Ended => &table::REGISTRATION_ENDED,
            Error::AnotherVersion => &table::ANOTHER_VERSION,
            Error::InvalidClient { basic: true, .. } => &table::WRONG_BASIC_CREDENTIALS,
            Error::InvalidClient { basic: false, .. } => &table::WRONG_CREDENTIALS,
            Error::Records(RecordsError::Store(_))
            | Error::Profile(ProfileError::Store(_))
            | Error::Gate(GateError::Store(_) | GateError::TokenBusy) => &table::STORE_UNAVAILABLE,
            Error::Profile(ProfileError::Upstream(_)) => &table::UPSTREAM_UNAVAILABLE,
            Error::Curves(_) => &table::CURVES_UNAVAILABLE,
            Error::Keys(_) => &table::KEYS_UNAVAILABLE,
            Error::Records(_)
            | Error::Entropy(_)
            | Error::Json(_)
            | Error::Gate(GateError::Book(_) | GateError::Entropy(_)) => &table::FAILED,
        };
        row.refusal().with_error(error)
    }
}

/// The sentence of the first problem: a description has room for one.
fn first_of(problems: &Problems) -> String {
    problems.listed().first().map(ToString::to_string).unwrap_or_default()
}

impl From<ConfigErrors> for Refusal {
    fn from(errors: ConfigErrors) -> Self {
        let row = if errors.are_no_issuer() { &table::NO_ISSUER } else { &table::MISCONFIGURED };
        row.refusal().with_detail(errors.to_string())
    }
}
