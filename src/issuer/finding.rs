//! A finding about a discovery document: how bad it is, what breaks and how to fix it.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Clients fail: such a document is not served.
    Fatal,
    /// Some clients fail, or get less than they could.
    Warning,
}

/// One thing that is wrong with a discovery document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The member it is about.
    pub member: String,
    /// The fault, as it follows the member's name.
    pub wrong: Cow<'static, str>,
    /// The consequence for clients.
    pub breaks: Cow<'static, str>,
    /// How to fix it.
    pub fix: Cow<'static, str>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}. {}", self.member, self.wrong, self.breaks, self.fix)
    }
}
