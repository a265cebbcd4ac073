//! [`Remark`]: what is said to an operator about an imported record.

use serde::Serialize;

use super::problem::Problem;
use super::record::RecordError;
use super::shown::Shown;

/// A remark on an imported record: why it is rejected, or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Its place in the record (RFC 6901); empty for all of it.
    pub member: String,
    /// The stable name of the rule.
    pub rule: &'static str,
    /// A sentence for the operator.
    pub reason: String,
}

impl Remark {
    pub(super) fn new(
        member: impl Into<String>,
        rule: &'static str,
        reason: impl Into<String>,
    ) -> Self {
        Self { member: member.into(), rule, reason: reason.into() }
    }

    /// The remark about a member that breaks a rule.
    #[must_use]
    pub fn of(problem: &Problem) -> Self {
        Self::new(format!("/metadata{}", problem.at), problem.rule.id(), problem.to_string())
    }

    /// Why stored bytes are no record.
    #[must_use]
    pub fn of_parsing(error: &RecordError) -> Self {
        match error {
            RecordError::Newer { version } => {
                let reason = format!("the schema version {version} is newer than this program");
                Self::new("/v", "schema_version", reason)
            }
            RecordError::Corrupt { reason } => {
                let reason = format!("not a record: {}", Shown::of(&reason.to_string()));
                Self::new("", "record", reason)
            }
            RecordError::Misplaced => Self::no_client_id(),
        }
    }

    /// A `client_id` that this server cannot have issued.
    #[must_use]
    pub fn no_client_id() -> Self {
        Self::new(
            "/client_id",
            "client_id",
            "client_id must be an identifier of Rollcall: 22 or 30 base64url characters",
        )
    }

    /// A sealed secret that no key of this deployment opens.
    #[must_use]
    pub fn unopened_secret() -> Self {
        let reason = "no key of SEALING_KEY opens the sealed secret: its digest still authenticates the client, but nobody \
                      can read it, and methods and algorithms that compute with it fail";
        Self::new("/secrets", "sealed_secret", reason)
    }

    /// A `client_id` that no key has signed, where only signed ones are known.
    #[must_use]
    pub fn unsigned_client_id() -> Self {
        let reason = "client_id must be signed by a key of ID_KEY, because ID_KEY_REQUIRED is true";
        Self::new("/client_id", "client_id", reason)
    }
}
