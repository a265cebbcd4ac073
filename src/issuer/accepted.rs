//! From the metadata that discovery publishes to what registration accepts.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::config_error::{ConfigError, ConfigErrors};
use crate::client::limits::ENTRIES;
use crate::client::table::MEMBERS;
use crate::client::{Extensions, Supported};
use crate::vocabulary::{AuthMethod, GrantType, ResponseType, Scope};

pub(super) const GRANTS: &str = "grant_types_supported";
pub(super) const RESPONSES: &str = "response_types_supported";
pub(super) const METHODS: &str = "token_endpoint_auth_methods_supported";
pub(super) const SCOPES: &str = "scopes_supported";

/// The author of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// The operator's: a value that registration cannot offer is an error.
    Operator,
    /// An authorization server's: what registration cannot offer is left to the server.
    Upstream,
}

/// The properties of the server that decide what it can accept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server {
    /// Whether it is a developer's machine.
    pub development: bool,
    /// Whether client secrets are sealed.
    pub seals_secrets: bool,
}

/// Whether registration checks clients against the list `name` of the metadata.
fn is_read(name: &str) -> bool {
    [GRANTS, RESPONSES, METHODS, SCOPES].contains(&name)
        || MEMBERS.iter().any(|member| member.kind.supported_list() == Some(name))
}

/// Shortens the lists of `metadata` that clients are checked against to [`ENTRIES`] entries, because the cost of a
/// registration grows with them. Returns the names of the lists that had more.
pub(super) fn shorten_lists(metadata: &mut Map<String, Value>) -> Vec<String> {
    let mut shortened = Vec::new();
    for (name, value) in metadata.iter_mut().filter(|(name, _)| is_read(name)) {
        if let Value::Array(list) = value
            && list.len() > ENTRIES
        {
            list.truncate(ENTRIES);
            shortened.push(name.clone());
        }
    }
    shortened
}

/// The values that registration accepts by the lists of `metadata`.
pub(super) fn supported(
    metadata: &Map<String, Value>,
    author: Author,
    default_scope: Option<&Scope>,
    Server { development, seals_secrets }: Server,
) -> Result<Supported, ConfigErrors> {
    let mut errors = ConfigErrors::default();
    let read = metadata.iter().filter(|(name, _)| is_read(name));
    let lists: Vec<(String, Vec<String>)> =
        read.filter_map(|(name, value)| Some((name.clone(), strings(value)?))).collect();
    let find = |name: &str| lists.iter().find(|(known, _)| known == name).map(|(_, list)| list);
    let list = |name: &str| find(name).map(Vec::as_slice).unwrap_or_default();
    let strict = author == Author::Operator;

    let grant_types: Vec<GrantType> =
        list(GRANTS).iter().map(|text| GrantType::parse(text)).collect();
    if grant_types.is_empty() {
        errors.push(wrong(GRANTS, "", "a list with at least one grant type"));
    }

    let mut response_types = Vec::new();
    for text in list(RESPONSES) {
        let response = ResponseType::parse(text).ok_or_else(|| {
            let known = ResponseType::ALL.map(ResponseType::as_str).join(", ");
            wrong(RESPONSES, text, format!("a list of these response types: {known}"))
        });
        let granted = response.and_then(|response| {
            match response.grants().find(|grant| !grant_types.contains(grant)) {
                None => Ok(response),
                Some(grant) => {
                    let expected =
                        format!("a list without it, unless {GRANTS} lists {}", grant.as_str());
                    Err(wrong(RESPONSES, text, expected))
                }
            }
        });
        keep(&mut response_types, granted, strict, &mut errors);
    }

    let mut auth_methods = Vec::new();
    for text in list(METHODS) {
        let method = match AuthMethod::parse(text) {
            Some(method) if method.needs_plain_secret() && !seals_secrets => {
                let expected = "a list without it, unless the secret SEALING_KEY is set";
                Err(wrong(METHODS, text, expected))
            }
            Some(method) => Ok(method),
            None => {
                let known = AuthMethod::ALL.map(AuthMethod::as_str).join(", ");
                Err(wrong(METHODS, text, format!("a list of these methods: {known}")))
            }
        };
        keep(&mut auth_methods, method, strict, &mut errors);
    }
    if auth_methods.is_empty() && !(strict && find(METHODS).is_some_and(|list| !list.is_empty())) {
        errors.push(wrong(METHODS, "", "a list with at least one method"));
    }

    let scopes = find(SCOPES).cloned();
    let default_scope = match (default_scope, &scopes) {
        (Some(scope), Some(scopes)) if scope.narrowed_to(scopes) != *scope => {
            if strict {
                let expected = "made only of scopes in scopes_supported";
                let value = scope.to_string().into();
                errors.push(ConfigError::value("REGISTRATION.default_scope", &value, expected));
            }
            scope.narrowed_to(scopes)
        }
        (scope, _) => scope.cloned().unwrap_or_default(),
    };
    errors.or(Supported {
        grant_types,
        response_types,
        auth_methods,
        scopes,
        default_scope,
        lists: Rc::new(lists),
        extensions: Extensions::default(),
        development,
        seals_secrets,
        document_url_bytes: None,
    })
}

/// Keeps what is offered, once; what is not is an error, or left out.
fn keep<T: PartialEq>(
    kept: &mut Vec<T>,
    offered: Result<T, ConfigError>,
    strict: bool,
    errors: &mut ConfigErrors,
) {
    match offered {
        Ok(value) if kept.contains(&value) => {}
        Ok(value) => kept.push(value),
        Err(error) if strict => errors.push(error),
        Err(_) => {}
    }
}

fn wrong(name: &str, value: &str, expected: impl Into<String>) -> ConfigError {
    ConfigError::value(&format!("METADATA.{name}"), &value.into(), expected)
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}
