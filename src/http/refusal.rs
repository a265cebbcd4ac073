//! What went wrong, and the one switch to what a caller is told of it.

use std::borrow::Cow;

use serde::Serialize;

use super::incoming::ReadError;
use crate::client::{Problem, limits};
use crate::service::{ConfigError, Error};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) enum Refusal {
    NotFound,
    Method {
        allow: &'static str,
    },
    MediaType,
    TooLarge,
    Read(ReadError),
    Config(ConfigError),
    /// Our own request for an authorization server's document came back to us.
    Loop,
    /// The operator's API needs the operator's token.
    NoAdminToken,
    /// It is not the operator's token.
    BadAdminToken,
    /// A developer's machine has no authorization server.
    NoAuthorizationServer,
    Service(Error),
}

/// What an error looks like on the wire (RFC 6749 §5.2, RFC 7591 §3.2.2).
#[derive(Serialize)]
pub(super) struct WireError<'e> {
    pub error: &'static str,
    error_description: Cow<'static, str>,
    /// Every problem, in the order of the members: an extension.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'e [Problem],
}

impl Refusal {
    /// The one switch from what went wrong to what a caller is told.
    pub fn on_the_wire(&self) -> (u16, WireError<'_>) {
        let wire = |status, error, description: Cow<'static, str>| {
            (status, WireError { error, error_description: description, errors: &[] })
        };
        match self {
            Self::NotFound => wire(404, "invalid_request", "There is nothing at this path".into()),
            Self::Method { allow } => {
                let text = format!("This path has no such method; it has: {allow}");
                wire(405, "invalid_request", text.into())
            }
            Self::MediaType => {
                let text =
                    "The body must be uncompressed JSON with the media type application/json";
                wire(415, "invalid_request", text.into())
            }
            Self::TooLarge => {
                let text = format!("The body must not be larger than {} bytes", limits::BODY);
                wire(413, "invalid_request", text.into())
            }
            Self::Read(_) => wire(400, "invalid_request", "The body did not arrive whole".into()),
            Self::Loop => {
                let text = "UPSTREAM_METADATA of this server leads back to itself";
                wire(508, "server_error", text.into())
            }
            Self::NoAuthorizationServer => {
                let text = "No authorization server is configured yet: this is a registrar on a \
                            developer's machine. Set ISSUER and METADATA in wrangler.toml";
                wire(501, "server_error", text.into())
            }
            Self::Service(Error::Metadata(problems)) => {
                let code =
                    problems.first().map_or("invalid_client_metadata", |p| p.rule.code().as_str());
                let text = problems.first().map(ToString::to_string).unwrap_or_default();
                let error =
                    WireError { error: code, error_description: text.into(), errors: problems };
                (400, error)
            }
            Self::NoAdminToken | Self::BadAdminToken => {
                let text = "This needs the operator's token in an Authorization: Bearer header";
                wire(401, "invalid_token", text.into())
            }
            Self::Service(Error::Closed) => {
                wire(403, "access_denied", "Registration is closed on this server".into())
            }
            Self::Service(Error::NoInitialToken) => {
                let text = "Registration here needs an initial access token in an Authorization: \
                            Bearer header";
                wire(401, "invalid_token", text.into())
            }
            Self::Service(Error::BadInitialToken) => {
                let text = "The initial access token is unknown, expired, revoked or used up";
                wire(401, "invalid_token", text.into())
            }
            Self::Service(Error::Limited) => {
                let text = "There were too many requests; try again in a minute";
                wire(429, "temporarily_unavailable", text.into())
            }
            Self::Service(Error::Request(text)) => {
                wire(400, "invalid_request", text.clone().into())
            }
            Self::Service(Error::Unknown) => {
                wire(404, "invalid_request", "There is nothing of this name".into())
            }
            Self::Service(Error::NoToken) => {
                let text =
                    "This needs the registration access token in an Authorization: Bearer header";
                wire(401, "invalid_token", text.into())
            }
            Self::Service(Error::BadToken) => {
                let text = "The registration access token is not valid for this client";
                wire(401, "invalid_token", text.into())
            }
            Self::Service(Error::Changed) => {
                let text =
                    "The registration is not in the state that If-Match names; read it again";
                wire(412, "invalid_request", text.into())
            }
            Self::Service(Error::Store(_)) => {
                let text = "The registration could not be stored or read just now; try again";
                wire(503, "temporarily_unavailable", text.into())
            }
            Self::Service(Error::Upstream(_)) => {
                let text = "The authorization server's metadata cannot be read just now; try again";
                wire(503, "temporarily_unavailable", text.into())
            }
            Self::Config(ConfigError::NoIssuer) => {
                let text = "This server has no issuer configured; its operator has to set one";
                wire(500, "server_error", text.into())
            }
            Self::Config(_) => {
                let text = "This server is not configured correctly; its log says what is wrong";
                wire(500, "server_error", text.into())
            }
            Self::Service(
                Error::Record(_)
                | Error::Entropy(_)
                | Error::Json(_)
                | Error::Book(_)
                | Error::Unmodified(_),
            ) => wire(500, "server_error", "The server failed to answer; its log says why".into()),
        }
    }

    /// Headers of this refusal alone.
    pub fn headers(&self) -> Option<(&'static str, Cow<'static, str>)> {
        match self {
            Self::Method { allow } => Some(("allow", (*allow).into())),
            // RFC 6750 §3: without a token there is no error to name.
            Self::NoAdminToken => Some(("www-authenticate", "Bearer realm=\"admin\"".into())),
            Self::BadAdminToken => {
                let challenge = "Bearer realm=\"admin\", error=\"invalid_token\"";
                Some(("www-authenticate", challenge.into()))
            }
            Self::Service(Error::NoToken | Error::NoInitialToken) => {
                Some(("www-authenticate", "Bearer realm=\"registration\"".into()))
            }
            Self::Service(Error::BadToken | Error::BadInitialToken) => {
                let challenge = "Bearer realm=\"registration\", error=\"invalid_token\"";
                Some(("www-authenticate", challenge.into()))
            }
            Self::Service(Error::Store(_)) => Some(("retry-after", "2".into())),
            Self::Service(Error::Limited) => Some(("retry-after", "60".into())),
            Self::Service(Error::Upstream(_)) => Some(("retry-after", "10".into())),
            Self::MediaType => Some(("accept", "application/json".into())),
            _ => None,
        }
    }

    /// What an operator needs to know.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Config(error) => Some(error.to_string()),
            Self::Read(ReadError(reason)) => Some(reason.clone()),
            // The status and the outcome say it already.
            Self::Service(
                Error::NoToken
                | Error::BadToken
                | Error::NoInitialToken
                | Error::BadInitialToken
                | Error::Closed
                | Error::Limited
                | Error::Unknown
                | Error::Changed,
            ) => None,
            Self::Service(error) => Some(error.to_string()),
            _ => None,
        }
    }
}
