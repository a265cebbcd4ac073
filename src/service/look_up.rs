//! The requests of an authorization server: who is this client, is that its secret, is that its redirect URI.

use serde::Serialize;
use serde_json::json;

use super::{Error, IssuerContext, Ports, documents, request};
use crate::client::{Audience, Record};
use crate::records::{RecordsError, Store};
use crate::vocabulary::{
    ClientCredentials, ClientId, ClientSecret, EntityTag, RedirectUri, json_text,
};

/// A client as an authorization server sees it.
pub struct ClientView {
    /// Its identifier.
    pub client_id: ClientId,
    /// The client document, as JSON.
    pub document: String,
    /// Which state of it this is.
    pub version: EntityTag,
    /// Whether this use has to be recorded.
    pub use_is_unrecorded: bool,
    /// The number of client secrets in the document; `None` if they were not asked for.
    pub secrets: Option<usize>,
}

/// The additional members that a look-up asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Included {
    /// None.
    Nothing,
    /// `include=client_secret`: the plain secrets that work now, as far as they are sealed.
    ClientSecret,
}

impl Included {
    /// Reads the value of `include`, if it was sent. The permission is looked at only if it is needed.
    ///
    /// # Errors
    /// [`Error::Request`]; [`Error::NoSecrets`] without the permission
    pub fn parse(text: Option<&str>, may_read: impl FnOnce() -> bool) -> Result<Self, Error> {
        match text {
            None => Ok(Self::Nothing),
            Some("client_secret") if may_read() => Ok(Self::ClientSecret),
            Some("client_secret") => Err(Error::NoSecrets),
            Some(_) => Err(Error::Request("include must be client_secret".into())),
        }
    }
}

/// A client secret in a document, under the names of RFC 7591, Section 3.2.1.
#[derive(Serialize)]
struct ShownSecret {
    client_secret: ClientSecret,
    client_secret_expires_at: u64,
}

impl ClientView {
    fn of<S: Store, R: Ports>(
        context: &IssuerContext<'_, S, R>,
        client_id: ClientId,
        record: &Record,
    ) -> Result<Self, Error> {
        let document = record.document_for(Audience::AuthorizationServer)?;
        // Everything that changes the document, without another digest of it.
        let (state, changes) = (record.version.text(), record.changes);
        let unverified = if record.unverified().is_empty() { "" } else { "-u" };
        let end = record.expires_at().unwrap_or(0);
        let version = EntityTag::of(format!("{state}-{changes}-{end}{unverified}"));
        let use_is_unrecorded = context.use_is_unrecorded(record);
        Ok(Self { client_id, document, version, use_is_unrecorded, secrets: None })
    }

    /// Adds the member `name` to the document.
    fn add(&mut self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        self.document.pop();
        let member = format!(",\"{name}\":{}}}", serde_json::to_string(value)?);
        self.document.push_str(&member);
        Ok(())
    }

    /// Adds the secrets of an active client that work now, the newest first.
    async fn add_secrets<S: Store, R: Ports>(
        &mut self,
        context: &IssuerContext<'_, S, R>,
        record: &Record,
    ) -> Result<(), Error> {
        let mut shown = Vec::new();
        if record.is_active() {
            let opened = context.records.open_secrets(record, context.runtime.now()).await?;
            let show = |(client_secret, client_secret_expires_at)| ShownSecret {
                client_secret,
                client_secret_expires_at,
            };
            shown.extend(opened.into_iter().map(show));
        }
        self.secrets = Some(shown.len());
        self.add("client_secrets", &shown)
    }
}

/// Looks a client up. One read.
///
/// 1. Parse the identifier. 404
/// 2. Find the record, in the cache of this location for as long as the operator allows; the secrets of a client are not
///    taken from the cache. 404 for a client that never existed, was deleted or has expired; 503 if the store fails, or
///    while it may not show a new client yet
/// 3. Decrypt the secrets that are asked for. 500 if Web Crypto fails
/// 4. Respond. 200
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn look_up<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    included: Included,
) -> Result<ClientView, Error> {
    let client_id = context.issuer.client_ids.parse(client_id).ok_or(Error::Unknown)?;
    let record = find(context, &client_id, included).await?;
    let mut view = ClientView::of(context, client_id, &record)?;
    if included == Included::ClientSecret {
        view.add_secrets(context, &record).await?;
    }
    Ok(view)
}

/// A client of either kind.
pub enum FoundClient {
    /// A registered client.
    Registered(ClientView),
    /// A client that is identified by the URL of its metadata document.
    Document {
        /// The URL.
        client_id: String,
        /// The response, as JSON.
        document: String,
    },
}

/// Looks up a client of either kind: `client_id` of `body`. If `redirect_uri` is there too, the response says whether it is
/// one of the client's; `include` is that of [`look_up`]. One read, and for a metadata document that is not fresh a request
/// to its server.
///
/// 1. Parse the request. 400; 403 for secrets without the permission
/// 2. A URL can be that of a hosted document: then its client is registered here, and nothing is fetched. 404, 503
/// 3. Any other URL is that of a metadata document elsewhere: [`documents::look_up`]. 400, 403, 404, 503
/// 4. Any other identifier is that of a registered client: [`look_up`]. 404, 503
/// 5. Respond. 200; a disabled client matches no redirect URI
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn look_up_any<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    body: &[u8],
    may_read_secrets: impl FnOnce() -> bool,
) -> Result<FoundClient, Error> {
    // 1.
    let names = &["client_id", "redirect_uri", "include"];
    let [client_id, redirect_uri, include] = request::texts(body, names)?;
    let included = Included::parse(include.as_deref(), may_read_secrets)?;
    let client_id = client_id.ok_or_else(|| Error::Request("client_id must be text".into()))?;
    let (client_id, record) = if client_id.contains(':') {
        // 2.
        let Some(hosted) = find_hosted(context, &client_id).await? else {
            // 3.
            let presented = redirect_uri.as_deref();
            let found = documents::look_up(context, &client_id, presented).await;
            return found.map(|document| FoundClient::Document { client_id, document });
        };
        hosted
    } else {
        // 4.
        let client_id = context.issuer.client_ids.parse(&client_id).ok_or(Error::Unknown)?;
        let record = find(context, &client_id, included).await?;
        (client_id, record)
    };
    // 5.
    let mut view = ClientView::of(context, client_id, &record)?;
    if let Some(presented) = redirect_uri {
        view.add("redirect_uri_matches", &redirects_to(&record, &presented))?;
    }
    if included == Included::ClientSecret {
        view.add_secrets(context, &record).await?;
    }
    Ok(FoundClient::Registered(view))
}

/// Whether `presented` is a redirect URI of this client, which must be active.
fn redirects_to(record: &Record, presented: &str) -> bool {
    record.is_active() && RedirectUri::is_registered(presented, &record.redirect_uris())
}

/// The record of a client, in the cache of this location for as long as the operator allows.
///
/// # Errors
/// [`Error::Young`] if another location may have stored the client just now; [`Error::Unknown`] if there is none.
async fn find<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &ClientId,
    included: Included,
) -> Result<Record, Error> {
    let found = match included {
        Included::Nothing => context.get_cached(client_id).await?,
        Included::ClientSecret => context.records.get(client_id).await?,
    };
    if let Some(record) = found {
        return Ok(record);
    }
    let may_be_new = may_be_new(context, client_id).await?;
    Err(if may_be_new { Error::Young } else { Error::Unknown })
}

/// Whether this client may be new, and so not visible at this location: its identifier says when it was issued, or it is
/// shared, and the ledger knows it.
async fn may_be_new<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &ClientId,
) -> Result<bool, Error> {
    let ids = &context.issuer.client_ids;
    let is_new = ids.is_young(client_id, context.runtime.now())
        || ids.is_shared(client_id)
            && context.records.was_written_lately(client_id).await.map_err(RecordsError::Store)?;
    Ok(is_new)
}

/// The registered client whose `client_id` is `url`, byte for byte; `None` for a URL that is not of a hosted document here.
///
/// # Errors
/// [`Error::Young`], [`Error::Unknown`] for a URL on a host of this deployment whose client is not registered.
async fn find_hosted<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    url: &str,
) -> Result<Option<(ClientId, Record)>, Error> {
    let Some((client_id, is_own_host)) = context.issuer.hosted_client(url) else {
        return Ok(None);
    };
    // A client with a document has no secrets.
    match find(context, &client_id, Included::Nothing).await {
        Ok(record) if record.document_url() == Some(url) => Ok(Some((client_id, record))),
        Ok(_) if is_own_host => Err(Error::Unknown),
        Err(error) if is_own_host => Err(error),
        // The client may be on a base that this deployment had before, or elsewhere.
        Ok(_) | Err(Error::Unknown | Error::Young) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Authenticates a client. `body` has what the token endpoint received: the value of its `Authorization` header as
/// `authorization`, or `client_id` and `client_secret` (RFC 6749 §2.3.1). One read.
///
/// 1. Parse the request. 400
/// 2. Find the record. 503 if the store fails, or while it may not show a new client yet
/// 3. Compare the secret with those that work, in constant time. A cached record is read again first: the secret may be
///    newer.
/// 4. Count a wrong secret for this client. 429; 401 alike for a wrong, former and expired secret and for a client that
///    does not exist, is not active or has no secret
/// 5. Respond. 200
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn authenticate<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    body: &[u8],
) -> Result<ClientView, Error> {
    // 1.
    let names = &["authorization", "client_id", "client_secret"];
    let (basic, presented) = match request::texts(body, names)? {
        [Some(header), None, None] => (true, ClientCredentials::basic(&header)),
        [None, Some(client_id), Some(secret)] => {
            let client_secret = ClientSecret::presented(&secret);
            (false, Some(ClientCredentials { client_id, client_secret }))
        }
        _ => {
            let text = "The body must be authorization, or client_id and client_secret";
            return Err(Error::Request(text.into()));
        }
    };
    let ids = &context.issuer.client_ids;
    let client_id = presented.as_ref().and_then(|read| ids.parse(&read.client_id));
    if let (Some(client_id), Some(presented)) = (&client_id, &presented) {
        // 2. and 3.
        let now = context.runtime.now();
        let is_right = |record: &Record| {
            let works = record.secrets.admit(&presented.client_secret, now);
            works && record.is_active()
        };
        let found = context.get_cached(client_id).await?;
        if found.is_none() && may_be_new(context, client_id).await? {
            return Err(Error::Young);
        }
        let may_be_old = found.is_some() && context.issuer.cache_ttl.is_some();
        let mut record = found.filter(is_right);
        if record.is_none() && may_be_old {
            record = context.records.get(client_id).await?.filter(is_right);
        }
        // 5.
        if let Some(record) = record {
            return ClientView::of(context, client_id.clone(), &record);
        }
    }
    // 4.
    context.gate.count_wrong_secret(client_id.as_ref()).await?;
    Err(Error::InvalidClient { basic, client_id })
}

/// Compares `redirect_uri` of `body` with those that a client has registered, as an authorization request has to
/// (RFC 9700 §2.1, RFC 8252 §7.3). The response is JSON. One read.
///
/// 1. Parse the request. 400; 404 for a malformed identifier
/// 2. Find the record, as in [`look_up`]. 404, 503
/// 3. Compare. 200; a client that is not active matches nothing
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn check_redirect_uri<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    body: &[u8],
) -> Result<String, Error> {
    // 1.
    let [redirect_uri] = request::texts(body, &["redirect_uri"])?;
    let wrong = || Error::Request("redirect_uri must be text".into());
    let presented = redirect_uri.ok_or_else(wrong)?;
    let client_id = context.issuer.client_ids.parse(client_id).ok_or(Error::Unknown)?;
    // 2.
    let record = find(context, &client_id, Included::Nothing).await?;
    // 3.
    Ok(json_text(&json!({ "matches": redirects_to(&record, &presented) })))
}
