//! The line that the log gets for each request: `docs/events.md`.

use serde::Serialize;

use crate::client::Rejection;

/// The members of a line, in their order. Nothing in it is secret.
#[derive(Debug, Serialize)]
pub struct LogLine<'a> {
    /// When the request came in, in seconds since 1970.
    pub at: u64,
    /// [`Event::action`](super::Event::action).
    pub action: &'a str,
    /// The method, as it was sent, at most 16 bytes.
    pub method: &'a str,
    /// [`Event::issuer`](super::Event::issuer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<&'a str>,
    /// [`Event::route`](super::Event::route).
    pub route: &'a str,
    /// The status of the response.
    pub status: u16,
    /// [`Event::outcome`](super::Event::outcome).
    pub outcome: &'a str,
    /// [`Event::name`](super::Event::name).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'a str>,
    /// [`Event::client_id`](super::Event::client_id).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<&'a str>,
    /// [`Event::detail`](super::Event::detail).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
    /// [`Event::rejections`](super::Event::rejections).
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub errors: &'a [Rejection],
    /// From the request to the response, in milliseconds.
    pub duration_ms: u64,
    /// Cloudflare's `cf-ray`; a random one on a developer's machine.
    pub request_id: &'a str,
}
