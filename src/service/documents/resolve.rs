//! From the URL of a metadata document to the client that it describes.

use std::rc::Rc;

use super::fetch::fetch;
use super::view::DocumentSource;
use crate::client::metadata_document::{
    DocumentError, read_client_url, read_document, redirects_version, version,
};
use crate::client::{ClientMetadata, Policy};
use crate::issuer::{Approval, DocumentFailure, DocumentMode, DocumentTurn, Profile};
use crate::records::{DocumentReading, Store, StoredDocument};
use crate::service::{Error, IssuerContext, Ports, keys::misplaced_keys};
use crate::vocabulary::{ClientUrl, Digest};

/// How long a request waits for another one that fetches its document, in milliseconds: longer than a fetch may take.
const WAIT_MS: u64 = 4_000;
/// How often it looks whether the document is there, in milliseconds.
const LOOK_MS: u64 = 50;

/// A client that is identified by a URL. Times are seconds since 1970.
pub(super) struct Resolved {
    pub reading: DocumentReading,
    pub first_seen: u64,
    pub fetched_at: u64,
    pub fresh_until: u64,
    pub source: DocumentSource,
    /// Whether the operator has listed the URL.
    pub is_listed: bool,
    /// The name of the policies that apply to it.
    pub policy: String,
}

/// Looks up the client whose identifier is the URL `client_id`: the response, as JSON. If `redirect_uri` is there, the
/// response says whether it is one of the client's. One read while a copy is fresh, and no write.
///
/// 1. The server must resolve documents. 404
/// 2. Parse the URL. 400; also if it is on a host of this deployment, which would ask itself
/// 3. The operator must not have blocked the URL, and must approve of it. 403
/// 4. Use a document that the operator has pinned, if only listed documents are resolved. 503 if it cannot be read
/// 5. Use the copy if it is fresh, and right by the rules of today.
/// 6. Fetch the document, or wait for a request that does. 400 if there is none or it breaks rules
/// 7. If it cannot be had at the moment, use what the operator has pinned, or the last good copy. 503 if there is neither
/// 8. Respond. 200
///
/// # Errors
/// [`Error`], with the statuses above; 503 if the upstream document or Web Crypto is missing.
pub async fn look_up<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    redirect_uri: Option<&str>,
) -> Result<String, Error> {
    // 1. and 2.
    let url = read_url(context, client_id)?;
    // 3. to 7.
    let resolved = resolve(context, &url, false).await?;
    // 8.
    let mut document = resolved.to_json(&url)?;
    if let Some(presented) = redirect_uri {
        document.pop();
        document.push_str(",\"redirect_uri_matches\":");
        document.push_str(if resolved.redirects_to(presented) { "true}" } else { "false}" });
    }
    Ok(document)
}

/// The same for the operator: fetches the document although a copy is fresh, or one is pinned. The limits hold.
///
/// # Errors
/// As for [`look_up`].
pub async fn refresh<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
) -> Result<String, Error> {
    let url = read_url(context, client_id)?;
    Ok(resolve(context, &url, true).await?.to_json(&url)?)
}

/// Steps 1 and 2 of [`look_up`].
///
/// # Errors
/// 404 if no documents are resolved here, 400
pub(in crate::service) fn read_url<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
) -> Result<ClientUrl, Error> {
    let settings = &context.issuer.documents;
    // 1.
    if !settings.is_on() {
        return Err(Error::Unknown);
    }
    // 2.
    let url = read_client_url(client_id, settings.url_rules(), context.runtime);
    let url = url.map_err(|problem| Error::Document(DocumentFailure::Invalid(problem.into())))?;
    context.concerns(url.as_str());
    // On a developer's machine, other ports of the issuer's host are other servers.
    if !url.is_loopback() && context.issuer.is_own_host(url.host()) {
        let why = "is on a host of this server, which does not fetch from itself";
        return Err(Error::Document(DocumentFailure::Unusable(why.into())));
    }
    Ok(url)
}

/// Steps 3 to 7 of [`look_up`].
async fn resolve<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    url: &ClientUrl,
    is_refresh: bool,
) -> Result<Resolved, Error> {
    let IssuerContext { issuer, records, gate, .. } = context;
    // 3.
    let decisions = records.document_decisions(&issuer.document_decisions).await;
    let decision = decisions.find(url.as_str());
    if decision.is_some_and(|decision| decision.blocked_at.is_some()) {
        return Err(Error::Unapproved);
    }
    let is_pinned = decision.is_some_and(|decision| decision.pinned_at.is_some());
    let approval = issuer.documents.approval(url, is_pinned);
    let needs_approval = || {
        let held = &gate.settings;
        let policies = held.policy.iter().chain(held.anonymous_policy());
        policies.into_iter().any(Policy::requires_approval)
    };
    // A listed document has the operator's approval.
    if approval == Approval::Denied || (approval == Approval::Open && needs_approval()) {
        return Err(Error::Unapproved);
    }
    let reader = Reader::new(context, url, approval == Approval::Listed).await?;
    // 4. to 7.
    reader.resolve(Choice { is_pinned, is_refresh }).await.map_err(Error::Document)
}

/// The operator's wish for a document.
#[derive(Debug, Clone, Copy)]
struct Choice {
    /// Its pinned document is in the store.
    is_pinned: bool,
    /// It is to be fetched now.
    is_refresh: bool,
}

/// Reads documents at one URL under the rules of today.
pub(in crate::service) struct Reader<'c, 'a, S, R> {
    pub context: &'c IssuerContext<'a, S, R>,
    pub url: &'c ClientUrl,
    /// The name of the URL in keys.
    pub name: String,
    is_listed: bool,
    profile: Rc<Profile>,
    /// The name of all rules together. A reading under the same rules need not be repeated.
    rules: String,
}

impl<'c, 'a, S: Store, R: Ports> Reader<'c, 'a, S, R> {
    pub async fn new(
        context: &'c IssuerContext<'a, S, R>,
        url: &'c ClientUrl,
        is_listed: bool,
    ) -> Result<Self, Error> {
        let issuer = context.issuer;
        let profile = issuer.profile(&context.records, context.runtime).await?;
        let rules = format!(
            "{} {} {} {:?} {:?} {is_listed}",
            env!("CARGO_PKG_VERSION"),
            context.gate.settings.version,
            profile.documents.version(),
            issuer.documents.profile(),
            issuer.extensions,
        );
        let rules = Digest::of(&rules).short_name();
        let name = StoredDocument::name(url.as_str());
        Ok(Self { context, url, name, is_listed, profile, rules })
    }

    /// Steps 4 to 7 of [`look_up`].
    async fn resolve(&self, choice: Choice) -> Result<Resolved, DocumentFailure> {
        let IssuerContext { issuer, records, runtime, .. } = self.context;
        let (settings, state) = (&issuer.documents, &issuer.document_state);
        let has_pinned = choice.is_pinned || settings.pinned(self.url).is_some();
        // 4.
        if has_pinned && settings.mode() == DocumentMode::Listed && !choice.is_refresh {
            return self.use_pinned(choice).await;
        }
        // 5.
        let started = runtime.milliseconds();
        let (known, is_stored) = self.find_known().await;
        let is_fresh =
            |known: &&StoredDocument| !choice.is_refresh && runtime.now() < known.fresh_until;
        if let Some(known) = known.as_deref().filter(is_fresh)
            && let Ok(resolved) = self.use_copy(known, DocumentSource::Cache).await
        {
            return Ok(resolved);
        }
        // 6.
        let failure = loop {
            match state.turn(&self.name, started, runtime.milliseconds()) {
                DocumentTurn::Fetch => match fetch(self, known.as_deref()).await {
                    Ok(fetched) => return self.use_copy(&fetched, DocumentSource::Live).await,
                    Err(failure) => break failure,
                },
                DocumentTurn::Take(Ok(fetched)) => {
                    return self.use_copy(&fetched, DocumentSource::Live).await;
                }
                DocumentTurn::Take(Err(failure)) => break failure,
                DocumentTurn::Wait if runtime.milliseconds().saturating_sub(started) < WAIT_MS => {
                    runtime.sleep(LOOK_MS).await;
                }
                DocumentTurn::Wait => {
                    break DocumentFailure::Unreachable(
                        "is being fetched, which takes long".into(),
                    );
                }
                DocumentTurn::Full => break DocumentFailure::Limited,
            }
        };
        // 7.
        if !failure.is_passing() {
            return Err(failure);
        }
        if has_pinned {
            records.note(&format!("{failure}; the pinned one is used"));
            return self.use_pinned(choice).await;
        }
        let now = runtime.now();
        let is_good = |known: &&StoredDocument| {
            now < known.fetched_at.saturating_add(settings.last_good()).max(known.fresh_until)
        };
        match known.as_deref().filter(is_good) {
            Some(known) if is_stored && known.copy.is_some() => {
                records.note(&format!("{failure}; the last good copy is used"));
                self.use_copy(known, DocumentSource::LastGood).await
            }
            _ => Err(failure),
        }
    }

    /// The newest state of the document that is known here, and whether the store has a copy. Only the store knows whether
    /// another location has learnt that the document is gone.
    pub async fn find_known(&self) -> (Option<Rc<StoredDocument>>, bool) {
        let IssuerContext { issuer, records, .. } = self.context;
        let stored = records.document(&self.name, issuer.cache_ttl).await;
        let stored = stored.unwrap_or_else(|error| {
            records.note(&error.to_string());
            None
        });
        let is_stored = stored.as_ref().is_some_and(|stored| stored.copy.is_some());
        (issuer.document_state.newest(&self.name, stored), is_stored)
    }

    async fn use_copy(
        &self,
        stored: &StoredDocument,
        source: DocumentSource,
    ) -> Result<Resolved, DocumentFailure> {
        let gone =
            || DocumentFailure::Unreachable("was not there when it was last asked for".into());
        let copy = stored.copy.as_ref().ok_or_else(gone)?;
        let reading = if copy.reading.rules == self.rules {
            copy.reading.clone()
        } else {
            self.read(copy.document.get().as_bytes()).await?.0
        };
        let StoredDocument { first_seen, fetched_at, fresh_until, .. } = *stored;
        Ok(self.resolved(reading, source, (first_seen, fetched_at, fresh_until)))
    }

    /// Uses the document that is pinned in the store, or otherwise in the settings.
    async fn use_pinned(&self, choice: Choice) -> Result<Resolved, DocumentFailure> {
        let IssuerContext { issuer, records, .. } = self.context;
        let stored;
        let text = if choice.is_pinned {
            let unreadable = |why: &str| {
                DocumentFailure::Unreachable(format!("is pinned, and cannot be read: {why}"))
            };
            let found = records.pinned_document(&self.name).await;
            let found = found.map_err(|error| unreadable(&error.to_string()))?;
            stored = found.ok_or_else(|| unreadable("the store does not have it"))?;
            Some(&*stored)
        } else {
            issuer.documents.pinned(self.url)
        };
        let (reading, _) = self.read(text.unwrap_or_default().as_bytes()).await?;
        let now = self.context.runtime.now();
        Ok(self.resolved(reading, DocumentSource::Pinned, (now, now, now)))
    }

    fn resolved(
        &self,
        reading: DocumentReading,
        source: DocumentSource,
        (first_seen, fetched_at, fresh_until): (u64, u64, u64),
    ) -> Resolved {
        let policy = self.context.gate.settings.version.clone();
        let is_listed = self.is_listed;
        Resolved { reading, first_seen, fetched_at, fresh_until, source, is_listed, policy }
    }

    /// Reads a document under the rules of today.
    pub async fn read(
        &self,
        bytes: &[u8],
    ) -> Result<(DocumentReading, ClientMetadata), DocumentFailure> {
        let IssuerContext { issuer, gate, runtime, .. } = self.context;
        // A client that the operator has not listed has nobody who vouches for it, like one without an initial access token.
        let anonymous: Option<&Policy> =
            gate.settings.anonymous_policy().filter(|_| !self.is_listed);
        let (supported, policies) = gate.settings.terms(&self.profile.supported, anonymous);
        let profile = issuer.documents.profile();
        let read = read_document(bytes, self.url, profile, &supported, &policies, *runtime);
        let metadata = read.map_err(|error| match error {
            DocumentError::NotJson(problem) => {
                DocumentFailure::Unreachable(problem.rule.to_string())
            }
            DocumentError::Invalid(problems) => DocumentFailure::Invalid(problems),
        })?;
        let misplaced = misplaced_keys(*runtime, metadata.points()).await;
        let misplaced =
            misplaced.map_err(|error| DocumentFailure::Unreachable(error.to_string()))?;
        if !misplaced.is_empty() {
            return Err(DocumentFailure::Invalid(misplaced));
        }
        let broken = |error: serde_json::Error| DocumentFailure::Unreachable(error.to_string());
        let reading = DocumentReading {
            rules: self.rules.clone(),
            version: version(&metadata).map_err(broken)?,
            redirects_version: redirects_version(&metadata),
            metadata: serde_json::value::to_raw_value(&metadata).map_err(broken)?,
        };
        Ok((reading, metadata))
    }
}
