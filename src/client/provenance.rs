//! [`Provenance`]: how a registration came in. For the authorization server and the operator; a client
//! does not see it.

use super::certificates::CertificateOrigin;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a registration came in. It contains no address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Whether the client's own claims are all that is known of it: no operator has vouched for it.
    pub self_asserted: bool,
    /// The initial access token it came in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenName>,
    /// The client certificate it came in with, if a policy was about certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateOrigin>,
    /// The policies that applied to it: the start of a digest of them.
    #[serde(default)]
    pub policy: String,
    /// The policy that rode on the token, which holds for updates too.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub token_policy: Map<String, Value>,
    /// The software statement of a trusted issuer that it came in with, or that its last update brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementOrigin>,
    /// The rules of policies that its metadata break and the operator has overridden; `narrowed` for values that a policy
    /// would have left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overridden: Vec<String>,
}

impl Provenance {
    /// The same for a client that `statement` vouches for, if there is one.
    #[must_use]
    pub fn vouched_for(self, statement: Option<StatementOrigin>) -> Self {
        match statement {
            Some(_) => Self { self_asserted: false, statement, ..self },
            None => self,
        }
    }
}

/// Who has vouched for a client with a software statement (RFC 7591 §2.3), as the statement says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementOrigin {
    /// Its issuer: the claim `iss`.
    pub iss: String,
    /// The software: the claim `software_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// The head of a digest of its identifier: the claim `jti`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// When it expires, in seconds since 1970: the claim `exp`. The client stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
}

/// An initial access token as its operator knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenName {
    /// The head of its digest.
    pub id: String,
    /// Its label, as the operator has set it.
    pub label: String,
}
