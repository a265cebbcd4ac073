//! [`Fetch`] on the runtime's own `fetch`.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Request, RequestInit, RequestRedirect, Response, WorkerGlobalScope};

use super::host::Runtime;
use super::incoming::{collect, message};
use super::task::settled;
use crate::http::{BodyLimits, ReadError, UPSTREAM_MARK};
use crate::service::ports::{Fetch, FetchError};

/// How long an answer may take, in milliseconds.
const TIMEOUT_MS: u32 = 3_000;
/// The largest document that is read: ten times what big servers publish.
const LIMITS: BodyLimits = BodyLimits { bytes: 256 * 1024, milliseconds: TIMEOUT_MS };

impl Fetch for Runtime<'_> {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let failed = |error: JsValue| FetchError::Failed(message(&error));
        let response = respond(url).await.map_err(failed)?;
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
        let failed = |error: JsValue| FetchError::Failed(message(&error));
        send(url, headers, body).await.map(|response| response.status()).map_err(failed)
    }
}

async fn send(url: &str, headers: &[(&str, &str)], body: &str) -> Result<Response, JsValue> {
    let init = bounded();
    init.set_method("POST");
    init.set_body(&body.into());
    let request = Request::new_with_str_and_init(url, &init)?;
    request.headers().set("content-type", "application/json")?;
    for (name, value) in headers {
        request.headers().set(name, value)?;
    }
    answered(&request).await
}

/// No redirect is followed, and nothing waited for without an end.
fn bounded() -> RequestInit {
    let init = RequestInit::new();
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    init
}

async fn answered(request: &Request) -> Result<Response, JsValue> {
    let global = js_sys::global().unchecked_into::<WorkerGlobalScope>();
    settled(global.fetch_with_request(request)).await?.dyn_into()
}

async fn respond(url: &str) -> Result<Response, JsValue> {
    let request = Request::new_with_str_and_init(url, &bounded())?;
    request.headers().set("accept", "application/json")?;
    request.headers().set(UPSTREAM_MARK, "1")?;
    answered(&request).await
}
