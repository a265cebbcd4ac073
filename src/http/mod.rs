//! HTTP as plain values: what comes in, what goes out, and [`handle`] between them. No runtime.

mod actions;
mod apis;
mod bearer;
mod body;
mod cors;
mod errors;
mod finding;
mod header_set;
mod incoming;
mod later;
mod log_line;
mod managing;
mod query;
mod refusal;
mod refusals;
mod reply;
mod routes;

use std::future::ready;
use std::net::IpAddr;
use std::pin::Pin;

use serde_json::json;
use url::{ParseError, Position, Url};

use crate::gate::{Applicant, RejectionCount};
use crate::issuer::{Config, Issuer, UPSTREAM_MARK, development};
use crate::records::{DocumentAction, Store};
use crate::runtime::Clock;
use crate::service::{self, Error, IssuerContext, Ports};
use crate::vocabulary::{
    ClientCertificate, EntityTags, IdempotencyKey, InitialAccessToken, Preconditions, json_text,
};

pub use actions::action_names;
use cors::Access;
pub use header_set::HeaderSet;
pub use incoming::{BodyLimits, Incoming, READ_HEADERS, ReadError};
pub use later::Later;
pub use log_line::LogLine;
use refusal::Refusal;
pub use refusals::{REFUSALS, RefusalRow};
use reply::{Answer, Storing};
pub use reply::{Event, Response};
pub use routes::{ALIASES, Caller, Endpoint, Operation, ROUTES};
use routes::{Action, Route};

/// A request as far as it is known before its body is read.
#[derive(Debug)]
pub struct Request<I> {
    /// The method, as it was sent.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The address that the request came from, if the runtime says.
    pub address: Option<IpAddr>,
    /// The binding that it came through.
    pub bound: Binding,
    /// The certificate of the TLS client, if it presented one. Only the runtime says so, never a header.
    pub certificate: Option<ClientCertificate>,
    /// Headers and body.
    pub incoming: I,
}

/// A service binding between the authorization server and this Worker, with the properties that the operator gives to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// None, or one without these properties.
    Unmarked,
    /// `authorization_server = true`.
    Server,
    /// The same, and `secrets = true`: client secrets may be asked for.
    ServerWithSecrets,
}

/// A request without its headers and its body.
#[derive(Debug)]
struct RequestHead {
    method: String,
    url: Url,
    address: Option<IpAddr>,
    bound: Binding,
    certificate: Option<ClientCertificate>,
}

impl<I> Request<I> {
    /// The headers and the body, and the rest.
    ///
    /// # Errors
    /// The URL does not parse: no issuer has a host like that.
    fn split(self) -> Result<(I, RequestHead), ParseError> {
        let Self { method, url, address, bound, certificate, incoming } = self;
        let url = Url::parse(&url)?;
        Ok((incoming, RequestHead { method, url, address, bound, certificate }))
    }
}

/// Answers a request. Never fails: whatever goes wrong becomes an answer and an [`Event`].
pub async fn handle<I: Incoming, S: Store, R: Ports>(
    config: &Config,
    store: S,
    runtime: R,
    request: Request<I>,
) -> Response {
    let Ok((incoming, request)) = request.split() else {
        return Response::refused(None, &refusals::NOT_FOUND.refusal());
    };
    let (issuer, route) = match finding::find(config, &request) {
        Ok(found) => found,
        Err(refusal) => return Response::refused(None, &refusal),
    };
    let own = &request.url[..Position::AfterPort];
    let access = cors::access(&issuer, &route, own, incoming.header("origin"));
    let mut exchange = Exchange {
        context: IssuerContext::new(&issuer, store, &runtime),
        config,
        request: &request,
        incoming,
    };
    let mut used = None;
    let is_preflight = request.method == "OPTIONS" && route.is_for_browsers();
    let mut response = match route.action(&request.method) {
        _ if access == Access::Rejected => {
            Response::refused(Some(&route), &refusals::ORIGIN_NOT_LISTED.refusal())
        }
        _ if is_preflight => Response::preflight(&route),
        None => {
            let refusal = refusals::METHOD_NOT_ALLOWED.with(route.allow());
            Response::refused(Some(&route), &refusal)
        }
        Some(action) => match exchange.respond(action, &route).await {
            Ok(mut answer) => {
                used = answer.used.take();
                Response::answer(&route, answer)
            }
            Err(refusal) => Response::refused(Some(&route), &refusal),
        },
    };
    access.apply(&mut response);
    response.event.issuer = Some(issuer.identifier().to_owned());
    response.event.action = actions::name_action(&route, &request);
    if let Some(note) = exchange.context.records.take_notes() {
        response.event.detail.get_or_insert(note);
    }
    response.document_events = exchange.context.take_events();
    if let Some(client_id) = exchange.context.take_subject() {
        response.event.client_id.get_or_insert(client_id);
    }
    let rejections = count_rejections(&issuer, &response.event, &runtime);
    let requests = issuer.request_counts.take_due(runtime.milliseconds());
    if used.is_some() || !rejections.is_empty() || !requests.is_empty() {
        response.later = Some(Later { issuer: issuer.clone(), used, rejections, requests });
    }
    response
}

/// Counts what a client was rejected for. Returns the counts that are due to be written down.
fn count_rejections(issuer: &Issuer, event: &Event, clock: &impl Clock) -> Vec<RejectionCount> {
    if !matches!(event.action, "register" | "update") || event.rejections.is_empty() {
        return Vec::new();
    }
    issuer.rejections.count(&event.rejections, clock.now());
    issuer.rejections.take_due(clock.milliseconds()).unwrap_or_default()
}

/// A handler at work.
type Handling<'x> = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + 'x>>;

/// A request that has found its route, and what there is to answer it.
struct Exchange<'x, I, S, R> {
    context: IssuerContext<'x, S, R>,
    config: &'x Config,
    request: &'x RequestHead,
    incoming: I,
}

impl<I: Incoming, S: Store, R: Ports> Exchange<'_, I, S, R> {
    /// 1. The caller's token, where the route needs one: 401. Then a dry run of what the operator changes: 400.
    /// 2. The handler of the action.
    async fn respond(&mut self, action: Action, route: &Route<'_>) -> Result<Answer, Refusal> {
        // 1.
        match route.caller() {
            Caller::AuthorizationServer => self.require_server().await?,
            Caller::Operator => {
                self.require_operator().await?;
                if !matches!(&*self.request.method, "GET" | "HEAD") {
                    self.request.reject_dry_run()?;
                }
            }
            Caller::Anyone | Caller::Client | Caller::Developer => {}
        }
        // 2.
        self.start(action, route.id).await
    }

    /// Starts the handler of `action`, with the identifier in the path.
    ///
    /// The future of each handler stays a function of its own. Else all handlers become one function, which V8
    /// compiles as a whole for the first request of an isolate.
    fn start<'x>(&'x mut self, action: Action, id: &'x str) -> Handling<'x> {
        match action {
            Action::DiscoverOauth | Action::DiscoverOpenid => Box::pin(self.discover(action)),
            Action::ListIssuers => Box::pin(ready(Ok(self.list_issuers()))),
            Action::Register => Box::pin(self.register()),
            Action::ServeDocument => Box::pin(self.serve_document(id)),
            Action::Read | Action::Update | Action::Delete => Box::pin(self.manage(action, id)),
            Action::LookUpAny => Box::pin(self.look_up_any()),
            Action::LookUp => Box::pin(self.look_up(id)),
            Action::Authenticate => Box::pin(self.authenticate()),
            Action::CheckRedirectUri => Box::pin(self.check_redirect_uri(id)),
            Action::ListTokens => Box::pin(self.list_tokens()),
            Action::MintToken => Box::pin(self.mint_token()),
            Action::RevokeToken => Box::pin(self.revoke_token(id)),
            Action::ListClients => Box::pin(self.list_clients()),
            Action::CreateClient => Box::pin(self.create_client()),
            Action::EditClient => Box::pin(self.edit_client(id)),
            Action::ListRejections => Box::pin(self.list_rejections()),
            Action::GetClient => Box::pin(self.get_client(id)),
            Action::DeleteClient => Box::pin(self.delete_client(id)),
            Action::DisableClient => Box::pin(self.set_enabled(id, false)),
            Action::EnableClient => Box::pin(self.set_enabled(id, true)),
            Action::ApproveClient => Box::pin(self.approve_client(id)),
            Action::RejectClient => Box::pin(self.reject_client(id)),
            Action::RotateCredential => Box::pin(self.rotate_credential(id)),
            Action::DeleteClients => Box::pin(self.delete_clients()),
            Action::ExportClients => Box::pin(self.export_clients()),
            Action::ImportClients => Box::pin(self.import_clients()),
            Action::ListDocuments => Box::pin(self.list_documents()),
            Action::RefreshDocument => Box::pin(self.refresh_document()),
            Action::BlockDocument => Box::pin(self.decide(DocumentAction::Block)),
            Action::UnblockDocument => Box::pin(self.decide(DocumentAction::Unblock)),
            Action::PinDocument => Box::pin(self.decide(DocumentAction::Pin)),
            Action::UnpinDocument => Box::pin(self.decide(DocumentAction::Unpin)),
            Action::Jwks => Box::pin(ready(Ok(Answer::json(development::JWKS.to_owned())))),
            Action::Authorize | Action::Token => {
                Box::pin(ready(Err(refusals::NO_AUTHORIZATION_SERVER.refusal())))
            }
        }
    }

    async fn discover(&mut self, action: Action) -> Result<Answer, Refusal> {
        let overlaid = self.context.issuer.upstream_url().is_some();
        if overlaid && self.incoming.header(UPSTREAM_MARK).is_some() {
            return Err(refusals::UPSTREAM_LOOP.refusal());
        }
        let profile =
            self.context.issuer.profile(&self.context.records, self.context.runtime).await?;
        let documents = &profile.documents;
        let json = match action {
            Action::DiscoverOpenid => documents.openid_configuration(),
            _ => Some(documents.authorization_server()),
        };
        let json = json.ok_or_else(|| refusals::NOT_FOUND.refusal())?;
        let wanted = preconditions(&self.incoming);
        if !wanted.if_match_passes(documents.version()) {
            return Err(refusals::DOCUMENT_CHANGED.refusal());
        }
        let json = wanted.if_none_match_passes(documents.version()).then_some(json);
        let storing = Storing {
            cache_control: &self.context.issuer.cache_control,
            on_one_host: self.config.is_on_one_host,
            overlaid,
        };
        Ok(Answer::document(json, documents.version(), &storing))
    }

    /// The issuers of this host that their operator lists; an empty list where there is none.
    fn list_issuers(&self) -> Answer {
        let issuers = self.config.listed_issuers(&self.request.url);
        Answer::json(json_text(&json!({"issuers": issuers})))
    }

    async fn register(&mut self) -> Result<Answer, Refusal> {
        let may_be_signed = self.context.gate.settings.statements.take_signed_requests();
        let asked = self.request.dry_run();
        let dry_run = matches!(asked, Ok(true));
        let token = bearer::token(&self.incoming, InitialAccessToken::presented);
        // A dry run has nothing to repeat.
        let key = if dry_run { Ok(None) } else { self.idempotency_key() };
        let claim = key.as_ref().ok().and_then(Option::as_ref).map(|key| key.digest().into());
        let RequestHead { address, ref certificate, .. } = *self.request;
        let certificate = certificate.clone();
        let applicant = Applicant { token, address, certificate, claim };
        let applicant = self.context.gate.count_applicant(applicant).await?;
        // Judged only once the request is counted, and before its token costs a call.
        let judged = asked
            .map_err(Refusal::from)
            .and_then(|_| body::check_metadata(&self.incoming, may_be_signed));
        let (judged, key) = match key {
            Ok(key) => (judged, key),
            Err(error) => (judged.and(Err(error.into())), None),
        };
        let media_type = match judged {
            Ok(media_type) => media_type,
            Err(refusal) => {
                self.context.gate.count_unadmitted(&applicant).await?;
                return Err(refusal);
            }
        };
        let admission = self.context.gate.admit(&self.context.records, applicant).await?;
        let body = body::read_metadata(&mut self.incoming, media_type).await?;
        // In boxes: a request that still waits for its body holds no memory for what comes later.
        if dry_run {
            let tried = Box::pin(service::dry_run(&self.context, &admission, &body));
            return Ok(Answer::json(tried.await?));
        }
        let registered = match key {
            Some(key) => {
                Box::pin(service::register_once(&self.context, admission, &key, body)).await?
            }
            None => Box::pin(service::register(&self.context, admission, body)).await?,
        };
        Ok(Answer::created(registered))
    }

    /// The key under which the registration may be repeated. Without `ID_KEY` there is nothing that credentials could be
    /// derived from, so the header is ignored.
    fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Error> {
        let sent = self.incoming.header("idempotency-key");
        let Some(text) = sent.filter(|_| self.context.issuer.client_ids.ring().is_some()) else {
            return Ok(None);
        };
        let wrong = "Idempotency-Key must be 22 to 255 visible ASCII characters without spaces";
        IdempotencyKey::parse(&text).map(Some).ok_or_else(|| Error::Request(wrong.into()))
    }
}

fn preconditions(incoming: &impl Incoming) -> Preconditions {
    Preconditions {
        if_match: incoming.header("if-match").map(EntityTags::parse),
        if_none_match: incoming.header("if-none-match").map(EntityTags::parse),
    }
}
