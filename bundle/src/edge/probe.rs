//! Requests of end-to-end tests to the edge: to panic, and to wait for two promises at once. Never in a released bundle.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use worker::{Env, web_sys};

use super::glue;
use super::incoming::message;
use super::promises::settled;

/// How long the first of two promises of [`select`] may take, in milliseconds.
const TIMEOUT_MS: u32 = 100;

/// The answer to a request of a test; `None` to any other.
#[expect(clippy::manual_assert, clippy::panic, reason = "what a test asks for")]
pub(super) async fn answer(
    request: &web_sys::Request,
    env: &Env,
) -> Option<Result<web_sys::Response, String>> {
    if request.method() == "PROPPATCH" {
        panic!("a request asked for it");
    }
    let url = request.url();
    let (_, asked) = url.split_once("/__probe/")?;
    let (what, keys) = asked.split_once('/')?;
    let (first, second) = keys.split_once('/')?;
    let text = match what {
        "join" => join(read(env, first), read(env, second)).await,
        _ => select(env, first, second).await,
    };
    let headers = glue::make_headers("");
    let response = headers.and_then(|headers| glue::respond(200, &headers, "", Some(&text)));
    Some(response.map_err(|error| message(&error)))
}

/// The value of `key`, or what went wrong.
async fn read(env: &Env, key: &str) -> String {
    let value = match glue::get(env, key, None) {
        Ok(promise) => settled(promise).await,
        Err(error) => Err(error),
    };
    match value.and_then(|value| glue::bytes(&value)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => message(&error),
    }
}

/// Both values, read at the same time.
async fn join(first: impl Future<Output = String>, second: impl Future<Output = String>) -> String {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut one, mut two) = (None, None);
    poll_fn(|context| {
        if one.is_none()
            && let Poll::Ready(value) = first.as_mut().poll(context)
        {
            one = Some(value);
        }
        if two.is_none()
            && let Poll::Ready(value) = second.as_mut().poll(context)
        {
            two = Some(value);
        }
        match (&one, &two) {
            (Some(one), Some(two)) => Poll::Ready(format!("{one} {two}")),
            _ => Poll::Pending,
        }
    })
    .await
}

/// The first value if it comes within [`TIMEOUT_MS`], else `timeout`; then the second one.
async fn select(env: &Env, first: &str, second: &str) -> String {
    let selected = {
        let mut value = pin!(read(env, first));
        let mut timer = pin!(async {
            match glue::sleep(TIMEOUT_MS) {
                Ok(timer) => settled(timer).await.map(drop),
                Err(error) => Err(error),
            }
        });
        poll_fn(|context| match value.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(value),
            Poll::Pending => timer.as_mut().poll(context).map(|_| String::from("timeout")),
        })
        .await
    };
    format!("{selected} {}", read(env, second).await)
}
