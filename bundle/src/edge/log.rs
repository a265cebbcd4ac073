//! One JSON line per request. Nothing in it is secret, and whatever a caller wrote is escaped.

use std::rc::Rc;

use serde::Serialize;
use worker::console_log;

use super::clock::milliseconds;
use super::incoming::Head;
use rollcall::http::{Event, LogLine, Response};
use rollcall::issuer::finding::Finding;
use rollcall::issuer::{Issuer, Settings};
use rollcall::service::DocumentEvent;
use rollcall::vocabulary::nearest;

/// The log of one request.
pub(super) struct RequestLog {
    head: Rc<Head>,
    started: u64,
}

impl RequestLog {
    /// Notes when a request came in.
    pub fn start(head: Rc<Head>) -> Self {
        Self { head, started: milliseconds() }
    }

    /// Writes the line of an answered request, and returns it.
    pub fn write(&self, status: u16, event: &Event) -> String {
        let method = self.head.method();
        let line = LogLine {
            at: self.started / 1000,
            action: event.action,
            method: method.get(..method.floor_char_boundary(16)).unwrap_or_default(),
            issuer: event.issuer.as_deref(),
            route: event.route,
            status,
            outcome: event.outcome,
            event: event.name,
            client_id: event.client_id.as_deref(),
            detail: event.detail.as_deref(),
            errors: &event.rejections,
            duration_ms: milliseconds().saturating_sub(self.started),
            request_id: self.head.request_id(),
        };
        let json = serde_json::to_string(&line).unwrap_or_default();
        console_log!("{json}");
        json
    }

    /// Writes a line for each thing that happened to a metadata document during the request, and returns the lines.
    pub fn write_documents(&self, response: &Response) -> Vec<String> {
        let write = |event| {
            let (at, request_id) = (self.started / 1000, self.head.request_id());
            let issuer = response.event.issuer.as_deref();
            let line = DocumentLine { at, issuer, event, outcome: "ok", request_id };
            let json = serde_json::to_string(&line).unwrap_or_default();
            console_log!("{json}");
            json
        };
        response.document_events.iter().map(write).collect()
    }

    /// Which request it is about, for lines that are written after the response.
    pub fn origin(&self) -> Origin {
        Origin { at: self.started / 1000, request_id: self.head.request_id().to_owned() }
    }
}

/// The line of an event of a metadata document.
#[derive(Serialize)]
struct DocumentLine<'a> {
    at: u64,
    issuer: Option<&'a str>,
    #[serde(flatten)]
    event: &'a DocumentEvent,
    outcome: &'static str,
    request_id: &'a str,
}

/// The request that later lines are about.
pub(super) struct Origin {
    at: u64,
    request_id: String,
}

impl Origin {
    /// Writes a line for something that went wrong after the response; `event_id` is that of an event that was not
    /// delivered.
    pub fn write_failure(&self, action: &str, detail: &str, event_id: Option<&str>) {
        #[derive(Serialize)]
        struct Line<'a> {
            at: u64,
            action: &'a str,
            outcome: &'static str,
            detail: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            event_id: Option<&'a str>,
            request_id: &'a str,
        }
        let Self { at, request_id } = self;
        let line = Line { at: *at, action, outcome: "failed", detail, event_id, request_id };
        if let Ok(json) = serde_json::to_string(&line) {
            console_log!("{json}");
        }
    }
}

/// Writes the line of a Worker that starts: which version runs.
pub(super) fn started() {
    #[derive(Serialize)]
    struct Line {
        action: &'static str,
        version: &'static str,
    }
    let line = Line { action: "start", version: env!("CARGO_PKG_VERSION") };
    if let Ok(json) = serde_json::to_string(&line) {
        console_log!("{json}");
    }
}

/// Writes a line for a variable that Rollcall does not know: what it was meant to set is not set.
pub(super) fn unknown_variable(name: &str) {
    #[derive(Serialize)]
    struct Line<'a> {
        action: &'static str,
        unknown_variable: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        did_you_mean: Option<&'static str>,
    }
    let did_you_mean = nearest(name, Settings::NAMES);
    let line = Line { action: "start", unknown_variable: name, did_you_mean };
    if let Ok(json) = serde_json::to_string(&line) {
        console_log!("{json}");
    }
}

/// Writes a line for each finding about the documents of `issuer`.
pub(super) fn findings(issuer: &Issuer) {
    #[derive(Serialize)]
    struct Line<'a> {
        issuer: &'a str,
        #[serde(flatten)]
        finding: &'a Finding,
    }
    for finding in issuer.own_profile().iter().flat_map(|profile| &profile.findings) {
        if let Ok(json) = serde_json::to_string(&Line { issuer: issuer.identifier(), finding }) {
            console_log!("{json}");
        }
    }
}
