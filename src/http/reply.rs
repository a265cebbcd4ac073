//! Results to responses: statuses, bodies, cache headers, and what the log is told.

use std::borrow::Cow;

use super::cors;
use super::refusal::Refusal;
use super::routes::Route;
use crate::service::register::Registered;
use crate::vocabulary::ClientId;

/// A response as plain values.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body; `None` for 204.
    pub body: Option<String>,
    /// What happened, for the log.
    pub event: Event,
}

/// What happened, without anything a caller wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The route's template; `-` for a path that does not exist.
    pub route: &'static str,
    /// `ok`, or the error code that was answered.
    pub outcome: &'static str,
    /// The client this was about, where there is one.
    pub client_id: Option<String>,
    /// What an operator has to know and a caller must not.
    pub detail: Option<String>,
}

/// A successful answer before it has headers.
pub(super) struct Document {
    status: u16,
    json: String,
    cache: &'static str,
    client_id: Option<String>,
}

impl Document {
    /// Anyone may see it and keep it for five minutes.
    pub fn public(json: &str) -> Self {
        Self { status: 200, json: json.into(), cache: "public, max-age=300", client_id: None }
    }

    /// A client information response: it holds credentials.
    pub fn private(json: String, client_id: &str) -> Self {
        Self { status: 200, json, cache: "no-store", client_id: Some(client_id.into()) }
    }

    /// The same, for a client that is new (RFC 7591 §3.2.1).
    pub fn created(registered: Registered) -> Self {
        let Registered { client_id, document } = registered;
        Self { status: 201, ..Self::private(document, client_id.as_str()) }
    }
}

impl Response {
    pub(super) fn document(route: &Route<'_>, document: Document) -> Self {
        let Document { status, json, cache, client_id } = document;
        let event = Event { route: route.template(), outcome: "ok", client_id, detail: None };
        Self { status, headers: headers(cache), body: Some(json), event }
    }

    pub(super) fn refused(route: Option<&Route<'_>>, refusal: &Refusal) -> Self {
        let (status, wire) = refusal.on_the_wire();
        let mut headers = headers("no-store");
        headers.extend(refusal.headers());
        let fallback = || String::from("{\"error\":\"server_error\",\"error_description\":\"\"}");
        let client_id = match route {
            Some(Route::Client(text)) => ClientId::parse(text).map(|id| id.to_string()),
            _ => None,
        };
        let event = Event {
            route: route.map_or("-", Route::template),
            outcome: wire.error,
            client_id,
            detail: refusal.detail(),
        };
        Self {
            status,
            headers,
            body: Some(serde_json::to_string(&wire).unwrap_or_else(|_| fallback())),
            event,
        }
    }

    pub(super) fn preflight(route: &Route<'_>) -> Self {
        let own = cors::ALWAYS.into_iter().chain(cors::preflight(route));
        let headers = own.map(|(name, value)| (name, value.into())).collect();
        let event = Event { route: route.template(), outcome: "ok", client_id: None, detail: None };
        Self { status: 204, headers, body: None, event }
    }
}

fn headers(cache: &'static str) -> Vec<(&'static str, Cow<'static, str>)> {
    let own = [
        ("content-type", "application/json"),
        ("cache-control", cache),
        ("x-content-type-options", "nosniff"),
    ];
    own.into_iter().chain(cors::ALWAYS).map(|(name, value)| (name, value.into())).collect()
}
