//! What an issuer publishes and therefore accepts: one reading of its metadata decides both.

use serde_json::{Map, Value, json};

use super::accepted::{Author, supported};
use super::checkup::{Finding, Severity, examine};
use super::config_error::ConfigError;
use super::discovery::{Documents, complete, says};
use super::identifier::Identifier;
use crate::client::Supported;
use crate::vocabulary::Scope;

/// An issuer's documents, what registration accepts, and what there is to say against them.
#[derive(Debug)]
pub struct Profile {
    /// What registration accepts.
    pub supported: Supported,
    /// What discovery answers.
    pub documents: Documents,
    /// What clients will stumble over. None is fatal.
    pub findings: Vec<Finding>,
}

impl Profile {
    /// The profile of an issuer whose metadata the operator has written.
    pub(super) fn of_operator(
        issuer: &Identifier,
        mut metadata: Map<String, Value>,
        default_scope: Option<&Scope>,
        open: bool,
    ) -> Result<Self, ConfigError> {
        // A server without redirects has no response types.
        let grants = metadata.get("grant_types_supported").and_then(Value::as_array);
        let code = grants.is_none_or(|list| list.iter().any(|grant| grant == "authorization_code"));
        let responses = if code { json!(["code"]) } else { json!([]) };
        for (name, usual) in [
            ("response_types_supported", responses),
            ("grant_types_supported", json!(["authorization_code", "refresh_token"])),
            (
                "token_endpoint_auth_methods_supported",
                json!(["client_secret_basic", "client_secret_post", "none"]),
            ),
            ("code_challenge_methods_supported", json!(["S256"])),
        ] {
            metadata.entry(name).or_insert(usual);
        }
        let accepted = supported(&metadata, Author::Operator, default_scope, issuer.is_loopback())?;
        Self::new(issuer, &complete(issuer, metadata, open), accepted, Author::Operator, open)
    }

    /// The profile of an issuer whose authorization server publishes `upstream`: that document, with
    /// the operator's members and ours laid over it.
    pub(super) fn of_upstream(
        issuer: &Identifier,
        mut upstream: Map<String, Value>,
        operator: &Map<String, Value>,
        default_scope: Option<&Scope>,
        open: bool,
    ) -> Result<Self, ConfigError> {
        // What would contradict ours: signed values win over plain ones (RFC 8414 §2.1), and a document
        // with `error` is none to clients.
        for name in ["signed_metadata", "error", "error_description"] {
            upstream.remove(name);
        }
        if let Some(Value::Object(aliases)) = upstream.get_mut("mtls_endpoint_aliases") {
            aliases.remove("registration_endpoint");
            aliases.retain(|name, url| says(name, url));
        }
        upstream.extend(operator.clone());
        upstream.retain(|name, value| says(name, value));
        // RFC 8414 §2: what a document means by leaving a member out. It is not written into it.
        let mut meant = upstream.clone();
        for (name, usual) in [
            ("grant_types_supported", json!(["authorization_code", "implicit"])),
            ("token_endpoint_auth_methods_supported", json!(["client_secret_basic"])),
        ] {
            meant.entry(name).or_insert(usual);
        }
        let accepted = supported(&meant, Author::Upstream, default_scope, issuer.is_loopback())?;
        Self::new(issuer, &complete(issuer, upstream, open), accepted, Author::Upstream, open)
    }

    fn new(
        issuer: &Identifier,
        metadata: &Map<String, Value>,
        supported: Supported,
        author: Author,
        open: bool,
    ) -> Result<Self, ConfigError> {
        let mut findings = examine(&issuer.text, metadata);
        // Where nobody may register, that is as it should be.
        findings.retain(|found| open || found.member != "registration_endpoint");
        if let Some(at) = findings.iter().position(|found| found.severity == Severity::Fatal) {
            return Err(ConfigError::Unfit(findings.swap_remove(at)));
        }
        Ok(Self { supported, documents: Documents::of(metadata, author), findings })
    }
}
