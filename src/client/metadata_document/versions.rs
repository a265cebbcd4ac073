//! How two versions of a client's metadata differ. A metadata document can change at any time, so an authorization server
//! compares digests at consent and at issuance, and an operator learns which members have changed.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::client::metadata::ClientMetadata;
use crate::client::table::{self, Kind, Property};
use crate::vocabulary::{Digest, RedirectUri};

/// The digest of the effective metadata, as 43 base64url characters. It is not shortened: the owner of a document could
/// prepare two documents with the same short digest.
///
/// # Errors
/// If the metadata cannot be written, which only a defect could bring about.
pub fn version(metadata: &ClientMetadata) -> Result<String, serde_json::Error> {
    serde_json::to_string(metadata).map(|json| Digest::of(&json).into())
}

/// The digest of the redirect URIs in the order of their bytes, as 43 base64url characters.
#[must_use]
pub fn redirects_version(metadata: &ClientMetadata) -> String {
    let mut uris: Vec<&str> = metadata.redirect_uris.iter().map(RedirectUri::as_str).collect();
    uris.sort_unstable();
    // No URI contains a line feed.
    Digest::of(&uris.join("\n")).into()
}

/// The members that differ between two versions, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Changes {
    /// Each member that was added, removed or changed.
    pub members: Vec<Change>,
}

/// A member that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its name, with its language if it has one.
    pub member: String,
    /// The subject of the change.
    pub kind: ChangeKind,
}

/// The subject of a change (Client ID Metadata Document draft-02 §8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The keys, or the way the client authenticates. It may be an ordinary rotation.
    Keys,
    /// Names, pictures and links for people.
    Display,
    /// The URIs to which users are sent.
    Redirects,
    /// Grant types, response types and scopes.
    Grants,
    /// Any other member.
    Other,
}

impl ChangeKind {
    const ALL: [Self; 5] = [Self::Keys, Self::Display, Self::Redirects, Self::Grants, Self::Other];
}

impl Changes {
    /// Whether both versions are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The kinds of the changes, each once.
    #[must_use]
    pub fn kinds(&self) -> Vec<ChangeKind> {
        let changed = |kind: &ChangeKind| self.members.iter().any(|change| change.kind == *kind);
        ChangeKind::ALL.into_iter().filter(changed).collect()
    }
}

/// Compares two versions, member by member, as authorization servers see them. The order of redirect URIs is no difference.
#[must_use]
pub fn changes(old: &ClientMetadata, new: &ClientMetadata) -> Changes {
    let (mut old, mut new) = (members(old), members(new));
    new.retain(|name, value| old.remove_entry(name).is_none_or(|(_, before)| before != *value));
    old.extend(new);
    let changed = old.into_iter().map(|(member, _)| Change { kind: kind(&member), member });
    Changes { members: changed.collect() }
}

/// The members by name, as JSON, with a digest instead of the redirect URIs, whose order does not count.
fn members(metadata: &ClientMetadata) -> Map<String, Value> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(metadata) else { return Map::new() };
    if let Some(uris) = members.get_mut("redirect_uris") {
        *uris = Value::String(redirects_version(metadata));
    }
    members
}

/// The subject of the member `name`.
fn kind(name: &str) -> ChangeKind {
    let Some((row, _)) = table::find_localized(name) else { return ChangeKind::Other };
    match row.name {
        "jwks" | "jwks_uri" | "signed_jwks_uri" => ChangeKind::Keys,
        name if name.starts_with("token_endpoint_auth_") => ChangeKind::Keys,
        "grant_types" | "response_types" | "scope" | "authorization_details_types" => {
            ChangeKind::Grants
        }
        _ if row.has(Property::ReceivesUsers) => ChangeKind::Redirects,
        _ if matches!(row.kind, Kind::DisplayText | Kind::DisplayTexts | Kind::WebUri) => {
            ChangeKind::Display
        }
        _ => ChangeKind::Other,
    }
}
