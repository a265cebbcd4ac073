//! HTTP as plain values: what comes in, what goes out, and [`handle`] between them. No runtime.

mod actions;
mod apis;
mod bearer;
mod body;
mod cors;
mod errors;
mod follow_up;
mod header_set;
mod incoming;
mod query;
mod refusal;
mod reply;
mod routes;

use std::net::IpAddr;
use std::pin::Pin;

use crate::service::ports::{Host, Store, StoreError};
use crate::service::{App, Applicant, Claimant, Config, Error, Issuer, development, manage};
use crate::vocabulary::{EntityTags, InitialAccessToken, Preconditions, RegistrationToken};

use cors::Access;
pub use follow_up::FollowUp;
pub use header_set::HeaderSet;
pub use incoming::{BodyLimits, Incoming, READ_HEADERS, ReadError, UPSTREAM_MARK};
use refusal::Refusal;
use reply::{Answer, Storing};
pub use reply::{Event, Response};
use routes::{Action, Route, Stub};

/// A request as far as it is known before its body is read.
#[derive(Debug)]
pub struct Request<I> {
    /// The method, as it was sent.
    pub method: String,
    /// Scheme, host and port of the URL.
    pub origin: String,
    /// The path of the URL, percent-encoded as it was sent.
    pub path: String,
    /// The query of the URL, percent-encoded as it was sent; empty where there is none.
    pub query: String,
    /// Where the request came from, as far as the runtime says.
    pub address: Option<IpAddr>,
    /// Whether it came through a binding that an operator has set up for the authorization server.
    pub bound: bool,
    /// Headers and body.
    pub incoming: I,
}

impl<I> Request<I> {
    /// The headers and the body, and the rest.
    fn split(self) -> (I, Request<()>) {
        let Self { method, origin, path, query, address, bound, incoming } = self;
        (incoming, Request { method, origin, path, query, address, bound, incoming: () })
    }
}

/// Answers a request. Never fails: whatever goes wrong becomes an answer and an [`Event`].
pub async fn handle<I: Incoming, S: Store, H: Host>(
    config: &Config,
    store: S,
    host: H,
    request: Request<I>,
) -> Response {
    let (incoming, request) = request.split();
    let find = |issuer: &Issuer| {
        let route = Route::find(&request.path, issuer.path())?;
        let exists = match route {
            Route::Stub(_) => issuer.is_development(),
            Route::Admin(_) => config.admin().is_some(),
            Route::Server(_) => config.authorization_server().is_some() || request.bound,
            _ => true,
        };
        exists.then_some(route)
    };
    let (issuer, route) = match config.find(&request.origin, find) {
        Ok(Some(found)) => found,
        Ok(None) => return Response::refused(None, &Refusal::NotFound),
        Err(error) => return Response::refused(None, &Refusal::Config(error)),
    };
    let app = App::new(&issuer, store, host);
    let access = cors::access(&issuer, &route, &request.origin, incoming.header("origin"));
    let mut exchange = Exchange { app: &app, config, request: &request, incoming };
    let mut used = None;
    let mut response = match route.action(&request.method) {
        _ if access == Access::Rejected => Response::refused(Some(&route), &Refusal::Origin),
        Action::Preflight => Response::preflight(&route),
        Action::NotAllowed => {
            Response::refused(Some(&route), &Refusal::Method { allow: route.allow() })
        }
        Action::Respond => match exchange.respond(&route).await {
            Ok(mut answer) => {
                used = answer.used.take();
                Response::answer(&route, answer)
            }
            Err(refusal) => Response::refused(Some(&route), &refusal),
        },
    };
    access.apply(&mut response);
    response.event.issuer = Some(issuer.identifier().to_owned());
    response.event.action = route.act(&request);
    if let Some(note) = app.take_note() {
        response.event.detail.get_or_insert(note);
    }
    response.follow_up = used.map(|client_id| FollowUp { issuer: issuer.clone(), client_id });
    response
}

/// A request that has found its route, and what there is to answer it.
struct Exchange<'x, 'a, I, S, H> {
    app: &'x App<'a, S, H>,
    config: &'x Config,
    request: &'x Request<()>,
    incoming: I,
}

impl<I: Incoming, S: Store, H: Host> Exchange<'_, '_, I, S, H> {
    async fn respond(&mut self, route: &Route<'_>) -> Result<Answer, Refusal> {
        match route {
            Route::AuthorizationServer | Route::OpenidConfiguration => {
                apart(self.discover(route)).await
            }
            Route::Register => apart(self.register()).await,
            Route::Client(client_id) => {
                let managed = apart(self.manage(client_id)).await;
                // If the store fails, the token is not known to be right: that counts like a wrong one.
                if let Err(Refusal::Service(
                    Error::BadToken | Error::Store(StoreError::Unavailable(_)) | Error::Record(_),
                )) = managed
                {
                    self.app.count_failure(self.request.address).await?;
                }
                managed
            }
            Route::Server(route) => apart(self.ask(*route)).await,
            Route::Admin(route) => apart(self.administer(*route)).await,
            Route::Stub(Stub::Jwks) => Ok(Answer::keys(development::JWKS)),
            Route::Stub(_) => Err(Refusal::NoAuthorizationServer),
        }
    }

    async fn discover(&mut self, route: &Route<'_>) -> Result<Answer, Refusal> {
        let overlaid = self.app.issuer().upstream_url().is_some();
        if overlaid && self.incoming.header(UPSTREAM_MARK).is_some() {
            return Err(Refusal::Loop);
        }
        let profile = self.app.profile().await?;
        let documents = &profile.documents;
        let json = match route {
            Route::OpenidConfiguration => documents.openid_configuration(),
            _ => Some(documents.authorization_server()),
        };
        let json = json.ok_or(Refusal::NotFound)?;
        let wanted = preconditions(&self.incoming);
        if !wanted.allow_match(documents.version()) {
            return Err(Error::Changed.into());
        }
        let json = wanted.allow_news(documents.version()).then_some(json);
        let storing = Storing {
            cache_control: self.app.issuer().cache_control(),
            on_one_host: self.config.is_on_one_host(),
            overlaid,
        };
        Ok(Answer::public(json, documents.version(), &storing))
    }

    async fn register(&mut self) -> Result<Answer, Refusal> {
        let asked = self.request.dry_run();
        let dry_run = !matches!(asked, Ok(false));
        let token = bearer::token(&self.incoming, InitialAccessToken::presented);
        let applicant = Applicant { token, address: self.request.address, dry_run };
        let admission = self.app.admit(applicant).await?;
        // Not before it is counted; whatever it may mean, it takes no use of a token.
        asked?;
        let body = body::read(&mut self.incoming).await?;
        if dry_run {
            return Ok(Answer::json(self.app.rehearse(admission, &body).await?));
        }
        Ok(Answer::created(self.app.register(admission, &body).await?))
    }

    async fn manage(&mut self, client_id: &str) -> Result<Answer, Refusal> {
        let token = bearer::token(&self.incoming, RegistrationToken::presented);
        let address = self.request.address;
        let preconditions = preconditions(&self.incoming);
        let claimant = Claimant { client_id, token, preconditions, address };
        claimant.require_token()?;
        self.app.check_place(address)?;
        if self.request.method == "PUT" {
            self.app.count_place(address).await?;
        } else {
            self.app.count_read(address).await?;
        }
        match &*self.request.method {
            "PUT" => {
                body::check(&self.incoming)?;
                // A stranger's body is not read.
                let found = manage::find(self.app, &claimant).await?;
                let body = body::read(&mut self.incoming).await?;
                let replaced = manage::replace(self.app, &claimant, found, &body).await?;
                Ok(Answer::information(replaced))
            }
            "DELETE" => {
                manage::delete(self.app, &claimant).await?;
                Ok(Answer::empty())
            }
            method => match manage::read(self.app, &claimant, method == "GET").await {
                Ok(information) => Ok(Answer::information(information)),
                Err(Error::Unmodified(version)) => Ok(Answer::unmodified(&version)),
                Err(error) => Err(error.into()),
            },
        }
    }
}

/// Keeps a future a function of its own. Else all operations become one, which V8 compiles as a whole for the
/// first request of an isolate.
fn apart<'f, T>(future: impl Future<Output = T> + 'f) -> Pin<Box<dyn Future<Output = T> + 'f>> {
    Box::pin(future)
}

fn preconditions(incoming: &impl Incoming) -> Preconditions {
    Preconditions {
        if_match: incoming.header("if-match").map(EntityTags::parse),
        if_none_match: incoming.header("if-none-match").map(EntityTags::parse),
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}
