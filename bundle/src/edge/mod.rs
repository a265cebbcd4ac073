//! Cloudflare: the fetch event in, a response out. No decision is made here.

mod books;
mod clock;
mod env;
mod fetch;
mod glue;
mod incoming;
mod kv;
mod limiter;
mod log;
#[cfg(feature = "panic-probe")]
mod probe;
mod promises;
mod runtime;

use std::cell::RefCell;
use std::rc::Rc;

use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Context, Env, event, web_sys};

use self::incoming::{Head, RequestBody, message};
use self::kv::Kv;
use self::log::{Origin, RequestLog};
use self::promises::until_abandoned;
use self::runtime::Runtime;
use rollcall::http::{self, Binding, HeaderSet, Later, Request, Response};
use rollcall::issuer::webhook::Webhook;
use rollcall::vocabulary::ClientCertificate;

/// Answers one request.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> Result<web_sys::Response, String> {
    let answered = until_abandoned(Some(&request), respond(&request, env, context)).await;
    // The caller has gone away, and there may be no request left in which a response could be made.
    answered.unwrap_or_else(|| Ok(JsValue::UNDEFINED.unchecked_into()))
}

async fn respond(
    request: &web_sys::Request,
    env: Env,
    context: Context,
) -> Result<web_sys::Response, String> {
    #[cfg(feature = "panic-probe")]
    if let Some(answer) = probe::answer(request, &env).await {
        return answer;
    }
    let head = Rc::new(Head::of(request)?);
    let log = RequestLog::start(Rc::clone(&head));
    let (mut response, config) = match env::config(&env) {
        Ok(config) => {
            let request = convert(&head, request, &context);
            let runtime = Runtime { env: &env };
            (http::handle(&config, Kv(&env), runtime, request).await, Some(config))
        }
        Err(reason) => (Response::unusable(reason), None),
    };
    let line = log.write(response.status, &response.event);
    let of = log.origin();
    let mut events = log.write_documents(&response);
    if response.is_audited() {
        events.push(line);
    }
    let webhook = config.and_then(|config| config.webhook.clone());
    let webhook = webhook.filter(|_| !events.is_empty());
    let later = response.later.take();
    if later.is_some() || webhook.is_some() {
        let delivery = webhook.map(|webhook| (webhook, events));
        context.wait_until(async {
            until_abandoned(None, after_response(env, of, later, delivery)).await;
        });
    }
    convert_response(&response).map_err(|error| message(&error))
}

/// Does the work that a caller need not wait for.
async fn after_response(
    env: Env,
    of: Origin,
    later: Option<Later>,
    delivery: Option<(Rc<Webhook>, Vec<String>)>,
) {
    if let Some(later) = later {
        for (action, detail) in later.run(Kv(&env), Runtime { env: &env }).await {
            of.write_failure(action, &detail, None);
        }
    }
    let Some((webhook, events)) = delivery else { return };
    for event in events {
        if let Err(error) = webhook.deliver(&Runtime { env: &env }, &event).await {
            of.write_failure("deliver", &error.reason, Some(&error.event_id));
        }
    }
}

fn convert<'r>(
    head: &Rc<Head>,
    request: &'r web_sys::Request,
    context: &Context,
) -> Request<RequestBody<'r>> {
    let url = head.url().to_owned();
    Request {
        method: head.method().to_owned(),
        // Set by Cloudflare, whatever a caller sends.
        address: head.header("cf-connecting-ip").and_then(|text| text.parse().ok()),
        // Asked only where it could matter: every question to JavaScript costs.
        bound: if url.contains("/as/clients/") { binding_of(context) } else { Binding::Unmarked },
        certificate: ClientCertificate::from_report(head.certificate()),
        incoming: RequestBody::new(Rc::clone(head), request),
        url,
    }
}

fn binding_of(context: &Context) -> Binding {
    match glue::bound_as(context.as_ref()) {
        Ok(2) => Binding::ServerWithSecrets,
        Ok(1) => Binding::Server,
        _ => Binding::Unmarked,
    }
}

thread_local! {
    /// The headers of the sets that were used, as the runtime has them: to make them costs more than all else of a response.
    static MADE: RefCell<Vec<(HeaderSet, web_sys::Headers)>> = const { RefCell::new(Vec::new()) };
}

fn shared_headers(set: HeaderSet) -> Result<web_sys::Headers, JsValue> {
    MADE.with_borrow_mut(|made| {
        if let Some((_, headers)) = made.iter().find(|(of, _)| *of == set) {
            return Ok(headers.clone());
        }
        let headers = glue::make_headers(&glue::lines(set.headers().iter().copied()))?;
        made.push((set, headers.clone()));
        Ok(headers)
    })
}

fn convert_response(response: &Response) -> Result<web_sys::Response, JsValue> {
    let Response { status, header_set, own_headers, body, .. } = response;
    let own = glue::lines(own_headers.iter().map(|(name, value)| (*name, &**value)));
    glue::respond(*status, &shared_headers(*header_set)?, &own, body.as_deref())
}
