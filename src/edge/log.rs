//! One JSON line per request. Nothing in it is secret, and whatever a caller wrote is escaped.

use std::rc::Rc;

use serde::Serialize;
use worker::console_log;

use super::clock::milliseconds;
use super::incoming::Head;
use crate::http::{Event, LogLine};
use crate::issuer::Issuer;
use crate::issuer::finding::Finding;

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
            client_id: event.client_id.as_deref(),
            detail: event.detail.as_deref(),
            duration_ms: milliseconds().saturating_sub(self.started),
            request_id: self.head.request_id(),
        };
        let json = serde_json::to_string(&line).unwrap_or_default();
        console_log!("{json}");
        json
    }
}

/// Writes a line for something that went wrong after the answer.
pub(super) fn failure(action: &str, detail: &str) {
    #[derive(Serialize)]
    struct Line<'a> {
        action: &'a str,
        outcome: &'static str,
        detail: &'a str,
    }
    if let Ok(json) = serde_json::to_string(&Line { action, outcome: "failed", detail }) {
        console_log!("{json}");
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
