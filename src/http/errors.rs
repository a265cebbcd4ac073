//! What a caller is told of what went wrong inside: a status, an error code, and a sentence in which there is
//! nothing internal.

use std::borrow::Cow;

use crate::service::Error;

/// Status, `error`, `error_description`.
pub(super) type Told = (u16, &'static str, Cow<'static, str>);

/// What is told of `error`.
pub(super) fn told(error: &Error) -> Told {
    match error {
        Error::Metadata(problems) => {
            let first = problems.told().first();
            let code = first.map_or("invalid_client_metadata", |p| p.rule.code().as_str());
            let text = first.map(ToString::to_string).unwrap_or_default();
            (400, code, text.into())
        }
        Error::InvalidClient { .. } => {
            (401, "invalid_client", "There is no such client, or it has another secret".into())
        }
        Error::Disabled => {
            let text = "This registration is disabled by the operator of the server";
            (403, "access_denied", text.into())
        }
        Error::Busy => {
            let text = "Another change of this registration is being made; try again";
            (503, "temporarily_unavailable", text.into())
        }
        Error::Closed => (403, "access_denied", "Registration is closed on this server".into()),
        Error::NoInitialToken => {
            let text = "Registration here needs an initial access token in an Authorization: \
                        Bearer header";
            (401, "invalid_token", text.into())
        }
        Error::BadInitialToken => {
            let text = "The initial access token is unknown, expired, revoked or used up";
            (401, "invalid_token", text.into())
        }
        Error::Limited => {
            let text = "There were too many requests; try again in a minute";
            (429, "temporarily_unavailable", text.into())
        }
        Error::Request(text) => (400, "invalid_request", text.clone().into()),
        Error::Unknown => (404, "not_found", "There is nothing of this name".into()),
        Error::NoToken => {
            let text =
                "This needs the registration access token in an Authorization: Bearer header";
            (401, "invalid_token", text.into())
        }
        Error::BadToken => {
            let text = "The registration access token is not valid for this client";
            (401, "invalid_token", text.into())
        }
        Error::Changed => {
            let text = "The registration is not in the state that If-Match names; read it again";
            (412, "invalid_request", text.into())
        }
        Error::Store(_) => {
            let text = "The registration could not be stored or read just now; try again";
            (503, "temporarily_unavailable", text.into())
        }
        Error::Upstream(_) => {
            let text = "The authorization server's metadata cannot be read just now; try again";
            (503, "temporarily_unavailable", text.into())
        }
        Error::Curves(_) => {
            let text = "The keys in jwks could not be checked just now; try again";
            (503, "temporarily_unavailable", text.into())
        }
        Error::Record(_)
        | Error::Entropy(_)
        | Error::Json(_)
        | Error::Book(_)
        | Error::Unmodified(_) => {
            (500, "server_error", "The server failed to answer; its log says why".into())
        }
    }
}
