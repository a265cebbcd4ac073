//! [`Fetch`] on the runtime's own `fetch`.

use worker::wasm_bindgen::{JsCast, JsValue};
use worker::web_sys::Response;

use super::glue;
use super::incoming::{collect, message};
use super::promises::settled;
use super::runtime::Runtime;
use rollcall::http::{BodyLimits, ReadError};
use rollcall::runtime::{FETCHED_HEADERS, Fetch, FetchError, FetchRequest, Fetched};

/// How long an answer to an event may take, in milliseconds.
const TIMEOUT_MS: u32 = 3_000;

impl Fetch for Runtime<'_> {
    async fn get(&self, request: &FetchRequest<'_>) -> Result<Fetched, FetchError> {
        let FetchRequest { url, headers, bytes, milliseconds } = *request;
        // The signal of the request ends its body too.
        let response = send("GET", url, headers, None, milliseconds).await?;
        let (status, headers) = (response.status(), read_headers(&response));
        if status != 200 {
            return Ok(Fetched { status, headers, body: Vec::new() });
        }
        let body = collect(&response, BodyLimits { bytes, milliseconds }, None).await;
        let body = body.map_err(|error| match error {
            ReadError::TooLarge => FetchError::TooLarge,
            ReadError::TooSlow => FetchError::Failed(String::from("it takes too long")),
            ReadError::Broken(why) => FetchError::Failed(why),
        })?;
        Ok(Fetched { status, headers, body })
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<u16, FetchError> {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let sent = send("POST", url, &headers, Some(body), TIMEOUT_MS).await;
        sent.map(|response| response.status())
    }
}

/// Those of [`FETCHED_HEADERS`] that `response` has.
fn read_headers(response: &Response) -> Vec<(String, String)> {
    let (headers, names) = (response.headers(), FETCHED_HEADERS.iter());
    let value = |name: &&str| Some(((*name).to_owned(), headers.get(name).ok().flatten()?));
    names.filter_map(value).collect()
}

/// No redirect is followed, and the answer has to come within so many milliseconds.
async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    milliseconds: u32,
) -> Result<Response, FetchError> {
    let failed = |error: JsValue| FetchError::Failed(message(&error));
    let headers = glue::lines(headers.iter().copied());
    let sent = glue::send(method, url, &headers, body, milliseconds).map_err(failed)?;
    settled(sent).await.and_then(JsCast::dyn_into).map_err(failed)
}
