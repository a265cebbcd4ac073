//! Fetching a metadata document (draft-ietf-oauth-client-id-metadata-document-02 §5), and what is kept of the answer.

use std::rc::Rc;

use serde_json::value::RawValue;

use super::events::DocumentEvent;
use super::freshness::{Lifetime, lifetime};
use super::resolve::Reader;
use crate::client::metadata_document::changes;
use crate::issuer::{DocumentFailure, EndOfDocumentTurn};
use crate::records::{DocumentCopy, Store, StoredDocument};
use crate::runtime::{FetchError, FetchRequest, Fetched, USER_AGENT};
use crate::service::fetching::TIMEOUT_MS;
use crate::service::{IssuerContext, Ports};

/// Fetches the document of `reader`, of which `known` is the latest state that is known here, and stores what has changed.
/// Ends the turn of this request.
///
/// # Errors
/// [`DocumentFailure`]
pub(super) async fn fetch<S: Store, R: Ports>(
    reader: &Reader<'_, '_, S, R>,
    known: Option<&StoredDocument>,
) -> Result<Rc<StoredDocument>, DocumentFailure> {
    let IssuerContext { issuer, gate, runtime, .. } = reader.context;
    let _turn = EndOfDocumentTurn(&issuer.document_state, &reader.name);
    let (url, host) = (reader.url.as_str(), reader.url.host());
    let outcome = if gate.allows_fetch(url, host, known.is_some()).await {
        ask(reader, known).await
    } else {
        Err(DocumentFailure::Limited)
    };
    // Before the store is waited for: other requests are waiting for this.
    let kept = outcome.as_ref().map(|(stored, _)| Rc::clone(stored)).map_err(Clone::clone);
    issuer.document_state.finish(&reader.name, runtime.milliseconds(), kept.clone());
    match &outcome {
        Ok((stored, true)) => store(reader, stored).await,
        Err(failure) if !failure.is_passing() => forget(reader, known, failure).await,
        _ => {}
    }
    kept
}

/// Asks the document's server. Returns the state of the document, and whether it may be stored for others.
async fn ask<S: Store, R: Ports>(
    reader: &Reader<'_, '_, S, R>,
    known: Option<&StoredDocument>,
) -> Result<(Rc<StoredDocument>, bool), DocumentFailure> {
    let IssuerContext { issuer, runtime, .. } = reader.context;
    let copy = known.and_then(|known| known.copy.as_ref());
    let mut headers = vec![("accept", "application/json"), ("user-agent", USER_AGENT)];
    for (name, validator) in [
        ("if-none-match", copy.and_then(|copy| copy.etag.as_deref())),
        ("if-modified-since", copy.and_then(|copy| copy.last_modified.as_deref())),
    ] {
        headers.extend(validator.map(|value| (name, value)));
    }
    let is_conditional = headers.len() > 2;
    let bytes = issuer.documents.max_bytes();
    let url = reader.url.as_str();
    let request = FetchRequest { url, headers: &headers, bytes, milliseconds: TIMEOUT_MS };
    let fetched = runtime.get(&request).await.map_err(|error| match error {
        FetchError::TooLarge => DocumentFailure::Unusable(format!("is larger than {bytes} bytes")),
        FetchError::Failed(why) => {
            DocumentFailure::Unreachable(format!("cannot be fetched: {why}"))
        }
    })?;
    let now = runtime.now();
    let first_seen = known.map_or(now, |known| known.first_seen);
    let Lifetime { seconds, may_be_stored } = lifetime(&fetched, now, issuer.documents.freshness());
    let copy = match (fetched.status, copy) {
        (200, _) => read(reader, &fetched, known, may_be_stored).await?,
        (304, Some(copy)) if is_conditional => {
            // The rules may be other ones than when it was read.
            let (reading, _) = reader.read(copy.document.get().as_bytes()).await?;
            DocumentCopy { reading, ..copy.clone() }
        }
        (status @ (404 | 410), _) => return Err(DocumentFailure::Gone(status)),
        (status @ (300..=303 | 305..=399 | 403 | 429 | 500..), _) => {
            return Err(DocumentFailure::Unreachable(format!("was answered with status {status}")));
        }
        (status, _) => {
            return Err(DocumentFailure::Unusable(format!("was answered with status {status}")));
        }
    };
    let stored = StoredDocument::new(url, first_seen, now, seconds, Some(copy));
    Ok((Rc::new(stored), may_be_stored))
}

/// Reads an answer with a document, and notes what has changed since it was `known`.
async fn read<S: Store, R: Ports>(
    reader: &Reader<'_, '_, S, R>,
    fetched: &Fetched,
    known: Option<&StoredDocument>,
    may_be_stored: bool,
) -> Result<DocumentCopy, DocumentFailure> {
    let media_type = fetched.header("content-type").unwrap_or_default();
    if !is_json(media_type) {
        // A page of a firewall or of a hosting service: it says nothing about the client.
        let shown: String = media_type.escape_default().take(100).collect();
        return Err(DocumentFailure::Unreachable(format!("has the media type '{shown}'")));
    }
    let (reading, metadata) = reader.read(&fetched.body).await?;
    let text = std::str::from_utf8(&fetched.body).ok();
    let text = text.map(|text| text.trim_start_matches('\u{feff}').trim());
    let document =
        text.and_then(|text| serde_json::from_slice::<Box<RawValue>>(text.as_bytes()).ok());
    let document = document.ok_or_else(|| DocumentFailure::Unreachable("is not JSON".into()))?;
    let validator = |name: &str| {
        let value = fetched.header(name).filter(|value| value.len() <= 200 && value.is_ascii());
        value.map(str::to_owned)
    };
    let copy = DocumentCopy {
        document,
        etag: validator("etag"),
        last_modified: validator("last-modified"),
        reading,
    };
    let former = known.and_then(|known| known.copy.as_ref());
    let former_version = former.map(|former| former.reading.version.clone());
    let version = Some(copy.reading.version.clone());
    let is_same = former.is_some_and(|former| former.document.get() == copy.document.get());
    // Nothing remembers that a document was seen which must not be stored.
    let is_forgotten = known.is_none() && !may_be_stored;
    // The same document means something else under other rules, which is no change of the document.
    if is_forgotten || is_same || (known.is_some() && former_version == version) {
        return Ok(copy);
    }
    let mut event = DocumentEvent {
        action: if known.is_some() { "document.changed" } else { "document.first_seen" },
        client_id: reader.url.as_str().to_owned(),
        members: Vec::new(),
        kinds: Vec::new(),
        former_version,
        version,
    };
    if let Some(former) = former
        && let Ok((_, former)) = reader.read(former.document.get().as_bytes()).await
    {
        let changes = changes(&former, &metadata);
        event.kinds = changes.kinds();
        event.members = changes.members.into_iter().map(|change| change.member).collect();
    }
    reader.context.happened(event);
    Ok(copy)
}

/// `application/json`, or another type of `application` that ends in `+json`
/// (draft-ietf-oauth-client-id-metadata-document-02 §4).
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Stores the state of a document. A state that cannot be stored is no reason to reject a request.
async fn store<S: Store, R: Ports>(reader: &Reader<'_, '_, S, R>, stored: &StoredDocument) {
    let IssuerContext { issuer, records, .. } = reader.context;
    let ttl = issuer.documents.last_good();
    if let Err(error) = records.store_document(&reader.name, stored, ttl).await {
        records.note(&format!("a metadata document was not stored: {error}"));
    }
}

/// Stores that there is no document any more, so that no location uses a copy once it has seen this.
async fn forget<S: Store, R: Ports>(
    reader: &Reader<'_, '_, S, R>,
    known: Option<&StoredDocument>,
    failure: &DocumentFailure,
) {
    let Some(known) = known.filter(|known| known.copy.is_some()) else { return };
    let now = reader.context.runtime.now();
    store(reader, &StoredDocument::new(&known.url, known.first_seen, now, 0, None)).await;
    let is_gone = matches!(failure, DocumentFailure::Gone(_));
    reader.context.happened(DocumentEvent {
        action: if is_gone { "document.gone" } else { "document.invalid" },
        client_id: known.url.clone(),
        members: Vec::new(),
        kinds: Vec::new(),
        former_version: known.copy.as_ref().map(|copy| copy.reading.version.clone()),
        version: None,
    });
}
