//! The response about a client that is identified by the URL of its metadata document.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::resolve::Resolved;
use crate::client::{Provenance, splice_members};
use crate::vocabulary::{ClientUrl, RedirectUri};

/// Where the document of a response comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentSource {
    /// Its server was asked for this response.
    Live,
    /// A copy that is fresh.
    Cache,
    /// The operator has pinned it.
    Pinned,
    /// A copy that is not fresh any more, while its server cannot be reached.
    LastGood,
}

/// The same members as those of a registered client, and those of documents. Times are seconds since 1970.
#[derive(Serialize)]
struct DocumentView<'r> {
    kind: &'static str,
    client_id: &'r str,
    status: &'static str,
    document_host: &'r str,
    issued_at: u64,
    fetched_at: u64,
    fresh_until: u64,
    source: DocumentSource,
    self_asserted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    vouched_by: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unverified: &'static [&'static str],
    provenance: Provenance,
    version: &'r str,
    redirects_version: &'r str,
    metadata: &'r RawValue,
}

/// The member before the metadata.
#[derive(Serialize)]
struct Head<'r> {
    client_id: &'r str,
}

/// The members of metadata that a response looks at.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    redirect_uris: Vec<String>,
}

impl Resolved {
    /// The response, as JSON.
    ///
    /// # Errors
    /// If it cannot be written, which only a defect could bring about.
    pub(super) fn to_json(&self, url: &ClientUrl) -> Result<String, serde_json::Error> {
        let reading = &self.reading;
        // The effective metadata have no client_id of their own.
        let head = serde_json::to_string(&Head { client_id: url.as_str() })?;
        let metadata = splice_members(head, &reading.metadata);
        let metadata: Box<RawValue> = serde_json::from_slice(metadata.as_bytes())?;
        let has_sector = reading.metadata.get().contains("\"sector_identifier_uri\":");
        serde_json::to_string(&DocumentView {
            kind: "metadata_document",
            client_id: url.as_str(),
            status: "active",
            document_host: url.host(),
            issued_at: self.first_seen,
            fetched_at: self.fetched_at,
            fresh_until: self.fresh_until,
            source: self.source,
            self_asserted: !self.is_listed,
            vouched_by: self.is_listed.then_some("documents"),
            unverified: if has_sector { &["sector_identifier_uri"] } else { &[] },
            provenance: Provenance {
                self_asserted: !self.is_listed,
                policy: self.policy.clone(),
                ..Provenance::default()
            },
            version: &reading.version,
            redirects_version: &reading.redirects_version,
            metadata: &metadata,
        })
    }

    /// Whether `presented` is one of the client's redirect URIs, as an authorization request has to name it
    /// (RFC 9700 §2.1, RFC 8252 §7.3).
    pub(super) fn redirects_to(&self, presented: &str) -> bool {
        let json = self.reading.metadata.get().as_bytes();
        let part: Option<Part> = serde_json::from_slice(json).ok();
        let uris = part.map(|part| part.redirect_uris).unwrap_or_default();
        RedirectUri::is_registered(presented, &uris)
    }
}
