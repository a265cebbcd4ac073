//! The operator's decisions about metadata documents: which are blocked, and which are pinned.
//!
//! A location that fetches a document rewrites its copy, so decisions are kept apart from copies. They hold because
//!
//! 1. the Durable Object of the issuer has them all in one row with a number, and changes them one after another;
//! 2. the request of the operator then writes the row to one key of the store, asks the object again, and writes once
//!    more if another decision came in between (`service::admin::documents`). If the store fails, the request fails, and
//!    its repetition writes the row;
//! 3. each isolate reads that key once a minute, and remembers the row with the highest number. The store shows the
//!    former value for up to a minute, so a decision holds everywhere after [`HOLDS_AFTER`] seconds, and at once in the
//!    isolate that made it;
//! 4. if the key cannot be read, the decisions that the isolate remembers hold.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::ledger::Ledgers;
use super::{Key, Records, Store, StoreError, StoredValue};
use crate::runtime::{Clock, Entropy};

/// After how many seconds a decision holds everywhere: the minute of an isolate and the minute of the store.
pub const HOLDS_AFTER: u64 = 120;
/// The most documents with a decision: the row of all of them stays below 150 KB.
pub const MOST_DECISIONS: usize = 200;

/// The version of the schema.
const VERSION: u32 = 1;
/// How long an isolate remembers decisions, in milliseconds.
const REMEMBERED_MS: u64 = 60_000;
/// How long an isolate waits until it reads them again after a failure, or while another request reads them, in
/// milliseconds.
const AGAIN_MS: u64 = 5_000;
/// How long a document that is not pinned any more stays stored, in seconds: locations may not know that yet.
const AFTER_UNPINNING: u32 = 600;

/// Everything that the operator has decided about documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDecisions {
    v: u32,
    /// The number of changes so far.
    pub number: u64,
    /// The documents with a decision.
    pub documents: Vec<DocumentDecision>,
}

/// A decision of the operator about a document. Times are seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDecision {
    /// Its URL.
    pub client_id: String,
    /// When it was blocked; absent if it is not blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_at: Option<u64>,
    /// When it was pinned; absent if it is not pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<u64>,
}

/// An action of the operator on a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocumentAction {
    /// From now on it is not resolved.
    Block,
    /// It is no longer blocked.
    Unblock,
    /// From now on the stored document is used: [`Records::pinned_document`].
    Pin,
    /// It is no longer pinned.
    Unpin,
}

/// The row of the decisions in a Durable Object.
pub trait DecisionRow {
    /// The decisions, as JSON.
    fn decisions(&mut self) -> Option<String>;
    /// Writes the decisions.
    fn put_decisions(&mut self, decisions: &str);
}

/// Does `change` in the row, at `now` in seconds since 1970, and returns all decisions. A change that is made already
/// changes nothing. `None` if [`MOST_DECISIONS`] documents have a decision.
///
/// # Errors
/// If the row cannot be read or written: a decision must not get lost.
pub fn handle(
    row: &mut impl DecisionRow,
    change: Option<(String, DocumentAction)>,
    now: u64,
) -> Result<Option<DocumentDecisions>, serde_json::Error> {
    let text = row.decisions();
    let parse = |text: String| serde_json::from_slice::<DocumentDecisions>(text.as_bytes());
    let mut all = text.map_or_else(|| Ok(DocumentDecisions::default()), parse)?;
    let Some((client_id, action)) = change else { return Ok(Some(all)) };
    let at = all.documents.iter().position(|one| one.client_id == client_id);
    let former = at.map(|at| all.documents.remove(at));
    let mut decision = former.clone().unwrap_or_default();
    match action {
        DocumentAction::Block => decision.blocked_at = decision.blocked_at.or(Some(now)),
        DocumentAction::Unblock => decision.blocked_at = None,
        DocumentAction::Pin => decision.pinned_at = Some(now),
        DocumentAction::Unpin => decision.pinned_at = None,
    }
    let is_empty = decision.blocked_at.is_none() && decision.pinned_at.is_none();
    if !is_empty && all.documents.len() >= MOST_DECISIONS {
        return Ok(None);
    }
    let decision = Some(decision).filter(|_| !is_empty);
    let is_changed = decision.as_ref().map(|one| (one.blocked_at, one.pinned_at))
        != former.map(|one| (one.blocked_at, one.pinned_at));
    // The latest decision comes last.
    all.documents.extend(decision.map(|decision| DocumentDecision { client_id, ..decision }));
    if is_changed {
        (all.v, all.number) = (VERSION, all.number.saturating_add(1));
        row.put_decisions(&serde_json::to_string(&all)?);
    }
    Ok(Some(all))
}

impl DocumentDecisions {
    /// The operator's decision about the document at `url`.
    #[must_use]
    pub fn find(&self, url: &str) -> Option<&DocumentDecision> {
        self.documents.iter().find(|one| one.client_id == url)
    }

    /// Whether the document at `url` is pinned.
    #[must_use]
    pub fn is_pinned(&self, url: &str) -> bool {
        self.find(url).is_some_and(|one| one.pinned_at.is_some())
    }
}

/// The decisions that an isolate remembers.
#[derive(Debug, Default)]
pub struct KnownDecisions(RefCell<Known>);

#[derive(Debug, Default)]
struct Known {
    latest: Option<Rc<DocumentDecisions>>,
    /// When to read them again, in milliseconds since 1970.
    next_ms: u64,
}

impl KnownDecisions {
    /// The decisions that hold at `now` without a read, in milliseconds since 1970. If it is time for another read, one
    /// request makes it, and the others go on with these.
    fn take(&self, now: u64) -> Option<Rc<DocumentDecisions>> {
        let mut known = self.0.borrow_mut();
        let is_due = now >= known.next_ms;
        if is_due && known.latest.is_some() {
            known.next_ms = now.saturating_add(AGAIN_MS);
        }
        known.latest.clone().filter(|_| !is_due)
    }

    /// Remembers `read`, if no later decisions are known. The store may show former ones.
    pub fn learn(&self, read: DocumentDecisions) -> Rc<DocumentDecisions> {
        let mut known = self.0.borrow_mut();
        match &known.latest {
            Some(latest) if latest.number >= read.number => Rc::clone(latest),
            _ => Rc::clone(known.latest.insert(Rc::new(read))),
        }
    }
}

impl<S: Store, R: Clock + Entropy + Ledgers> Records<'_, S, R> {
    /// The operator's decisions about documents; none if no decision can be read, which is noted. At most one
    /// read a minute.
    pub async fn document_decisions(&self, known: &KnownDecisions) -> Rc<DocumentDecisions> {
        let now = self.runtime.milliseconds();
        if let Some(decisions) = known.take(now) {
            return decisions;
        }
        let stored = self.read(&Key::document_decisions(self.issuer), None).await;
        let read = stored.and_then(|stored| {
            stored.map_or(Ok(DocumentDecisions::default()), |stored| parse(&stored))
        });
        match read {
            Ok(read) => {
                let latest = known.learn(read);
                known.0.borrow_mut().next_ms = now.saturating_add(REMEMBERED_MS);
                latest
            }
            Err(error) => {
                let latest = known.0.borrow().latest.clone();
                let others =
                    if latest.is_some() { "the last known ones hold" } else { "none hold" };
                self.note(&format!(
                    "the decisions about documents cannot be read, {others}: {error}"
                ));
                latest.unwrap_or_default()
            }
        }
    }

    /// Writes the decisions for all locations.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn store_document_decisions(
        &self,
        decisions: &DocumentDecisions,
    ) -> Result<(), StoreError> {
        let failed = |error: serde_json::Error| StoreError::Unavailable(error.to_string());
        let text = serde_json::to_string(decisions).map_err(failed)?;
        let value = StoredValue { text: &text, ttl: None, summary: None };
        self.write(&Key::document_decisions(self.issuer), value).await
    }

    /// The document that the operator has pinned for the URL with this name. One read.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn pinned_document(&self, name: &str) -> Result<Option<String>, StoreError> {
        let stored = self.read(&Key::pinned_document(self.issuer, name), None).await?;
        Ok(stored.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// Stores the document that the operator pins.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn store_pinned_document(&self, name: &str, text: &str) -> Result<(), StoreError> {
        let value = StoredValue { text, ttl: None, summary: None };
        self.write(&Key::pinned_document(self.issuer, name), value).await
    }

    /// Lets the document that was pinned expire, once all locations know that it is not pinned any more.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn expire_pinned_document(&self, name: &str) -> Result<(), StoreError> {
        let Some(text) = self.pinned_document(name).await? else { return Ok(()) };
        let value = StoredValue { text: &text, ttl: Some(AFTER_UNPINNING), summary: None };
        self.write(&Key::pinned_document(self.issuer, name), value).await
    }
}

/// A value of a later version is not understood.
fn parse(stored: &[u8]) -> Result<DocumentDecisions, StoreError> {
    let read = serde_json::from_slice::<DocumentDecisions>(stored).ok();
    let known = read.filter(|read| read.v <= VERSION);
    known.ok_or_else(|| StoreError::Unavailable("they are of a later version".into()))
}
