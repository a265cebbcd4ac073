//! Metadata documents at rest: what was fetched, what it means under the rules of the time, and until when it is fresh.
//!
//! A document has one key, which every location writes when it has fetched the document. The last write wins: each of
//! them is a state that the document's server was in.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::ledger::Ledgers;
use super::{Key, Page, Records, Store, StoreError, StoredValue};
use crate::runtime::{Clock, Entropy};
use crate::vocabulary::Digest;

/// The version of the schema.
const VERSION: u32 = 1;

/// A metadata document at rest. Times are seconds since 1970.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredDocument {
    v: u32,
    /// Its URL, which is the client's identifier.
    pub url: String,
    /// When it was resolved for the first time.
    pub first_seen: u64,
    /// When its server last answered: with the document, that it has not changed, or that there is none.
    pub fetched_at: u64,
    /// Until when it is used without asking again.
    pub fresh_until: u64,
    /// The document; `None` if its server's last answer was that there is none, or an invalid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<DocumentCopy>,
}

/// A document as it was fetched, and what it means.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentCopy {
    /// The document.
    pub document: Box<RawValue>,
    /// Its `ETag`, for the next request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its `Last-Modified`, for the next request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Its meaning.
    pub reading: DocumentReading,
}

/// The meaning of a document under certain rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentReading {
    /// The name of the rules: of this program, of the server and of the operator's policies.
    pub rules: String,
    /// The digest of the effective metadata.
    pub version: String,
    /// The digest of the redirect URIs.
    pub redirects_version: String,
    /// The effective metadata.
    pub metadata: Box<RawValue>,
}

impl StoredDocument {
    /// A document that has just been fetched, or is known to be gone.
    #[must_use]
    pub fn new(
        url: &str,
        first_seen: u64,
        now: u64,
        lifetime: u64,
        copy: Option<DocumentCopy>,
    ) -> Self {
        let fresh_until = now.saturating_add(lifetime);
        Self { v: VERSION, url: url.to_owned(), first_seen, fetched_at: now, fresh_until, copy }
    }

    /// The name of a URL in keys: its digest.
    #[must_use]
    pub fn name(url: &str) -> String {
        Digest::of(url).into()
    }
}

/// A document in a list.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentSummary {
    /// [`StoredDocument::url`]
    pub url: String,
    /// Its `client_name`, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// [`StoredDocument::first_seen`]
    pub first_seen: u64,
    /// [`StoredDocument::fetched_at`]
    pub fetched_at: u64,
    /// [`StoredDocument::fresh_until`]
    pub fresh_until: u64,
    /// [`DocumentReading::version`]; absent if there is no document any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// [`DocumentReading::redirects_version`]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirects_version: Option<String>,
}

impl DocumentSummary {
    /// The summary of a document.
    #[must_use]
    pub fn of(stored: &StoredDocument) -> Self {
        #[derive(Default, Deserialize)]
        struct Named {
            client_name: Option<String>,
        }
        let reading = stored.copy.as_ref().map(|copy| &copy.reading);
        let named = reading
            .and_then(|reading| serde_json::from_slice(reading.metadata.get().as_bytes()).ok());
        let Named { client_name } = named.unwrap_or_default();
        Self {
            url: stored.url.clone(),
            client_name: client_name.map(|name| name.chars().take(64).collect()),
            first_seen: stored.first_seen,
            fetched_at: stored.fetched_at,
            fresh_until: stored.fresh_until,
            version: reading.map(|reading| reading.version.clone()),
            redirects_version: reading.map(|reading| reading.redirects_version.clone()),
        }
    }
}

impl<S: Store, R: Clock + Entropy + Ledgers> Records<'_, S, R> {
    /// The stored state of the document with this name; `None` if it was never resolved, or is of a later version of this
    /// program. One read, from what this location has read in the last `cache_ttl` seconds.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn document(
        &self,
        name: &str,
        cache_ttl: Option<u32>,
    ) -> Result<Option<StoredDocument>, StoreError> {
        let stored = self.read(&Key::document(self.issuer, name), cache_ttl).await?;
        let stored = stored.and_then(|bytes| serde_json::from_slice::<StoredDocument>(&bytes).ok());
        Ok(stored.filter(|stored| stored.v == VERSION))
    }

    /// Stores the state of a document for `ttl` seconds more than it is fresh.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn store_document(
        &self,
        name: &str,
        stored: &StoredDocument,
        ttl: u64,
    ) -> Result<(), StoreError> {
        let failed = |error: serde_json::Error| StoreError::Unavailable(error.to_string());
        let text = serde_json::to_string(stored).map_err(failed)?;
        let summary = serde_json::to_string(&DocumentSummary::of(stored)).map_err(failed)?;
        let lifetime = stored.fresh_until.saturating_sub(stored.fetched_at).saturating_add(ttl);
        let ttl = Some(u32::try_from(lifetime).unwrap_or(u32::MAX).max(60));
        // KV takes summaries of 1,024 bytes. With a longer one the document could not be stored.
        let summary = Some(summary).filter(|json| json.len() <= 1024);
        let value = StoredValue { text: &text, ttl, summary: summary.as_deref() };
        self.write(&Key::document(self.issuer, name), value).await
    }

    /// A page of the documents of this issuer, with their summaries. No document is read.
    ///
    /// # Errors
    /// [`StoreError`], of them [`StoreError::Cursor`] for a cursor that no page has brought.
    pub async fn list_documents(
        &self,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page, StoreError> {
        let prefix = Key::document(self.issuer, "");
        self.retry(async || self.store.list(&prefix, limit, cursor).await).await
    }
}
