//! The discovery documents (RFC 8414 §3, OpenID Connect Discovery 1.0 §4), written once per issuer.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::config_error::ConfigError;
use super::identifier::Identifier;
use super::published::{Kind, PUBLISHED};
use crate::client::Supported;
use crate::vocabulary::GrantType;

/// What an issuer answers to who asks for its metadata.
#[derive(Debug, Clone)]
pub struct Documents {
    json: String,
    openid: bool,
}

impl Documents {
    /// `/.well-known/oauth-authorization-server`.
    #[must_use]
    pub fn authorization_server(&self) -> &str {
        &self.json
    }

    /// `/.well-known/openid-configuration`: the same members, but only where they are all that
    /// OpenID Connect Discovery 1.0 §3 requires. Clients take a 404 better than a part.
    #[must_use]
    pub fn openid_configuration(&self) -> Option<&str> {
        self.openid.then_some(&*self.json)
    }
}

/// Writes the documents. Members without a value are left out.
pub(super) fn documents(
    issuer: &Identifier,
    mut metadata: Map<String, Value>,
    supported: &Supported,
) -> Result<Documents, ConfigError> {
    required_endpoints(&metadata, supported)?;
    let base = issuer.base();
    metadata.insert("issuer".into(), issuer.text.as_str().into());
    metadata.insert("registration_endpoint".into(), format!("{base}/reg").into());
    let mut json = String::from("{");
    for (name, kind) in PUBLISHED {
        let value = match metadata.get(name) {
            Some(Value::String(path)) if kind == Kind::Endpoint && path.starts_with('/') => {
                Value::String(format!("{base}{path}"))
            }
            Some(Value::Array(list)) if list.is_empty() && name != "response_types_supported" => {
                continue;
            }
            Some(value) => value.clone(),
            None => continue,
        };
        if json.len() > 1 {
            json.push(',');
        }
        let _ = write!(json, "\"{name}\":{value}");
    }
    json.push('}');
    Ok(Documents { json, openid: is_complete_for_openid(&metadata, supported) })
}

/// RFC 8414 §2: which endpoints a server with these grant types has to publish.
fn required_endpoints(
    metadata: &Map<String, Value>,
    supported: &Supported,
) -> Result<(), ConfigError> {
    let authorizes = supported.grant_types.iter().any(GrantType::uses_redirection);
    let issues = supported.grant_types.iter().any(|grant| *grant != GrantType::Implicit);
    for (needed, name, needed_by) in [
        (authorizes, "authorization_endpoint", "the grant types authorization_code and implicit"),
        (issues, "token_endpoint", "every grant type but implicit"),
    ] {
        if needed && !metadata.contains_key(name) {
            return Err(ConfigError::Missing { name, needed_by });
        }
    }
    Ok(())
}

/// OpenID Connect Discovery 1.0 §3, the required members.
fn is_complete_for_openid(metadata: &Map<String, Value>, supported: &Supported) -> bool {
    let signs = supported.list("id_token_signing_alg_values_supported");
    ["authorization_endpoint", "jwks_uri"].iter().all(|name| metadata.contains_key(*name))
        && supported.list("subject_types_supported").is_some_and(|list| !list.is_empty())
        && signs.is_some_and(|list| list.iter().any(|alg| alg == "RS256"))
}
