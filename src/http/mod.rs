//! HTTP as plain values: what comes in, what goes out, and [`handle`] between them. No runtime.

mod bearer;
mod body;
mod cors;
mod incoming;
mod refusal;
mod reply;
mod routes;

use crate::service::ports::{Clock, Entropy, Store};
use crate::service::{App, Config, Error, discovery::Documents, manage, register};
use crate::vocabulary::EntityTags;

pub use incoming::{Incoming, ReadError};
use refusal::Refusal;
use reply::Answer;
pub use reply::{Event, Response};
use routes::{Action, Route};

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
pub async fn handle<I: Incoming, S: Store, H: Clock + Entropy>(
    config: &Config,
    store: S,
    host: H,
    request: Request<I>,
) -> Response {
    let Request { method, origin, path, mut incoming } = request;
    let issuer = match config.issuer(&origin) {
        Ok(issuer) => issuer,
        Err(error) => return Response::refused(None, &Refusal::Config(error)),
    };
    let Some(route) = Route::find(&path, issuer.path()) else {
        return Response::refused(None, &Refusal::NotFound);
    };
    let app = App { issuer: &issuer, store, host };
    match route.action(&method) {
        Action::Preflight => Response::preflight(&route),
        Action::NotAllowed => {
            Response::refused(Some(&route), &Refusal::Method { allow: route.allow() })
        }
        Action::Respond => match respond(&app, &route, &method, &mut incoming).await {
            Ok(answer) => Response::answer(&route, answer),
            Err(refusal) => Response::refused(Some(&route), &refusal),
        },
    }
}

async fn respond<I: Incoming, S: Store, H: Clock + Entropy>(
    app: &App<'_, S, H>,
    route: &Route<'_>,
    method: &str,
    incoming: &mut I,
) -> Result<Answer, Refusal> {
    match route {
        Route::AuthorizationServer => {
            Ok(Answer::public(app.issuer.documents().authorization_server()))
        }
        Route::OpenidConfiguration => {
            let document = Documents::openid_configuration(app.issuer.documents());
            document.map(Answer::public).ok_or(Refusal::NotFound)
        }
        Route::Register => {
            let body = body::read(incoming).await?;
            Ok(Answer::created(register::register(app, &body).await?))
        }
        Route::Client(client_id) => {
            let token = bearer::token(incoming);
            let holder = manage::authenticate(app, client_id, token).await?;
            let expected = incoming.header("if-match").map(EntityTags::parse);
            match method {
                "PUT" => {
                    let body = body::read(incoming).await?;
                    let replaced = manage::replace(app, holder, &body, expected.as_ref()).await?;
                    Ok(Answer::information(replaced))
                }
                "DELETE" => {
                    manage::delete(app, holder, expected.as_ref()).await?;
                    Ok(Answer::gone())
                }
                _ => Ok(Answer::information(manage::read(app, holder, method == "GET").await?)),
            }
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}
