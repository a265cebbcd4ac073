//! Results to responses: statuses, bodies, cache headers, and what the log is told.

use std::borrow::Cow;
use std::fmt;

use super::refusal::Refusal;
use super::routes::Route;
use super::{FollowUp, actions, body, cors};
use crate::service::Information;
use crate::service::look_up::Known;
use crate::vocabulary::{ClientId, EntityTag, Preconditions};

/// Header names in lower case, with their values.
pub(super) type Headers = Vec<(&'static str, Cow<'static, str>)>;

/// A response as plain values.
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Headers,
    /// The body; `None` for 204 and 304.
    pub body: Option<String>,
    /// What happened, for the log.
    pub event: Event,
    /// What is to be done once it is answered.
    pub follow_up: Option<FollowUp>,
    /// Whether each `GET` of the URL that has no precondition gets this, for as long as the configuration stays.
    pub lasting: bool,
}

/// Without the body: it may hold credentials.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Response");
        shown.field("status", &self.status).field("headers", &self.headers);
        shown.field("event", &self.event).finish_non_exhaustive()
    }
}

/// What happened, without anything a caller wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The issuer the request was for, where there is one.
    pub issuer: Option<String>,
    /// What the request was to do; `-` for a path that does not exist. `docs/events.md` lists the words.
    pub action: &'static str,
    /// The route's template; `-` for a path that does not exist.
    pub route: &'static str,
    /// `ok`, or the error code that was answered.
    pub outcome: &'static str,
    /// The client this was about, where there is one.
    pub client_id: Option<String>,
    /// What an operator has to know and a caller must not.
    pub detail: Option<String>,
    /// Whether anybody can cause this in any number.
    pub unlimited: bool,
}

/// A successful answer before it has the headers of every answer.
pub(super) struct Answer {
    status: u16,
    json: Option<String>,
    cache: Cow<'static, str>,
    etag: Option<String>,
    location: Option<String>,
    client_id: Option<String>,
    media_type: &'static str,
    /// Where the next page is (RFC 8288).
    next: Option<String>,
    /// The client that is used with this, if that is news.
    pub used: Option<ClientId>,
    /// [`Response::lasting`].
    pub lasting: bool,
}

const NO_STORE: Cow<'static, str> = Cow::Borrowed("no-store");

impl Answer {
    /// A document that anyone may see and keep; without `json` the one they have is still right.
    pub fn public(json: Option<&str>, cache_control: &str, version: &EntityTag) -> Self {
        Self {
            status: if json.is_some() { 200 } else { 304 },
            json: json.map(str::to_owned),
            cache: Cow::Owned(cache_control.to_owned()),
            etag: Some(version.to_string()),
            ..Self::empty()
        }
    }

    /// The key set of a developer's machine.
    pub fn keys(json: &str) -> Self {
        Self::json(json.to_owned())
    }

    /// A client information response: it holds credentials.
    pub fn information(information: Information) -> Self {
        let Information { client_id, version, document, .. } = information;
        Self {
            status: 200,
            json: Some(document),
            etag: Some(version.to_string()),
            client_id: Some(client_id.to_string()),
            ..Self::empty()
        }
    }

    /// A client as others than itself are told of it.
    pub fn entry(document: String, version: &EntityTag, wanted: &Preconditions) -> Self {
        if !wanted.allow_news(version) {
            return Self::unmodified(version);
        }
        Self { etag: Some(version.to_string()), ..Self::json(document) }
    }

    /// The same for an authorization server.
    pub fn known(known: Known, wanted: &Preconditions) -> Self {
        let used = known.news.then(|| known.client_id.clone());
        let client_id = Some(known.client_id.to_string());
        Self { client_id, used, ..Self::entry(known.document, &known.version, wanted) }
    }

    /// A page of JSON lines, and where the next one is.
    pub fn lines(lines: String, next: Option<String>) -> Self {
        Self { media_type: body::LINES, next, ..Self::json(lines) }
    }

    /// What somebody asked for, or what would be registered.
    pub fn json(json: String) -> Self {
        Self { status: 200, json: Some(json), ..Self::empty() }
    }

    /// An initial access token that is new.
    pub fn minted(json: String) -> Self {
        Self { status: 201, ..Self::json(json) }
    }

    /// The same, for a client that is new (RFC 7591 §3.2.1).
    pub fn created(registered: Information) -> Self {
        let location = Some(registered.registration_client_uri.clone());
        Self { status: 201, location, ..Self::information(registered) }
    }

    /// A registration of which the caller has this state already.
    pub fn unmodified(version: &EntityTag) -> Self {
        Self { status: 304, etag: Some(version.to_string()), ..Self::empty() }
    }

    /// Nothing more to say than that it is done; for a client that is no more RFC 7592 §2.3.
    pub fn empty() -> Self {
        Self {
            status: 204,
            json: None,
            cache: NO_STORE,
            etag: None,
            location: None,
            client_id: None,
            media_type: "application/json",
            next: None,
            used: None,
            lasting: false,
        }
    }
}

impl Event {
    fn ok(route: &Route<'_>, client_id: Option<String>) -> Self {
        let (action, route) = ("-", route.template());
        Self {
            issuer: None,
            action,
            route,
            outcome: "ok",
            client_id,
            detail: None,
            unlimited: false,
        }
    }
}

impl Response {
    /// Whether its event is sent to a webhook.
    #[must_use]
    pub fn is_audited(&self) -> bool {
        !self.event.unlimited && actions::is_audited(self.event.action, self.status)
    }

    /// What a deployment answers that cannot serve: its log says why, and a caller that it is not their fault.
    #[must_use]
    pub fn unusable(reason: String) -> Self {
        Self::refused(None, &Refusal::Unusable(reason))
    }

    pub(super) fn answer(route: &Route<'_>, answer: Answer) -> Self {
        let Answer {
            status,
            json,
            cache,
            etag,
            location,
            client_id,
            media_type,
            next,
            used: _,
            lasting,
        } = answer;
        let mut headers = headers(Some(route), cache, json.is_some().then_some(media_type));
        headers.extend(etag.map(|tag| ("etag", tag.into())));
        headers.extend(location.map(|uri| ("location", uri.into())));
        headers.extend(next.map(|uri| ("link", format!("<{uri}>; rel=\"next\"").into())));
        let client_id = client_id.or_else(|| route.client_id().map(|id| id.to_string()));
        let event = Event::ok(route, client_id);
        Self { status, headers, body: json, event, follow_up: None, lasting }
    }

    pub(super) fn refused(route: Option<&Route<'_>>, refusal: &Refusal) -> Self {
        let (status, wire) = refusal.on_the_wire();
        let mut headers = headers(route, NO_STORE, Some("application/json"));
        headers.extend(refusal.headers());
        let fallback = || String::from("{\"error\":\"server_error\",\"error_description\":\"\"}");
        let event = Event {
            issuer: None,
            action: "-",
            route: route.map_or("-", Route::template),
            outcome: wire.error,
            client_id: route
                .and_then(Route::client_id)
                .as_ref()
                .or(refusal.client_id())
                .map(ToString::to_string),
            detail: refusal.detail(),
            unlimited: refusal.is_unlimited(),
        };
        Self {
            status,
            headers,
            body: Some(serde_json::to_string(&wire).unwrap_or_else(|_| fallback())),
            event,
            follow_up: None,
            lasting: false,
        }
    }

    pub(super) fn preflight(route: &Route<'_>) -> Self {
        let own = cors::ALWAYS.into_iter().chain(cors::preflight(route));
        let headers = own.map(|(name, value)| (name, value.into())).collect();
        let event = Event::ok(route, None);
        Self { status: 204, headers, body: None, event, follow_up: None, lasting: false }
    }
}

/// Those of every answer; with a body, also what it is.
fn headers(
    route: Option<&Route<'_>>,
    cache: Cow<'static, str>,
    media_type: Option<&'static str>,
) -> Headers {
    let mut headers = vec![("cache-control", cache)];
    if route.is_none_or(Route::is_for_browsers) {
        headers.extend(cors::ALWAYS.map(|(name, value)| (name, value.into())));
    }
    if let Some(media_type) = media_type {
        headers.push(("content-type", media_type.into()));
        headers.push(("x-content-type-options", "nosniff".into()));
    }
    headers
}
