//! Headers and body of a request.

use std::rc::Rc;
use std::sync::Once;

use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{js_sys, web_sys};

use super::glue;
use super::promises::settled;
use rollcall::http::{BodyLimits, Incoming, READ_HEADERS, ReadError};

/// The head of a request: method, URL, id, client certificate and headers, one a line.
pub(super) struct Head(String);

impl Head {
    /// # Errors
    /// The runtime's exception.
    pub fn of(request: &web_sys::Request) -> Result<Self, String> {
        static NAMED: Once = Once::new();
        NAMED.call_once(|| glue::read_headers(&READ_HEADERS.join("\n")));
        glue::describe(request).map(Self).map_err(|error| message(&error))
    }

    pub fn method(&self) -> &str {
        self.0.split('\n').next().unwrap_or_default()
    }

    pub fn url(&self) -> &str {
        self.0.split('\n').nth(1).unwrap_or_default()
    }

    pub fn request_id(&self) -> &str {
        self.0.split('\n').nth(2).unwrap_or_default()
    }

    /// Cloudflare's report about the client certificate; empty without one.
    pub fn certificate(&self) -> &str {
        self.0.split('\n').nth(3).unwrap_or_default()
    }

    /// One of [`READ_HEADERS`].
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.0.split('\n').skip(4).filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// A request whose body has not been asked for yet.
pub(super) struct RequestBody<'r> {
    head: Rc<Head>,
    request: &'r web_sys::Request,
}

impl<'r> RequestBody<'r> {
    pub fn new(head: Rc<Head>, request: &'r web_sys::Request) -> Self {
        Self { head, request }
    }
}

impl Incoming for RequestBody<'_> {
    fn header(&self, name: &str) -> Option<String> {
        self.head.header(name).map(str::to_owned)
    }

    async fn body(&mut self, limits: BodyLimits) -> Result<Vec<u8>, ReadError> {
        let declared = self.head.header("content-length").and_then(|text| text.parse().ok());
        collect(self.request, limits, declared).await
    }
}

/// The body of a request or a response, once it is complete: until then JavaScript has it. `declared` is the length in
/// bytes that a request declares. Of a response, the runtime may unpack more bytes than its length says.
pub(super) async fn collect(
    source: &JsValue,
    limits: BodyLimits,
    declared: Option<u32>,
) -> Result<Vec<u8>, ReadError> {
    let BodyLimits { bytes, milliseconds } = limits;
    let broken = |error: JsValue| ReadError::Broken(message(&error));
    let collecting = glue::collect(source, bytes, milliseconds, declared).map_err(broken)?;
    let collected = settled(collecting).await.map_err(broken)?;
    match collected.as_string().as_deref() {
        None => glue::bytes(&collected).map_err(broken),
        Some("too slow") => Err(ReadError::TooSlow),
        Some(_) => Err(ReadError::TooLarge),
    }
}

/// The message of a JS exception.
pub(super) fn message(error: &JsValue) -> String {
    let text = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    text.or_else(|| error.as_string()).unwrap_or_else(|| String::from("unknown"))
}
