//! Headers and body of a request, and streams of bytes.

use std::rc::Rc;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::glue;
use super::task::settled;
use crate::http::{Incoming, ReadError};

/// What is known of a request before its body is read: method, URL, id and headers, one a line.
pub(super) struct Head(String);

impl Head {
    pub fn of(request: &web_sys::Request) -> Self {
        Self(glue::describe(request))
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

    /// A header that `glue.js` lists.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.0.split('\n').skip(3).filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// A request whose body has been read up to some point.
pub(super) struct RequestBody {
    head: Rc<Head>,
    request: web_sys::Request,
    state: State,
}

enum State {
    Unread,
    Streaming(Pieces),
    Done,
}

impl RequestBody {
    pub fn new(head: Rc<Head>, request: web_sys::Request) -> Self {
        Self { head, request, state: State::Unread }
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        if let State::Unread = self.state {
            // A body of declared length was judged by it and comes in one piece.
            if self.head.header("content-length").is_some() {
                self.state = State::Done;
                let buffer = settled(self.request.array_buffer()?).await?;
                return Ok(Some(glue::bytes(buffer.unchecked_ref())));
            }
            self.state = match self.request.body() {
                Some(stream) => State::Streaming(Pieces::of(&stream)?),
                None => State::Done,
            };
        }
        let State::Streaming(pieces) = &self.state else { return Ok(None) };
        let piece = pieces.next().await?;
        if piece.is_none() {
            self.state = State::Done;
        }
        Ok(piece)
    }
}

/// A stream of bytes, read piece by piece.
pub(super) struct Pieces(web_sys::ReadableStreamDefaultReader);

impl Pieces {
    pub fn of(stream: &web_sys::ReadableStream) -> Result<Self, JsValue> {
        Ok(Self(stream.get_reader().dyn_into()?))
    }

    /// The next piece; `None` at the end.
    pub async fn next(&self) -> Result<Option<Vec<u8>>, JsValue> {
        let read = settled(self.0.read()).await?;
        if Reflect::get(&read, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let piece: Uint8Array = Reflect::get(&read, &"value".into())?.dyn_into()?;
        Ok(Some(piece.to_vec()))
    }
}

impl Incoming for RequestBody {
    fn header(&self, name: &str) -> Option<String> {
        self.head.header(name).map(str::to_owned)
    }

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        self.next().await.map_err(|error| ReadError(message(&error)))
    }
}

/// What a JS exception says.
pub(super) fn message(error: &JsValue) -> String {
    let text = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    text.or_else(|| error.as_string()).unwrap_or_else(|| String::from("unknown"))
}
