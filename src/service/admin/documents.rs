//! Metadata documents, for the operator: listed, refreshed, blocked and pinned.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::listing::{MOST, Paging, USUAL, insert, read_page};
use crate::client::Mistake;
use crate::client::limits::ENTRIES;
use crate::client::reading::read;
use crate::gate::GateError;
use crate::gate::token_book::{BookReply, BookRequest};
use crate::issuer::{Approval, DocumentFailure, DocumentMode, DocumentSettings};
use crate::records::document_decisions::MOST_DECISIONS;
use crate::records::{
    DocumentAction, DocumentDecision, DocumentDecisions, DocumentSummary, RecordsError, Store,
    StoredDocument,
};
use crate::service::documents::{self, Reader, read_url};
use crate::service::{Error, IssuerContext, Ports, request};
use crate::vocabulary::{ClientUrl, ClientUrlRules};

/// The most times that decisions are written for one request.
const WRITES: usize = 5;

/// A document in a list. Times are seconds since 1970.
#[derive(Serialize)]
struct ListedDocument<'l> {
    client_id: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_host: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'l str>,
    /// The source that a look-up uses: `pinned`, a fresh copy (`cache`), the last good one if the server cannot be reached
    /// (`last_good`), or nothing (`gone`): the server's last answer was no document of this client.
    source: &'static str,
    first_seen: u64,
    /// When its server last answered. It is asked only for a look-up, at most once in the time that a copy is fresh.
    last_used: u64,
    fresh_until: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirects_version: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_at: Option<u64>,
}

/// A page of the documents that were resolved lately, as JSON; the first one also has all decisions. One operation of the
/// store, and one request to the Durable Object.
///
/// # Errors
/// 400 for an invalid parameter; 503 if the store or the object fails.
pub async fn list<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    query: Vec<(String, String)>,
) -> Result<String, Error> {
    #[derive(Serialize)]
    struct ListResponse<'l> {
        mode: DocumentMode,
        documents: Vec<ListedDocument<'l>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        decisions: Option<&'l [DocumentDecision]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
    }
    let IssuerContext { issuer, records, runtime, .. } = context;
    let (mut members, mut mistakes) = (Map::new(), Vec::new());
    for (name, value) in query {
        insert(&mut members, name, value, &mut mistakes);
    }
    let Paging { limit, cursor } = read("", &members, ENTRIES, &mut mistakes);
    request::reject(mistakes)?;
    let limit = limit.map_or(USUAL, |limit| limit.0).min(MOST);
    let all = ask(context, None).await?.unwrap_or_default();
    let page =
        read_page(records.list_documents(limit, cursor.as_deref()).await, cursor.as_deref())?;
    let mut summaries = Vec::with_capacity(page.keys.len());
    for (key, summary) in page.keys {
        let summary = summary.and_then(|summary| serde_json::from_value(summary).ok());
        let name = key.rsplit(':').next().unwrap_or_default();
        let summary: Option<DocumentSummary> = match summary {
            None => {
                let stored = records.document(name, None).await.map_err(RecordsError::Store)?;
                stored.as_ref().map(DocumentSummary::of)
            }
            summary => summary,
        };
        summaries.extend(summary);
    }
    let documents = summaries.iter().map(|summary| {
        let decision = all.find(&summary.url);
        let (settings, now) = (&issuer.documents, runtime.now());
        let url = ClientUrl::parse(&summary.url, ANY_URL).ok();
        let is_pinned = decision.is_some_and(|decision| decision.pinned_at.is_some())
            || url.is_some_and(|url| settings.pinned(&url).is_some());
        ListedDocument {
            client_id: &summary.url,
            document_host: host(&summary.url),
            client_name: summary.client_name.as_deref(),
            source: source(summary, is_pinned, settings, now),
            first_seen: summary.first_seen,
            last_used: summary.fetched_at,
            fresh_until: summary.fresh_until,
            version: summary.version.as_deref(),
            redirects_version: summary.redirects_version.as_deref(),
            blocked_at: decision.and_then(|decision| decision.blocked_at),
            pinned_at: decision.and_then(|decision| decision.pinned_at),
        }
    });
    Ok(serde_json::to_string(&ListResponse {
        mode: issuer.documents.mode(),
        documents: documents.collect(),
        decisions: cursor.is_none().then_some(&all.documents),
        cursor: page.cursor,
    })?)
}

/// Stored URLs were accepted once, perhaps under other settings.
const ANY_URL: ClientUrlRules = ClientUrlRules { allow_query: true, allow_loopback: true };

fn host(url: &str) -> Option<&str> {
    url.strip_prefix("https://")?.split(['/', ':']).next()
}

/// [`ListedDocument::source`]
fn source(
    summary: &DocumentSummary,
    is_pinned: bool,
    settings: &DocumentSettings,
    now: u64,
) -> &'static str {
    match summary {
        _ if is_pinned && settings.mode() == DocumentMode::Listed => "pinned",
        DocumentSummary { version: None, .. } => "gone",
        DocumentSummary { fresh_until, .. } if now < *fresh_until => "cache",
        _ if is_pinned => "pinned",
        _ => "last_good",
    }
}

/// Fetches the document of `client_id` in `body` now. Returns the identifier, and the response of a look-up as JSON.
///
/// # Errors
/// 400, 403, 404 and 503 as for [`documents::look_up`].
pub async fn refresh<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    body: &[u8],
) -> Result<(String, String), Error> {
    let (client_id, _) = parse(body, false)?;
    let document = documents::refresh(context, &client_id).await?;
    Ok((client_id, document))
}

/// Does `action` with the document of `client_id` in `body`, and returns the identifier. What is done already is written
/// once more.
///
/// 1. Parse the request, and the URL. 400; 404 if no documents are resolved here
/// 2. A document that is pinned must be usable. 400; 403 on a denied host; 503 if it cannot be judged. Store it. 503
/// 3. Decide. 400 if too many documents have a decision; 503
/// 4. Write the decisions for all locations; once more if there are later ones. 503
/// 5. Let a document that was pinned expire.
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn decide<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    action: DocumentAction,
    body: &[u8],
) -> Result<String, Error> {
    let IssuerContext { issuer, records, .. } = context;
    // 1.
    let (client_id, document) = parse(body, action == DocumentAction::Pin)?;
    let url = read_url(context, &client_id)?;
    let name = StoredDocument::name(url.as_str());
    // 2.
    if action == DocumentAction::Pin {
        let text = pinned(context, &url, document).await?;
        records.store_pinned_document(&name, &text).await.map_err(RecordsError::Store)?;
    }
    // 3.
    let Some(mut latest) = ask(context, Some((client_id.clone(), action))).await? else {
        records.expire_pinned_document(&name).await.map_err(RecordsError::Store)?;
        let text = format!("{MOST_DECISIONS} documents are blocked or pinned already");
        return Err(Error::Request(text));
    };
    // 4.
    for _ in 0..WRITES {
        issuer.document_decisions.learn(latest.clone());
        records.store_document_decisions(&latest).await.map_err(RecordsError::Store)?;
        let now = ask(context, None).await?.unwrap_or_default();
        if now.number > latest.number {
            latest = now;
            continue;
        }
        // 5.
        if action == DocumentAction::Unpin
            && !latest.is_pinned(&client_id)
            && let Err(error) = records.expire_pinned_document(&name).await
        {
            records.note(&format!("a document that was pinned stays stored: {error}"));
        }
        return Ok(client_id);
    }
    Err(Error::Busy)
}

/// `client_id` of a body, and `document` if there may be one.
fn parse(
    body: &[u8],
    may_have_document: bool,
) -> Result<(String, Option<Map<String, Value>>), Error> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Named {
        client_id: Option<String>,
    }
    let (mut members, mut mistakes) = (request::object(body)?, Vec::new());
    let document = members.get("document").filter(|_| may_have_document).cloned();
    if let Some(document) = &document {
        members.remove("document");
        if !document.is_object() {
            mistakes.push(Mistake::value("document", Some(document), "an object"));
        }
    }
    let Named { client_id } = read("", &members, ENTRIES, &mut mistakes);
    if !members.contains_key("client_id") {
        mistakes.push(Mistake::value("client_id", None, "the URL of a metadata document"));
    }
    request::reject(mistakes)?;
    let document = document.and_then(|document| document.as_object().cloned());
    Ok((client_id.unwrap_or_default(), document))
}

/// The document to pin, as JSON: `document`, or otherwise the current copy. It must be usable now.
async fn pinned<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    url: &ClientUrl,
    document: Option<Map<String, Value>>,
) -> Result<String, Error> {
    let settings = &context.issuer.documents;
    if settings.approval(url, true) == Approval::Denied {
        return Err(Error::Unapproved);
    }
    let reader = Reader::new(context, url, true).await?;
    let text = if let Some(document) = document {
        serde_json::to_string(&document)?
    } else {
        let (known, _) = reader.find_known().await;
        let copy = known.as_ref().and_then(|known| known.copy.as_ref());
        let missing = "There is no copy of this document: send it as document, or refresh it";
        copy.ok_or_else(|| Error::Request(missing.into()))?.document.get().to_owned()
    };
    if text.len() > settings.max_bytes() {
        let why = format!("has more than {} bytes", settings.max_bytes());
        return Err(Error::Document(DocumentFailure::Unusable(why)));
    }
    reader.read(text.as_bytes()).await?;
    Ok(text)
}

/// The decisions as the Durable Object has them, after `change`; `None` if there are too many for another one.
async fn ask<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    change: Option<(String, DocumentAction)>,
) -> Result<Option<DocumentDecisions>, Error> {
    match context.gate.book(BookRequest::Documents(change)).await? {
        BookReply::Documents(decisions) => Ok(decisions),
        _ => Err(GateError::Book("no decisions about documents".into()).into()),
    }
}
