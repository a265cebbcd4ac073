//! [`ClientMetadata`]: what a client is, verified.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::jwks::{KeySet, Points};
use super::problem::Pointer;
use super::table::{Member, Property};
use super::value::MemberValue;
use crate::vocabulary::{
    Algorithm, ApplicationType, AuthMethod, GrantType, RedirectUri, ResponseType, Scope, WebUri,
};

/// Verified client metadata. Every member has a type, every default is filled in, and nothing leads back
/// to what was sent. The fields are the core members, on which the rules for others depend.
#[derive(Debug, Clone)]
pub struct ClientMetadata {
    pub(super) redirect_uris: Vec<RedirectUri>,
    pub(super) grant_types: Vec<GrantType>,
    pub(super) response_types: Vec<ResponseType>,
    pub(super) auth_method: AuthMethod,
    pub(super) application_type: ApplicationType,
    pub(super) scope: Scope,
    pub(super) passive: PassiveMembers,
    /// The extension members, by name.
    pub(super) extensions: BTreeMap<String, MemberValue>,
}

/// The members besides the core, in the order of the table.
#[derive(Debug, Clone, Default)]
pub(super) struct PassiveMembers(pub Vec<TypedMember>);

/// A member with its value, in one language or none.
#[derive(Debug, Clone)]
pub(super) struct TypedMember {
    pub row: &'static Member,
    pub language: Option<String>,
    pub value: MemberValue,
}

impl TypedMember {
    /// The place where the client wrote it.
    pub fn pointer(&self) -> Pointer {
        Pointer::of(self.row.name, self.language.as_deref())
    }
}

impl PassiveMembers {
    /// The value of `name` without a language.
    pub fn find(&self, name: &str) -> Option<&MemberValue> {
        let found = self.0.iter().find(|one| one.row.name == name && one.language.is_none());
        found.map(|member| &member.value)
    }

    /// Whether `name` is there.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The text of `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.find(name)? {
            MemberValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The URI `name`.
    pub fn uri(&self, name: &str) -> Option<&WebUri> {
        match self.find(name)? {
            MemberValue::Uri(uri) => Some(uri),
            _ => None,
        }
    }

    /// The algorithm `name`.
    pub fn algorithm(&self, name: &str) -> Option<Algorithm> {
        match self.find(name)? {
            MemberValue::Algorithm(algorithm) => Some(*algorithm),
            _ => None,
        }
    }

    /// `jwks`.
    pub fn keys(&self) -> Option<&KeySet> {
        match self.find("jwks")? {
            MemberValue::Keys(keys) => Some(keys),
            _ => None,
        }
    }

    /// Whether the flag `name` is set.
    pub fn is_true(&self, name: &str) -> bool {
        matches!(self.find(name), Some(MemberValue::Flag(true)))
    }
}

impl ClientMetadata {
    /// `token_endpoint_auth_method`.
    #[must_use]
    pub fn auth_method(&self) -> AuthMethod {
        self.auth_method
    }

    /// `sector_identifier_uri`.
    #[must_use]
    pub fn sector_identifier_uri(&self) -> Option<&str> {
        self.passive.uri("sector_identifier_uri").map(WebUri::as_str)
    }

    /// `redirect_uris`, byte for byte.
    pub fn redirect_uri_texts(&self) -> impl Iterator<Item = &str> {
        self.redirect_uris.iter().map(RedirectUri::as_str)
    }

    /// The points of the keys in `jwks`, which are still to be shown to Web Crypto.
    #[must_use]
    pub fn points(&self) -> Points {
        self.passive.keys().map(KeySet::points).unwrap_or_default()
    }

    /// The names that are shown to people, each with its member.
    pub(super) fn names(&self) -> impl Iterator<Item = (&TypedMember, &str)> {
        let names = self.passive.0.iter().filter(|member| member.row.has(Property::Name));
        names.filter_map(|member| match &member.value {
            MemberValue::Text(text) => Some((member, text.as_str())),
            _ => None,
        })
    }
}

impl Serialize for ClientMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        // A client without grants that redirect has no redirect URIs.
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
        for TypedMember { row, language, value } in &self.passive.0 {
            match language {
                None => map.serialize_entry(row.name, value)?,
                Some(language) => {
                    map.serialize_entry(&format!("{}#{language}", row.name), value)?;
                }
            }
        }
        for (name, value) in &self.extensions {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
