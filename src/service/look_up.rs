//! What an authorization server asks: who is this client, is that its secret, is that its redirect URI.

use serde_json::json;

use super::ports::{Host, Store};
use super::{App, Error, request};
use crate::client::{Audience, Record, UseRecording};
use crate::vocabulary::{ClientCredentials, ClientId, ClientSecret, EntityTag, RedirectUri};

/// A client as an authorization server is told of it.
pub struct Known {
    /// Its identifier.
    pub client_id: ClientId,
    /// What is known, as JSON.
    pub document: String,
    /// Which state of it this is.
    pub version: EntityTag,
    /// Whether this use has to be recorded.
    pub news: bool,
}

impl Known {
    fn of(
        client_id: ClientId,
        record: &Record,
        recording: UseRecording,
        now: u64,
    ) -> Result<Self, Error> {
        let document = record.document_for(Audience::AuthorizationServer)?;
        // All that changes what is told, without another look at all of it.
        let (state, changes) = (record.version().text(), record.changes());
        let unverified = if record.unverified().is_empty() { "" } else { "-u" };
        let end = record.expires_at().unwrap_or(0);
        let version = EntityTag::of(format!("{state}-{changes}-{end}{unverified}"));
        let news = record.disabled_at().is_none() && record.wants_use(recording, now);
        Ok(Self { client_id, document, version, news })
    }
}

/// Who is this client? One read.
///
/// # Errors
/// [`Error::Unknown`] for one that never existed, was deleted, or has expired.
pub async fn look_up<S: Store, H: Host>(
    app: &App<'_, S, H>,
    client_id: &str,
) -> Result<Known, Error> {
    let client_id = ClientId::parse(client_id).ok_or(Error::Unknown)?;
    let record = app.record(&client_id, app.issuer.cache_ttl()).await?.ok_or(Error::Unknown)?;
    Known::of(client_id, &record, app.issuer.lifetimes().use_recording(), app.host.now())
}

/// Is that its secret? `body` has what the token endpoint received: the value of its `Authorization` header
/// as `authorization`, or `client_id` and `client_secret` (RFC 6749 §2.3.1). One read.
///
/// # Errors
/// [`Error::InvalidClient`] alike for a wrong, former and expired secret and for a client that does not
/// exist, is switched off or has no secret; [`Error::Limited`] if that was too often for this client;
/// [`Error::Request`].
pub async fn authenticate<S: Store, H: Host>(
    app: &App<'_, S, H>,
    body: &[u8],
) -> Result<Known, Error> {
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
    let client_id = presented.as_ref().and_then(|read| ClientId::parse(&read.client_id));
    if let (Some(client_id), Some(presented)) = (&client_id, &presented) {
        let now = app.host.now();
        let admitted = |record: &Record| {
            let admitted = record.secrets().admit(&presented.client_secret, now);
            admitted && record.disabled_at().is_none()
        };
        let remembered = app.issuer.cache_ttl();
        let found = app.record(client_id, remembered).await?;
        let may_be_old = found.is_some() && remembered.is_some();
        let mut record = found.filter(admitted);
        if record.is_none() && may_be_old {
            // The secret may be newer than what the location remembers.
            record = app.record(client_id, None).await?.filter(admitted);
        }
        if let Some(record) = record {
            let recording = app.issuer.lifetimes().use_recording();
            return Known::of(client_id.clone(), &record, recording, now);
        }
    }
    app.count_wrong_secret(client_id.as_ref()).await?;
    Err(Error::InvalidClient { basic, client_id })
}

/// Does `redirect_uri` of `body` match one that this client has registered, as an authorization request has
/// to (RFC 9700 §2.1, RFC 8252 §7.3)? The answer is JSON. One read.
///
/// # Errors
/// [`Error::Unknown`] as for a look-up; [`Error::Request`].
pub async fn check_redirect_uri<S: Store, H: Host>(
    app: &App<'_, S, H>,
    client_id: &str,
    body: &[u8],
) -> Result<String, Error> {
    let [redirect_uri] = request::texts(body, &["redirect_uri"])?;
    let wrong = || Error::Request("redirect_uri must be text".into());
    let presented = redirect_uri.ok_or_else(wrong)?;
    let client_id = ClientId::parse(client_id).ok_or(Error::Unknown)?;
    let record = app.record(&client_id, app.issuer.cache_ttl()).await?.ok_or(Error::Unknown)?;
    let matches = record.disabled_at().is_none()
        && record
            .redirect_uris()
            .iter()
            .filter_map(|text| RedirectUri::parse(text).ok())
            .any(|registered| registered.matches(&presented));
    Ok(json!({ "matches": matches }).to_string())
}
