//! An issuer: its identifier, what it publishes, and what it therefore accepts.

use std::fmt;

use serde_json::{Map, Value, json};

use super::config_error::ConfigError;
use super::credentials::Lifetimes;
use super::discovery::{self, Documents};
use super::identifier::Identifier;
use crate::client::Supported;
use crate::vocabulary::{AuthMethod, ClientId, Digest, GrantType, ResponseType, Scope};

/// What is the same for every issuer identifier.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// Checked members to publish, by name.
    pub metadata: Map<String, Value>,
    /// `REGISTRATION.default_scope`.
    pub default_scope: Option<Scope>,
    /// How long credentials live.
    pub lifetimes: Lifetimes,
}

/// The short name of an issuer in the keys of the store: the head of its identifier's digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerId(String);

impl fmt::Display for IssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An issuer, ready to serve.
#[derive(Debug, Clone)]
pub struct Issuer {
    id: IssuerId,
    identifier: Identifier,
    supported: Supported,
    documents: Documents,
    lifetimes: Lifetimes,
}

impl Issuer {
    /// Puts an issuer together from its identifier and the configuration.
    ///
    /// # Errors
    /// What the metadata say that does not fit together.
    pub(super) fn new(identifier: Identifier, template: &Template) -> Result<Self, ConfigError> {
        let mut metadata = template.metadata.clone();
        for (name, usual) in [
            ("response_types_supported", json!(["code"])),
            ("grant_types_supported", json!(["authorization_code", "refresh_token"])),
            (
                "token_endpoint_auth_methods_supported",
                json!(["client_secret_basic", "client_secret_post", "none"]),
            ),
            ("code_challenge_methods_supported", json!(["S256"])),
        ] {
            metadata.entry(name).or_insert(usual);
        }
        let supported = supported(&metadata, template, identifier.is_loopback())?;
        let documents = discovery::documents(&identifier, metadata, &supported)?;
        let id = IssuerId(Digest::of(&identifier.text).short_name());
        Ok(Self { id, identifier, supported, documents, lifetimes: template.lifetimes })
    }

    /// Its name in the keys of the store.
    #[must_use]
    pub fn id(&self) -> &IssuerId {
        &self.id
    }

    /// What registration accepts.
    #[must_use]
    pub fn supported(&self) -> &Supported {
        &self.supported
    }

    /// What discovery answers.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// How long the credentials of its clients live.
    #[must_use]
    pub fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// The path of the issuer: empty, or like `/tenant`.
    #[must_use]
    pub fn path(&self) -> &str {
        let authority = self.identifier.base().split_once("//").map_or("", |(_, rest)| rest);
        authority.find('/').and_then(|at| authority.get(at..)).unwrap_or_default()
    }

    /// Where a client manages its registration (RFC 7592 §3, `registration_client_uri`).
    #[must_use]
    pub fn registration_client_uri(&self, client_id: &ClientId) -> String {
        format!("{}/reg/{client_id}", self.identifier.base())
    }
}

const GRANTS: &str = "grant_types_supported";
const RESPONSES: &str = "response_types_supported";
const METHODS: &str = "token_endpoint_auth_methods_supported";

/// Reads from the metadata to be published what registration accepts.
fn supported(
    metadata: &Map<String, Value>,
    template: &Template,
    development: bool,
) -> Result<Supported, ConfigError> {
    let lists: Vec<(String, Vec<String>)> =
        metadata.iter().filter_map(|(name, value)| Some((name.clone(), strings(value)?))).collect();
    let find = |name: &str| lists.iter().find(|(known, _)| known == name).map(|(_, list)| list);
    let list = |name: &str| find(name).map(Vec::as_slice).unwrap_or_default();
    let wrong = |name: &str, value: &str, expected: String| {
        ConfigError::value(&format!("METADATA.{name}"), &value.into(), expected)
    };

    let grant_types: Vec<GrantType> =
        list(GRANTS).iter().map(|text| GrantType::parse(text)).collect();
    if grant_types.is_empty() {
        return Err(wrong(GRANTS, "", "a list with at least one grant type".into()));
    }

    let mut response_types = Vec::new();
    for text in list(RESPONSES) {
        let response = ResponseType::parse(text).ok_or_else(|| {
            let known = ResponseType::ALL.map(ResponseType::as_str).join(", ");
            wrong(RESPONSES, text, format!("a list of response types: {known}"))
        })?;
        if let Some(grant) = response.grants().find(|grant| !grant_types.contains(grant)) {
            let expected = format!("without it, or {GRANTS} with {}", grant.as_str());
            return Err(wrong(RESPONSES, text, expected));
        }
        response_types.push(response);
    }

    let mut auth_methods = Vec::new();
    for text in list(METHODS) {
        auth_methods.push(AuthMethod::parse(text).ok_or_else(|| {
            let known = AuthMethod::ALL.map(AuthMethod::as_str).join(", ");
            wrong(METHODS, text, format!("a list of these methods: {known}"))
        })?);
    }
    if auth_methods.is_empty() {
        return Err(wrong(METHODS, "", "a list with at least one method".into()));
    }

    let scopes = find("scopes_supported").cloned();
    let default_scope = match (&template.default_scope, &scopes) {
        (Some(scope), Some(scopes)) if scope.narrowed_to(scopes) != *scope => {
            let expected = "made of scopes_supported only";
            let value = scope.to_string().into();
            return Err(ConfigError::value("REGISTRATION.default_scope", &value, expected));
        }
        (Some(scope), _) => scope.clone(),
        (None, Some(scopes)) => scopes.iter().cloned().collect(),
        (None, None) => Scope::default(),
    };
    Ok(Supported {
        grant_types,
        response_types,
        auth_methods,
        scopes,
        default_scope,
        lists,
        development,
    })
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}
