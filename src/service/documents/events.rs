//! The events of metadata documents, for the log and the webhook.

use serde::Serialize;

use crate::client::metadata_document::ChangeKind;

/// Something that happened to a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentEvent {
    /// `document.first_seen`, `document.changed`, `document.gone` or `document.invalid`.
    pub action: &'static str,
    /// Its URL.
    pub client_id: String,
    /// The members that have changed, of [`Self::action`] `document.changed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The subjects of the changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ChangeKind>,
    /// The digest of its effective metadata before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former_version: Option<String>,
    /// The same now; absent where there is no document any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}
