//! Results to responses: the only place for statuses, the wire form of errors, and cache headers.

use std::borrow::Cow;

use serde::Serialize;

use super::body::ReadError;
use super::cors;
use super::routes::Route;
use crate::client::{Problem, limits};
use crate::service::register::Registered;
use crate::service::{ConfigError, Error};
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

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) enum Refusal {
    NotFound,
    Method { allow: &'static str },
    MediaType,
    TooLarge,
    Read(ReadError),
    Config(ConfigError),
    Service(Error),
}

/// What an error looks like on the wire (RFC 6749 §5.2, RFC 7591 §3.2.2).
#[derive(Serialize)]
struct WireError<'e> {
    error: &'static str,
    error_description: Cow<'static, str>,
    /// Every problem, in the order of the members: an extension.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'e [Problem],
}

impl Refusal {
    /// The one switch from what went wrong to what a caller is told.
    fn on_the_wire(&self) -> (u16, WireError<'_>) {
        let wire = |status, error, description: Cow<'static, str>| {
            (status, WireError { error, error_description: description, errors: &[] })
        };
        match self {
            Self::NotFound => wire(404, "invalid_request", "There is nothing at this path".into()),
            Self::Method { allow } => {
                let text = format!("This path has no such method; it has: {allow}");
                wire(405, "invalid_request", text.into())
            }
            Self::MediaType => {
                let text =
                    "The body must be uncompressed JSON with the media type application/json";
                wire(415, "invalid_request", text.into())
            }
            Self::TooLarge => {
                let text = format!("The body must not be larger than {} bytes", limits::BODY);
                wire(413, "invalid_request", text.into())
            }
            Self::Read(_) => wire(400, "invalid_request", "The body did not arrive whole".into()),
            Self::Service(Error::Metadata(problems)) => {
                let code =
                    problems.first().map_or("invalid_client_metadata", |p| p.rule.code().as_str());
                let text = problems.first().map(ToString::to_string).unwrap_or_default();
                let error =
                    WireError { error: code, error_description: text.into(), errors: problems };
                (400, error)
            }
            Self::Service(Error::NoToken) => {
                let text =
                    "This needs the registration access token in an Authorization: Bearer header";
                wire(401, "invalid_token", text.into())
            }
            Self::Service(Error::BadToken) => {
                let text = "The registration access token is not valid for this client";
                wire(401, "invalid_token", text.into())
            }
            Self::Service(Error::Store(_)) => {
                let text = "The registration could not be stored or read just now; try again";
                wire(503, "temporarily_unavailable", text.into())
            }
            Self::Config(ConfigError::NoIssuer) => {
                let text = "This server has no issuer configured; its operator has to set one";
                wire(500, "server_error", text.into())
            }
            Self::Config(_) => {
                let text = "This server is not configured correctly; its log says what is wrong";
                wire(500, "server_error", text.into())
            }
            Self::Service(Error::Record(_) | Error::Entropy(_) | Error::Json(_)) => {
                wire(500, "server_error", "The server failed to answer; its log says why".into())
            }
        }
    }

    /// Headers of this refusal alone.
    fn headers(&self) -> Option<(&'static str, Cow<'static, str>)> {
        match self {
            Self::Method { allow } => Some(("allow", (*allow).into())),
            // RFC 6750 §3: without a token there is no error to name.
            Self::Service(Error::NoToken) => {
                Some(("www-authenticate", "Bearer realm=\"registration\"".into()))
            }
            Self::Service(Error::BadToken) => {
                let challenge = "Bearer realm=\"registration\", error=\"invalid_token\"";
                Some(("www-authenticate", challenge.into()))
            }
            Self::Service(Error::Store(_)) => Some(("retry-after", "2".into())),
            Self::MediaType => Some(("accept", "application/json".into())),
            _ => None,
        }
    }

    /// What an operator needs to know.
    fn detail(&self) -> Option<String> {
        match self {
            Self::Config(error) => Some(error.to_string()),
            Self::Read(ReadError(reason)) => Some(reason.clone()),
            // The status and the outcome say it already.
            Self::Service(Error::NoToken | Error::BadToken) => None,
            Self::Service(error) => Some(error.to_string()),
            _ => None,
        }
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
