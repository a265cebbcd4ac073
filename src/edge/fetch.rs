//! [`Fetch`] on the runtime's own `fetch`.

use worker::wasm_bindgen::{JsCast, JsValue};
use worker::web_sys::Response;

use super::glue;
use super::incoming::{collect, message};
use super::promises::settled;
use super::runtime::Runtime;
use crate::http::{BodyLimits, ReadError, UPSTREAM_MARK};
use crate::runtime::{Fetch, FetchError};

/// How long an answer may take, in milliseconds.
const TIMEOUT_MS: u32 = 3_000;
/// The largest document that is read: ten times what big servers publish.
const LIMITS: BodyLimits = BodyLimits { bytes: 256 * 1024, milliseconds: TIMEOUT_MS };

impl Fetch for Runtime<'_> {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let headers = [("accept", "application/json"), (UPSTREAM_MARK, "1")];
        let response = send("GET", url, &headers, None).await?;
        if response.status() != 200 {
            return Err(FetchError::Status(response.status()));
        }
        collect(&response, LIMITS).await.map_err(|error| match error {
            ReadError::TooLarge => FetchError::TooLarge,
            ReadError::TooSlow => FetchError::Failed(String::from("it takes too long")),
            ReadError::Broken(why) => FetchError::Failed(why),
        })
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<u16, FetchError> {
        let headers = [&[("content-type", "application/json")], headers].concat();
        send("POST", url, &headers, Some(body)).await.map(|response| response.status())
    }
}

/// No redirect is followed, and the answer has to come within [`TIMEOUT_MS`].
async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Result<Response, FetchError> {
    let failed = |error: JsValue| FetchError::Failed(message(&error));
    let headers = glue::lines(headers.iter().copied());
    let sent = glue::send(method, url, &headers, body, TIMEOUT_MS).map_err(failed)?;
    settled(sent).await.and_then(JsCast::dyn_into).map_err(failed)
}
