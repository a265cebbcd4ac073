//! HTTP as plain values: what comes in, what goes out, and [`handle`] between them. No runtime.

mod bearer;
mod body;
mod cors;
mod incoming;
mod refusal;
mod reply;
mod routes;

use crate::service::ports::{Host, Store};
use crate::service::{App, Claimant, Config, Error, Issuer, development, manage, register};
use crate::vocabulary::{EntityTags, Preconditions};

pub use incoming::{Incoming, ReadError};
use refusal::Refusal;
use reply::Answer;
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
    /// Headers and body.
    pub incoming: I,
}

/// Answers a request. Never fails: whatever goes wrong becomes an answer and an [`Event`].
pub async fn handle<I: Incoming, S: Store, H: Host>(
    config: &Config,
    store: S,
    host: H,
    request: Request<I>,
) -> Response {
    let Request { method, origin, path, mut incoming } = request;
    let route = |issuer: &Issuer| {
        let route = Route::find(&path, issuer.path())?;
        (issuer.is_development() || !route.is_stub()).then_some(route)
    };
    let (issuer, route) = match config.find(&origin, route) {
        Ok(Some(found)) => found,
        Ok(None) => return Response::refused(None, &Refusal::NotFound),
        Err(error) => return Response::refused(None, &Refusal::Config(error)),
    };
    let app = App::new(&issuer, store, host);
    let mut response = match route.action(&method) {
        Action::Preflight => Response::preflight(&route),
        Action::NotAllowed => {
            Response::refused(Some(&route), &Refusal::Method { allow: route.allow() })
        }
        Action::Respond => match respond(&app, &route, &method, &mut incoming).await {
            Ok(answer) => Response::answer(&route, answer),
            Err(refusal) => Response::refused(Some(&route), &refusal),
        },
    };
    response.event.issuer = Some(issuer.identifier().to_owned());
    if let Some(note) = app.take_note() {
        response.event.detail.get_or_insert(note);
    }
    response
}

/// The header that marks our own request for an authorization server's document.
pub const UPSTREAM_MARK: &str = "rollcall-upstream";

async fn respond<I: Incoming, S: Store, H: Host>(
    app: &App<'_, S, H>,
    route: &Route<'_>,
    method: &str,
    incoming: &mut I,
) -> Result<Answer, Refusal> {
    match route {
        Route::AuthorizationServer | Route::OpenidConfiguration => {
            if incoming.header(UPSTREAM_MARK).is_some() {
                return Err(Refusal::Loop);
            }
            let profile = app.profile().await?;
            let documents = &profile.documents;
            let json = match route {
                Route::OpenidConfiguration => documents.openid_configuration(),
                _ => Some(documents.authorization_server()),
            };
            let json = json.ok_or(Refusal::NotFound)?;
            let wanted = preconditions(incoming);
            if !wanted.allow_match(documents.version()) {
                return Err(Error::Changed.into());
            }
            let json = wanted.allow_news(documents.version()).then_some(json);
            Ok(Answer::public(json, app.issuer().cache_control(), documents.version()))
        }
        Route::Stub(Stub::Jwks) => Ok(Answer::keys(development::JWKS)),
        Route::Stub(_) => Err(Refusal::NoAuthorizationServer),
        Route::Register => {
            let body = body::read(incoming).await?;
            Ok(Answer::created(register::register(app, &body).await?))
        }
        Route::Client(client_id) => {
            let token = bearer::token(incoming);
            let claimant = Claimant { client_id, token, preconditions: preconditions(incoming) };
            match method {
                "PUT" => {
                    // The body first: the registration may change while it arrives.
                    claimant.require_token()?;
                    let body = body::read(incoming).await?;
                    Ok(Answer::information(manage::replace(app, &claimant, &body).await?))
                }
                "DELETE" => {
                    manage::delete(app, &claimant).await?;
                    Ok(Answer::gone())
                }
                _ => match manage::read(app, &claimant, method == "GET").await {
                    Ok(information) => Ok(Answer::information(information)),
                    Err(Error::Unmodified(version)) => Ok(Answer::unmodified(&version)),
                    Err(error) => Err(error.into()),
                },
            }
        }
    }
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
