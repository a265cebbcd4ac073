//! Cloudflare: the fetch event in, a response out. No decision is made here.

mod books;
mod env;
mod fetch;
mod glue;
mod host;
mod incoming;
mod kv;
mod limiter;
mod log;

use std::borrow::Cow;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::{Context, Env, event};

use self::host::Runtime;
use self::incoming::{Head, RequestBody};
use self::kv::Kv;
use self::log::Entry;
use crate::http::{self, Event, FollowUp, Request, Response};
use crate::service::Config;
use crate::service::webhook::Webhook;

/// Answers one request.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    #[cfg(feature = "panic-probe")]
    #[expect(clippy::manual_assert, clippy::panic, reason = "what a test asks for")]
    if request.method() == "PROPPATCH" {
        panic!("a request asked for it");
    }
    let head = Rc::new(Head::of(&request));
    let entry = Entry::start(Rc::clone(&head));
    let (mut response, config) = match prepare(&env) {
        Ok((config, store)) => {
            let request = convert(&head, request, &context);
            (http::handle(&config, store, Runtime { env: &env }, request).await, Some(config))
        }
        Err(reason) => (unusable(reason), None),
    };
    let line = entry.write(response.status, &response.event);
    let webhook = config.and_then(|config| config.webhook().cloned());
    let webhook = webhook.filter(|_| response.is_audited());
    let follow_up = response.follow_up.take();
    if follow_up.is_some() || webhook.is_some() {
        context.wait_until(afterwards(env, follow_up, webhook.map(|webhook| (webhook, line))));
    }
    into_js(&response).map_err(worker::Error::from)
}

/// What nobody has to wait for.
async fn afterwards(
    env: Env,
    follow_up: Option<FollowUp>,
    delivery: Option<(Rc<Webhook>, String)>,
) {
    if let (Some(follow_up), Ok(store)) = (follow_up, Kv::bind(&env))
        && let Some(detail) = follow_up.run(store, Runtime { env: &env }).await
    {
        log::failure("note_use", &detail);
    }
    if let Some((webhook, event)) = delivery
        && let Err(detail) = webhook.deliver(&Runtime { env: &env }, &event).await
    {
        log::failure("deliver", &detail);
    }
}

/// What a request is answered with; or what about the deployment makes that impossible.
fn prepare(env: &Env) -> Result<(Rc<Config>, Kv), String> {
    let config = env::config(env).map_err(|error| error.to_string())?;
    let store = Kv::bind(env)?;
    Ok((config, store))
}

fn convert(head: &Rc<Head>, request: web_sys::Request, context: &Context) -> Request<RequestBody> {
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
        bound: path.contains("/as/clients/") && is_bound(context),
        incoming: RequestBody::new(Rc::clone(head), request),
    }
}

/// Whether the caller is a Worker whose service binding has the property that an operator gives to the
/// authorization server's. Requests from outside have no properties.
fn is_bound(context: &Context) -> bool {
    let props = Reflect::get(context.as_ref(), &"props".into());
    let flag = props.and_then(|props| Reflect::get(&props, &"authorization_server".into()));
    flag.is_ok_and(|flag| flag.as_bool() == Some(true))
}

/// A deployment that cannot serve says so in its log; a caller learns that it is not their fault.
fn unusable(reason: String) -> Response {
    let body = "{\"error\":\"server_error\",\"error_description\":\
                \"This server is not configured correctly; its log says what is wrong\"}";
    Response {
        status: 500,
        headers: vec![
            ("content-type", Cow::Borrowed("application/json")),
            ("cache-control", Cow::Borrowed("no-store")),
            ("access-control-allow-origin", Cow::Borrowed("*")),
        ],
        body: Some(body.to_owned()),
        event: Event {
            issuer: None,
            action: "-",
            route: "-",
            outcome: "server_error",
            client_id: None,
            detail: Some(reason),
            unlimited: true,
        },
        follow_up: None,
    }
}

fn into_js(response: &Response) -> Result<web_sys::Response, JsValue> {
    let mut head = String::new();
    // A line break would begin another header; no value of ours has one.
    for (name, value) in response.headers.iter().filter(|(_, value)| !value.contains('\n')) {
        for line in [name, &**value] {
            head.push_str(line);
            head.push('\n');
        }
    }
    glue::respond(response.status, &head, response.body.as_deref().map(str::as_bytes))
}
