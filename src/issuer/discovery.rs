//! The discovery documents (RFC 8414 §3, OpenID Connect Discovery 1.0 §4), written once for each issuer
//! and isolate.

use serde_json::{Map, Value};

use super::accepted::Author;
use super::identifier::Identifier;
use super::published::{PUBLISHED, PublishedKind};
use crate::vocabulary::{Digest, EntityTag, json_text};

/// The discovery documents of an issuer.
#[derive(Debug)]
pub struct Documents {
    json: String,
    version: EntityTag,
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

    /// Their strong entity tag: a digest of the JSON.
    #[must_use]
    pub fn version(&self) -> &EntityTag {
        &self.version
    }

    /// Writes the documents: registered members first, in the order of the registry, then whatever
    /// else there is. Members without a value are left out.
    pub(super) fn of(metadata: &Map<String, Value>, author: Author) -> Self {
        let registered = PUBLISHED.iter().filter_map(|(name, _)| metadata.get_key_value(*name));
        let is_registered = |name: &str| PUBLISHED.iter().any(|(known, _)| *known == name);
        let others = metadata.iter().filter(|(name, _)| !is_registered(name));
        let mut json = String::from("{");
        for (name, value) in registered.chain(others).filter(|(name, value)| says(name, value)) {
            if json.len() > 1 {
                json.push(',');
            }
            json += &json_text(&name.as_str().into());
            json.push(':');
            json += &json_text(value);
        }
        json.push('}');
        let version = EntityTag::of(Digest::of(&json).short_name());
        json.push('\n');
        Self { json, version, openid: is_complete_for_openid(metadata, author) }
    }
}

/// Whether a member has a value. Clients fail on `null` and `""`, and take an empty list for what it
/// would be without; but `response_types_supported` is required (RFC 8414 §2).
pub(super) fn says(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty() || name == "response_types_supported",
        _ => true,
    }
}

/// The members of an issuer with its own name in place: paths are appended to its identifier. Only while
/// registration is `open` is there an endpoint for it.
pub(super) fn complete(
    issuer: &Identifier,
    mut metadata: Map<String, Value>,
    open: bool,
) -> Map<String, Value> {
    let base = issuer.base();
    for (name, kind) in PUBLISHED {
        if let (PublishedKind::Endpoint, Some(Value::String(path))) = (kind, metadata.get_mut(name))
            && path.starts_with('/')
        {
            path.insert_str(0, base);
        }
    }
    metadata.insert("issuer".into(), issuer.as_str().into());
    if open {
        metadata.insert("registration_endpoint".into(), format!("{base}/reg").into());
    } else {
        metadata.remove("registration_endpoint");
    }
    metadata
}

/// OpenID Connect Discovery 1.0 §3, the required members. That `RS256` is among the algorithms is asked of
/// an operator; a server whose clients live without it keeps its document.
fn is_complete_for_openid(metadata: &Map<String, Value>, author: Author) -> bool {
    let list = |name: &str| metadata.get(name).and_then(Value::as_array);
    ["authorization_endpoint", "jwks_uri"].iter().all(|name| metadata.contains_key(*name))
        && list("subject_types_supported").is_some_and(|list| !list.is_empty())
        && list("id_token_signing_alg_values_supported")
            .is_some_and(|list| author == Author::Upstream || list.iter().any(|alg| alg == "RS256"))
}
