//! [`Settings`]: the variables and secrets as an operator wrote them, before they are checked.

use serde_json::Value;

use super::secret::Secret;
use crate::vocabulary::{Key, KeyRing, OperatorToken, WebhookSecret, json_text};

/// The variables as the runtime has them (`[vars]` in `wrangler.toml`).
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `ISSUER`: the issuer identifier; `None` on a developer's machine.
    pub issuer: Option<String>,
    /// `ISSUERS`: for several issuers, a table of settings for each identifier.
    pub issuers: Value,
    /// `METADATA`: a table of authorization server metadata to publish.
    pub metadata: Value,
    /// `REGISTRATION`: a table of settings of the registrar itself.
    pub registration: Value,
    /// `DISCOVERY`: a table of settings of the discovery documents.
    pub discovery: Value,
    /// `POLICY`: a table of rules for all clients.
    pub policy: Value,
    /// `ANONYMOUS_POLICY`: the same, for those without an initial access token.
    pub anonymous_policy: Value,
    /// `SOFTWARE_STATEMENTS`: a table of issuers whose software statements are trusted.
    pub software_statements: Value,
    /// `LIMITS`: a table of who is not counted.
    pub limits: Value,
    /// `DOCUMENTS`: a table of settings for client ID metadata documents.
    pub documents: Value,
    /// `AS`: a table of settings of the authorization server's API.
    pub authorization_server: Value,
    /// `WEBHOOK`: a table; where events are sent.
    pub webhook: Value,
    /// `ADMIN_TOKEN`: a secret; the operator's API is off without it.
    pub admin_token: Option<Secret<OperatorToken>>,
    /// `AS_TOKEN`: a secret; without it the authorization server's API answers service bindings only.
    pub as_token: Option<Secret<OperatorToken>>,
    /// `WEBHOOK_SECRET`: what events are signed with.
    pub webhook_secret: Option<Secret<WebhookSecret>>,
    /// `ID_KEY`: a secret; the keys that sign client identifiers.
    pub id_key: Option<Secret<KeyRing>>,
    /// `SEALING_KEY`: a secret; the keys that encrypt client secrets.
    pub sealing_key: Option<Secret<KeyRing>>,
    /// `AS_SECRETS_TOKEN`: a secret; with it, an authorization server may ask for client secrets.
    pub as_secrets_token: Option<Secret<OperatorToken>>,
    /// `ID_KEY_REQUIRED`: a flag; whether identifiers that are not signed are unknown.
    pub id_key_required: Value,
    /// `SHARED_ID_KEY`: a secret; the key of the identifiers of shared clients.
    pub shared_id_key: Option<Secret<Key>>,
    /// `UPSTREAM_METADATA`: the URL of an authorization server's own document.
    pub upstream_metadata: Value,
    /// `DOCUMENT_BASE`: the base of the URLs of hosted documents.
    pub document_base: Value,
}

impl Settings {
    /// The names of the variables that Rollcall reads.
    #[rustfmt::skip]
    pub const NAMES: [&str; 15] = [
        "ISSUER", "ISSUERS", "METADATA", "REGISTRATION", "DISCOVERY", "POLICY", "ANONYMOUS_POLICY", "LIMITS", "AS",
        "WEBHOOK", "UPSTREAM_METADATA", "DOCUMENTS", "ID_KEY_REQUIRED", "DOCUMENT_BASE", "SOFTWARE_STATEMENTS",
    ];

    /// Reads the variables from the runtime; null for a variable that is not set.
    pub fn from_vars(variable: impl Fn(&str) -> Value) -> Self {
        Self {
            issuer: match variable("ISSUER") {
                Value::Null => None,
                Value::String(text) => Some(text),
                other => Some(json_text(&other)),
            },
            issuers: variable("ISSUERS"),
            metadata: variable("METADATA"),
            registration: variable("REGISTRATION"),
            discovery: variable("DISCOVERY"),
            policy: variable("POLICY"),
            anonymous_policy: variable("ANONYMOUS_POLICY"),
            software_statements: variable("SOFTWARE_STATEMENTS"),
            limits: variable("LIMITS"),
            documents: variable("DOCUMENTS"),
            authorization_server: variable("AS"),
            webhook: variable("WEBHOOK"),
            admin_token: Secret::of(&variable("ADMIN_TOKEN"), OperatorToken::from_config),
            as_token: Secret::of(&variable("AS_TOKEN"), OperatorToken::from_config),
            webhook_secret: Secret::of(&variable("WEBHOOK_SECRET"), WebhookSecret::from_config),
            id_key: Secret::of(&variable("ID_KEY"), KeyRing::from_config),
            sealing_key: Secret::of(&variable("SEALING_KEY"), KeyRing::from_config),
            as_secrets_token: Secret::of(&variable("AS_SECRETS_TOKEN"), OperatorToken::from_config),
            id_key_required: variable("ID_KEY_REQUIRED"),
            shared_id_key: Secret::of(&variable("SHARED_ID_KEY"), Key::from_config),
            upstream_metadata: variable("UPSTREAM_METADATA"),
            document_base: variable("DOCUMENT_BASE"),
        }
    }
}
