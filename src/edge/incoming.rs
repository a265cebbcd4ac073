//! Headers and body of a request, and streams of bytes.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::http::{Incoming, ReadError};

/// A request whose body has been read up to some point.
pub(super) struct RequestBody {
    request: web_sys::Request,
    state: State,
}

enum State {
    Unread,
    Streaming(Pieces),
    Done,
}

impl RequestBody {
    pub fn new(request: web_sys::Request) -> Self {
        Self { request, state: State::Unread }
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        if let State::Unread = self.state {
            // A body of declared length was judged by it and comes in one piece.
            if self.header("content-length").is_some() {
                self.state = State::Done;
                let buffer = JsFuture::from(self.request.array_buffer()?).await?;
                return Ok(Some(Uint8Array::new(&buffer).to_vec()));
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
        let read = JsFuture::from(self.0.read()).await?;
        if Reflect::get(&read, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let piece: Uint8Array = Reflect::get(&read, &"value".into())?.dyn_into()?;
        Ok(Some(piece.to_vec()))
    }
}

impl Incoming for RequestBody {
    fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
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
