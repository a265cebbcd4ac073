//! Headers and body of a request.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Once;

use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{js_sys, web_sys};

use super::glue;
use super::promises::settled;
use rollcall::http::{BodyLimits, Incoming, READ_HEADERS, ReadError};

/// The head of a request as [`glue::describe`] returns it: method, URL, id, client certificate, and a line for each of
/// [`READ_HEADERS`].
pub(super) struct Head {
    text: String,
    /// The place of each line, found once: a registration reads a dozen of them.
    lines: Vec<Range<usize>>,
}

impl Head {
    /// # Errors
    /// The runtime's exception.
    pub fn of(request: &web_sys::Request) -> Result<Self, String> {
        static NAMED: Once = Once::new();
        NAMED.call_once(|| glue::read_headers(&READ_HEADERS.join("\n")));
        let text = glue::describe(request).map_err(|error| message(&error))?;
        let mut start = 0_usize;
        let place = |line: &str| {
            let place = start..start.saturating_add(line.len());
            start = place.end.saturating_add(1);
            place
        };
        let lines = text.split('\n').map(place).collect();
        Ok(Self { text, lines })
    }

    fn line(&self, nth: usize) -> &str {
        let place = self.lines.get(nth).cloned();
        place.and_then(|place| self.text.get(place)).unwrap_or_default()
    }

    pub fn method(&self) -> &str {
        self.line(0)
    }

    pub fn url(&self) -> &str {
        self.line(1)
    }

    pub fn request_id(&self) -> &str {
        self.line(2)
    }

    /// Cloudflare's report about the client certificate; empty without one.
    pub fn certificate(&self) -> &str {
        self.line(3)
    }

    /// One of [`READ_HEADERS`].
    pub fn header(&self, name: &str) -> Option<&str> {
        let nth = READ_HEADERS.iter().position(|known| *known == name)?;
        self.line(nth.saturating_add(4)).strip_prefix(':')
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
