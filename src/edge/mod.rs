//! Cloudflare: the fetch event in, a response out. No decision is made here.

mod books;
mod clock;
mod env;
mod fetch;
mod glue;
mod host;
mod incoming;
mod kv;
mod limiter;
mod log;
mod task;

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use self::host::Runtime;
use self::incoming::{Head, RequestBody};
use self::kv::Kv;
use self::log::Entry;
use crate::http::{self, FollowUp, Request, Response};
use crate::service::webhook::Webhook;

/// Answers one request: settles the promise that `resolve` and `reject` belong to. The number of its task, unless it
/// is done already.
#[wasm_bindgen]
pub fn fetch(
    request: web_sys::Request,
    env: JsValue,
    context: JsValue,
    resolve: Function,
    reject: Function,
) -> Option<u32> {
    task::answer(resolve, reject, respond(request, env, context))
}

async fn respond(
    request: web_sys::Request,
    env: JsValue,
    context: JsValue,
) -> Result<JsValue, JsValue> {
    #[cfg(feature = "panic-probe")]
    #[expect(clippy::manual_assert, clippy::panic, reason = "what a test asks for")]
    if request.method() == "PROPPATCH" {
        panic!("a request asked for it");
    }
    let head = Rc::new(Head::of(&request));
    let entry = Entry::start(Rc::clone(&head));
    let (mut response, config) = match env::config(&env) {
        Ok(config) => {
            let request = convert(&head, request, &context);
            let runtime = Runtime { env: &env };
            (http::handle(&config, Kv(&env), runtime, request).await, Some(config))
        }
        Err(reason) => (Response::unusable(reason), None),
    };
    let line = entry.write(response.status, &response.event);
    let (fixed, own) = head_of(&response);
    let webhook = config.and_then(|config| config.webhook().cloned());
    let webhook = webhook.filter(|_| response.is_audited());
    let follow_up = response.follow_up.take();
    if follow_up.is_some() || webhook.is_some() {
        let delivery = webhook.map(|webhook| (webhook, line));
        let mut work = Some(afterwards(env, follow_up, delivery));
        let done = Promise::new(&mut |resolve, reject| {
            if let Some(work) = work.take() {
                task::answer(resolve, reject, async {
                    work.await;
                    Ok(JsValue::UNDEFINED)
                });
            }
        });
        glue::wait_until(&context, &done);
    }
    glue::respond(response.status, &fixed, &own, response.body.as_deref()).map(JsValue::from)
}

/// What nobody has to wait for.
async fn afterwards(
    env: JsValue,
    follow_up: Option<FollowUp>,
    delivery: Option<(Rc<Webhook>, String)>,
) {
    if let Some(follow_up) = follow_up
        && let Some(detail) = follow_up.run(Kv(&env), Runtime { env: &env }).await
    {
        log::failure("record_use", &detail);
    }
    if let Some((webhook, event)) = delivery
        && let Err(detail) = webhook.deliver(&Runtime { env: &env }, &event).await
    {
        log::failure("deliver", &detail);
    }
}

fn convert(head: &Rc<Head>, request: web_sys::Request, context: &JsValue) -> Request<RequestBody> {
    let url = head.url();
    let after_scheme = url.find("//").map_or(0, |at| at.saturating_add(2));
    let path_start = url.get(after_scheme..).and_then(|rest| rest.find(['/', '?', '#']));
    let path_start = path_start.map_or(url.len(), |at| after_scheme.saturating_add(at));
    let (origin, rest) = url.split_at_checked(path_start).unwrap_or((url, ""));
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Request {
        method: head.method().to_owned(),
        origin: origin.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        // Set by Cloudflare, whatever a caller sends.
        address: head.header("cf-connecting-ip").and_then(|text| text.parse().ok()),
        // Asked only where it could matter: every question to JavaScript costs.
        bound: path.contains("/as/clients/") && glue::is_bound(context),
        incoming: RequestBody::new(Rc::clone(head), request),
    }
}

/// The headers of `response`, as `glue.js` takes them: those that it shares with others, and its own.
fn head_of(response: &Response) -> (String, String) {
    let (mut fixed, mut own) = (String::new(), String::new());
    let write = |lines: &mut String, name: &str, value: &str| {
        for line in [name, value] {
            lines.push_str(line);
            lines.push('\n');
        }
    };
    for (name, value) in response.header_set.headers() {
        write(&mut fixed, name, value);
    }
    // A line break would begin another header; no value of ours has one.
    for (name, value) in response.own_headers.iter().filter(|(_, value)| !value.contains('\n')) {
        write(&mut own, name, value);
    }
    (fixed, own)
}
