//! [`Code`]: the registration error code of a rule.

use super::rule::{PolicyRule, Rule};
use super::statement_fault::StatementFault;

/// A registration error code (RFC 7591 §3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// `invalid_redirect_uri`
    InvalidRedirectUri,
    /// `invalid_client_metadata`
    InvalidClientMetadata,
    /// `invalid_software_statement`
    InvalidSoftwareStatement,
    /// `unapproved_software_statement`
    UnapprovedSoftwareStatement,
}

impl Code {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidSoftwareStatement => "invalid_software_statement",
            Self::UnapprovedSoftwareStatement => "unapproved_software_statement",
        }
    }
}

impl Rule {
    /// The registration error code of this rule.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::RedirectUri(_)
            | Self::RedirectUrisRequired { .. }
            | Self::ImplicitRedirectUri
            | Self::StatementRedirectUris
            | Self::Policy(
                PolicyRule::RedirectHost
                | PolicyRule::RedirectScheme
                | PolicyRule::HttpsRedirect
                | PolicyRule::ReverseDnsScheme
                | PolicyRule::RedirectUriCount { .. },
            ) => Code::InvalidRedirectUri,
            Self::Statement(StatementFault::Untrusted | StatementFault::DeniedSoftware) => {
                Code::UnapprovedSoftwareStatement
            }
            Self::Statement(_) => Code::InvalidSoftwareStatement,
            _ => Code::InvalidClientMetadata,
        }
    }
}
