//! [`ClientMetadata`]: what a client is, verified.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::table::Member;
use crate::vocabulary::{ApplicationType, AuthMethod, GrantType, RedirectUri, ResponseType, Scope};

/// Verified client metadata. What decides something is typed; the rest is checked JSON. No member
/// that has a default is missing, and nothing leads back to what was sent.
#[derive(Debug, Clone)]
pub struct ClientMetadata {
    pub(super) redirect_uris: Vec<RedirectUri>,
    pub(super) grant_types: Vec<GrantType>,
    pub(super) response_types: Vec<ResponseType>,
    pub(super) auth_method: AuthMethod,
    pub(super) application_type: ApplicationType,
    pub(super) scope: Scope,
    pub(super) others: Others,
}

/// The members that decide nothing by themselves, in the order of the table.
#[derive(Debug, Clone, Default)]
pub(super) struct Others(pub Vec<(&'static Member, Option<String>, Value)>);

impl Others {
    /// The value of `name` without a language.
    pub fn find(&self, name: &str) -> Option<&Value> {
        let same = |(row, language, _): &&(&Member, Option<String>, _)| {
            row.name == name && language.is_none()
        };
        self.0.iter().find(same).map(|(_, _, value)| value)
    }

    /// The text of `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(Value::as_str)
    }

    /// Whether the flag `name` is set.
    pub fn is_true(&self, name: &str) -> bool {
        self.find(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Every member with its row and value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Member, &Value)> {
        self.0.iter().map(|(row, _, value)| (*row, value))
    }
}

impl ClientMetadata {
    /// `token_endpoint_auth_method`.
    #[must_use]
    pub fn auth_method(&self) -> AuthMethod {
        self.auth_method
    }
}

impl Serialize for ClientMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        // A client of grants that do not redirect has none, and says nothing of them.
        if !self.redirect_uris.is_empty() {
            map.serialize_entry("redirect_uris", &self.redirect_uris)?;
        }
        map.serialize_entry("grant_types", &self.grant_types)?;
        map.serialize_entry("response_types", &self.response_types)?;
        map.serialize_entry("token_endpoint_auth_method", &self.auth_method)?;
        map.serialize_entry("application_type", &self.application_type)?;
        if !self.scope.is_empty() {
            map.serialize_entry("scope", &self.scope)?;
        }
        for (row, language, value) in &self.others.0 {
            match language {
                None => map.serialize_entry(row.name, value)?,
                Some(language) => {
                    map.serialize_entry(&format!("{}#{language}", row.name), value)?;
                }
            }
        }
        map.end()
    }
}
