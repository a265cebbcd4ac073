//! Results to responses: statuses, bodies, cache headers, and the event for the log.

use std::borrow::Cow;
use std::fmt;

use super::header_set::HeaderSet;
use super::refusal::Refusal;
use super::refusals;
use super::routes::Route;
use super::{Later, actions};
use crate::client::Rejection;
use crate::issuer::UPSTREAM_MARK;
use crate::service::look_up::ClientView;
use crate::service::{DocumentEvent, Information};
use crate::vocabulary::{ClientId, EntityTag, Preconditions};

/// The name of the event that an authorization server got client secrets.
const SECRET_READ: &str = "client.secret_read";

/// Header names in lower case, with their values.
pub(super) type Headers = Vec<(&'static str, Cow<'static, str>)>;

/// A response as plain values.
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers that it shares with others.
    pub header_set: HeaderSet,
    /// Its own headers besides those.
    pub own_headers: Headers,
    /// The body; `None` for 204 and 304.
    pub body: Option<String>,
    /// The event for the log.
    pub event: Event,
    /// The events of metadata documents during the request.
    pub document_events: Vec<DocumentEvent>,
    /// The use to record once it is answered.
    pub later: Option<Later>,
}

/// Without the body: it may hold credentials.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Response");
        shown.field("status", &self.status).field("header_set", &self.header_set);
        shown
            .field("own_headers", &self.own_headers)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// An event for the log, without anything a caller wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The issuer the request was for, where there is one.
    pub issuer: Option<String>,
    /// The action of the request; `-` for a path that does not exist. `docs/events.md` lists the words.
    pub action: &'static str,
    /// The route's template; `-` for a path that does not exist.
    pub route: &'static str,
    /// `ok`, or the error code that was answered.
    pub outcome: &'static str,
    /// The name of what has happened to the client, where that is more than the action says.
    pub name: Option<&'static str>,
    /// The client this was about, where there is one.
    pub client_id: Option<String>,
    /// A detail that an operator has to know and a caller must not.
    pub detail: Option<String>,
    /// Of metadata that were rejected: which rules, and which members.
    pub rejections: Vec<Rejection>,
    /// Whether callers without a credential can cause any number of these.
    pub unlimited: bool,
}

/// A successful answer before it has the headers of every answer.
pub(super) struct Answer {
    status: u16,
    /// Its set where pages on other origins may read it.
    header_set: HeaderSet,
    own_headers: Headers,
    body: Option<String>,
    client_id: Option<String>,
    /// [`Event::name`]
    event: Option<&'static str>,
    /// The client whose use is still to be recorded.
    pub used: Option<ClientId>,
}

/// The event of a registration that got a shared client which was there before.
const REPEATED: &str = "client.repeated";

/// How a discovery document may be stored.
pub(super) struct Storing<'c> {
    /// Its `Cache-Control`.
    pub cache_control: &'c str,
    /// Whether all issuers are on one host. Only then may Cloudflare's cache store it, whose key has no host.
    pub on_one_host: bool,
    /// Whether it is made from an authorization server's document. Then a request for it could be our own for that
    /// document, which Cloudflare's cache must not answer.
    pub overlaid: bool,
}

impl Answer {
    /// A discovery document, which caches may store; without `json`, a 304 for the caller that has the current one.
    pub fn document(json: Option<&str>, version: &EntityTag, storing: &Storing<'_>) -> Self {
        let mut own_headers =
            vec![("cache-control", storing.cache_control.to_owned().into()), etag(version)];
        if !storing.on_one_host {
            own_headers.push(("cloudflare-cdn-cache-control", "no-store".into()));
        }
        if storing.overlaid {
            own_headers.push(("vary", UPSTREAM_MARK.into()));
        }
        let (status, header_set) = match json {
            Some(_) => (200, HeaderSet::Document),
            None => (304, HeaderSet::DocumentUnmodified),
        };
        let body = json.map(str::to_owned);
        Self { status, header_set, own_headers, body, ..Self::empty() }
    }

    /// A client information response: it holds credentials.
    pub fn information(information: Information) -> Self {
        let Information { client_id, version, document, .. } = information;
        let client_id = Some(client_id.to_string());
        Self { own_headers: vec![etag(&version)], client_id, ..Self::json(document) }
    }

    /// The same after a change: the client may wait for approval now.
    pub fn changed(information: Information) -> Self {
        let is_pending = information.is_pending;
        Self { event: is_pending.then_some("client.pending"), ..Self::information(information) }
    }

    /// The same answer, with the name of its event.
    pub fn with_event(self, name: &'static str) -> Self {
        Self { event: Some(name), ..self }
    }

    /// The document about a client for others than itself.
    pub fn client_document(document: String, version: &EntityTag, wanted: &Preconditions) -> Self {
        if !wanted.if_none_match_passes(version) {
            return Self::unmodified(version);
        }
        Self { own_headers: vec![etag(version)], ..Self::json(document) }
    }

    /// The same for an authorization server.
    pub fn client_view(view: ClientView, wanted: &Preconditions) -> Self {
        let used = view.use_is_unrecorded.then(|| view.client_id.clone());
        let client_id = Some(view.client_id.to_string());
        let (event, answer) = match view.secrets {
            None => (None, Self::client_document(view.document, &view.version, wanted)),
            // The version says nothing about secrets.
            Some(0) => (None, Self::json(view.document)),
            Some(_) => (Some(SECRET_READ), Self::json(view.document)),
        };
        Self { client_id, event, used, ..answer }
    }

    /// The document about a client that is identified by a URL.
    pub fn document_client(client_id: String, document: String) -> Self {
        Self { client_id: Some(client_id), ..Self::json(document) }
    }

    /// A page of JSON lines, and where the next one is (RFC 8288).
    pub fn lines(lines: String, next: Option<String>) -> Self {
        let next = next.map(|uri| ("link", format!("<{uri}>; rel=\"next\"").into()));
        let own_headers = next.into_iter().collect();
        let (header_set, body) = (HeaderSet::JsonLines, Some(lines));
        Self { status: 200, header_set, own_headers, body, ..Self::empty() }
    }

    /// A 200 with JSON.
    pub fn json(json: String) -> Self {
        let (header_set, body) = (HeaderSet::PageJson, Some(end_line(json)));
        Self { status: 200, header_set, body, ..Self::empty() }
    }

    /// An initial access token that is new.
    pub fn minted(json: String) -> Self {
        Self { status: 201, ..Self::json(json) }
    }

    /// The same, for a client that is new, or shared (RFC 7591 §3.2.1).
    pub fn created(registered: Information) -> Self {
        let location = registered.registration_client_uri.clone();
        let is_repeat = registered.is_repeat;
        let used = registered.use_is_unrecorded.then(|| registered.client_id.clone());
        let mut answer = Self { status: 201, used, ..Self::changed(registered) };
        answer.own_headers.extend(location.map(|uri| ("location", uri.into())));
        if is_repeat { answer.with_event(REPEATED) } else { answer }
    }

    /// A registration of which the caller has this state already.
    pub fn unmodified(version: &EntityTag) -> Self {
        Self { status: 304, own_headers: vec![etag(version)], ..Self::empty() }
    }

    /// A 204: it is done with this client.
    pub fn done_with(client_id: String) -> Self {
        Self { client_id: Some(client_id), ..Self::empty() }
    }

    /// A 204: it is done (for a deleted client, RFC 7592 §2.3).
    pub fn empty() -> Self {
        let own_headers = Vec::new();
        let (status, header_set) = (204, HeaderSet::PageEmpty);
        let (body, client_id, event, used) = (None, None, None, None);
        Self { status, header_set, own_headers, body, client_id, event, used }
    }
}

/// A newline ends each JSON body, so that a shell begins its prompt on a line of its own.
fn end_line(mut json: String) -> String {
    json.push('\n');
    json
}

fn etag(version: &EntityTag) -> (&'static str, Cow<'static, str>) {
    ("etag", version.to_string().into())
}

impl Event {
    fn ok(route: &Route<'_>, client_id: Option<String>) -> Self {
        let (action, route) = ("-", route.template());
        Self {
            issuer: None,
            action,
            route,
            outcome: "ok",
            name: None,
            client_id,
            detail: None,
            rejections: Vec::new(),
            unlimited: false,
        }
    }
}

impl Response {
    /// Whether its event is sent to a webhook. A repeat of a shared client changes nothing.
    #[must_use]
    pub fn is_audited(&self) -> bool {
        let name = self.event.name;
        let is_audited = actions::is_audited(self.event.action, self.status);
        !self.event.unlimited && name != Some(REPEATED) && (is_audited || name == Some(SECRET_READ))
    }

    /// The response of a deployment that cannot serve: its log says why.
    #[must_use]
    pub fn unusable(reason: String) -> Self {
        Self::refused(None, &refusals::NO_CONFIGURATION.refusal().with_detail(reason))
    }

    /// All headers: the shared ones, and its own.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let own = self.own_headers.iter().map(|(name, value)| (*name, &**value));
        self.header_set.headers().iter().copied().chain(own)
    }

    pub(super) fn answer(route: &Route<'_>, answer: Answer) -> Self {
        let Answer { status, header_set, own_headers, body, client_id, event: name, used: _ } =
            answer;
        let header_set =
            if route.is_for_browsers() { header_set } else { header_set.without_pages() };
        let client_id = client_id.or_else(|| route.client_id().map(|id| id.to_string()));
        let event = Event { name, ..Event::ok(route, client_id) };
        Self {
            status,
            header_set,
            own_headers,
            body,
            event,
            document_events: Vec::new(),
            later: None,
        }
    }

    pub(super) fn refused(route: Option<&Route<'_>>, refusal: &Refusal) -> Self {
        let (status, wire) = refusal.on_the_wire();
        let for_browsers = route.is_none_or(Route::is_for_browsers);
        let fallback = || String::from("{\"error\":\"server_error\",\"error_description\":\"\"}");
        let event = Event {
            issuer: None,
            action: "-",
            route: route.map_or("-", Route::template),
            outcome: wire.error,
            name: None,
            client_id: route
                .and_then(Route::client_id)
                .as_ref()
                .or(refusal.client_id())
                .map(ToString::to_string),
            detail: refusal.detail(),
            rejections: refusal.rejections(),
            unlimited: refusal.is_unlimited(),
        };
        Self {
            status,
            header_set: if for_browsers { HeaderSet::PageJson } else { HeaderSet::Json },
            own_headers: refusal.headers().collect(),
            body: Some(end_line(serde_json::to_string(&wire).unwrap_or_else(|_| fallback()))),
            event,
            document_events: Vec::new(),
            later: None,
        }
    }

    pub(super) fn preflight(route: &Route<'_>) -> Self {
        Self {
            status: 204,
            header_set: HeaderSet::PagePreflight,
            own_headers: vec![("access-control-allow-methods", route.allow().into())],
            body: None,
            event: Event::ok(route, None),
            document_events: Vec::new(),
            later: None,
        }
    }
}
