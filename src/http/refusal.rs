//! What went wrong, and the one switch to what a caller is told of it.

use std::borrow::Cow;

use serde::Serialize;

use super::errors::{self, Told};
use crate::client::{Problem, Shown};
use crate::service::{ConfigError, Error};
use crate::vocabulary::ClientId;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) enum Refusal {
    NotFound,
    Method {
        allow: &'static str,
    },
    /// A page on an origin that the operator has not listed.
    Origin,
    /// Another media type than this one.
    MediaType(&'static str),
    /// A body in this content coding, or what is named as one.
    Coding(String),
    /// More bytes than so many.
    TooLarge(usize),
    /// The body did not arrive within so many seconds.
    TooSlow {
        seconds: u32,
    },
    /// The body was cut off; the reason that the runtime gives, for the log.
    Broken(String),
    Config(ConfigError),
    /// There is no configuration to serve with; why, for the log.
    Unusable(String),
    /// Our own request for an authorization server's document came back to us.
    Loop,
    /// The operator's API needs the operator's token.
    NoAdminToken,
    /// It is not the operator's token.
    BadAdminToken,
    /// The authorization server's API needs the authorization server's token.
    NoServerToken,
    /// It is not the authorization server's token.
    BadServerToken,
    /// A developer's machine has no authorization server.
    NoAuthorizationServer,
    Service(Error),
}

/// What an error looks like on the wire (RFC 6749 §5.2, RFC 7591 §3.2.2).
#[derive(Serialize)]
pub(super) struct WireError<'e> {
    pub error: &'static str,
    error_description: Cow<'static, str>,
    /// The first problems, in the order of the members: an extension.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'e [Problem],
    /// How many there are besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_errors: Option<usize>,
}

impl Refusal {
    /// The one switch from what went wrong to what a caller is told.
    pub fn on_the_wire(&self) -> (u16, WireError<'_>) {
        let (errors, more) = match self {
            Self::Service(Error::Metadata(problems)) => (problems.told(), problems.more()),
            _ => (&[][..], 0),
        };
        let more_errors = (more > 0).then_some(more);
        let (status, error, error_description) = self.told();
        (status, WireError { error, error_description, errors, more_errors })
    }

    fn told(&self) -> Told {
        match self {
            Self::NotFound => (404, "invalid_request", "There is nothing at this path".into()),
            Self::Method { allow } => {
                let text = format!("This path has no such method; it has: {allow}");
                (405, "invalid_request", text.into())
            }
            Self::Origin => {
                let text = "Pages on this origin may not register clients here: the operator of the \
                            server has listed those that may";
                (403, "access_denied", text.into())
            }
            Self::MediaType(expected) => {
                let text = format!("The body must have the media type {expected}");
                (415, "invalid_request", text.into())
            }
            Self::Coding(coding) => (415, "invalid_request", coding_text(coding).into()),
            Self::TooLarge(limit) => {
                let text = format!("The body must not be larger than {limit} bytes");
                (413, "invalid_request", text.into())
            }
            Self::TooSlow { seconds } => {
                let text =
                    format!("The body did not arrive within {seconds} seconds; send it again");
                (408, "invalid_request", text.into())
            }
            Self::Broken(_) => (400, "invalid_request", "The body did not arrive whole".into()),
            Self::Loop => {
                let text = "UPSTREAM_METADATA of this server leads back to itself";
                (508, "server_error", text.into())
            }
            Self::NoAuthorizationServer => {
                let text = "No authorization server is configured yet: this is a registrar on a \
                            developer's machine. Set ISSUER and METADATA in wrangler.toml";
                (501, "server_error", text.into())
            }
            Self::BadAdminToken => {
                (401, "invalid_token", "That is not the operator's token".into())
            }
            Self::BadServerToken => {
                (401, "invalid_token", "That is not the authorization server's token".into())
            }
            Self::NoAdminToken => {
                let text = "This needs the operator's token in an Authorization: Bearer header";
                (401, "invalid_token", text.into())
            }
            Self::NoServerToken => {
                let text = "This needs the authorization server's token in an Authorization: \
                            Bearer header";
                (401, "invalid_token", text.into())
            }
            Self::Config(ConfigError::NoIssuer) => {
                let text = "This server has no issuer configured; its operator has to set one";
                (500, "server_error", text.into())
            }
            Self::Config(_) | Self::Unusable(_) => {
                let text = "This server is not configured correctly; its log says what is wrong";
                (500, "server_error", text.into())
            }
            Self::Service(error) => errors::told(error),
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
            Self::NoServerToken => Some(("www-authenticate", "Bearer realm=\"as\"".into())),
            Self::BadServerToken => {
                let challenge = "Bearer realm=\"as\", error=\"invalid_token\"";
                Some(("www-authenticate", challenge.into()))
            }
            // RFC 6749 §5.2: what a client has tried in a header is answered in one. For the client, to whom
            // the authorization server may pass it on as it is.
            Self::Service(Error::InvalidClient { basic: true, .. }) => {
                Some(("www-authenticate", "Basic realm=\"token\"".into()))
            }
            Self::Service(Error::NoToken | Error::NoInitialToken) => {
                Some(("www-authenticate", "Bearer realm=\"registration\"".into()))
            }
            Self::Service(Error::BadToken | Error::BadInitialToken) => {
                let challenge = "Bearer realm=\"registration\", error=\"invalid_token\"";
                Some(("www-authenticate", challenge.into()))
            }
            Self::Service(Error::Store(_) | Error::Curves(_) | Error::Busy) => {
                Some(("retry-after", "2".into()))
            }
            Self::Service(Error::Limited) => Some(("retry-after", "60".into())),
            Self::Service(Error::Upstream(_)) => Some(("retry-after", "10".into())),
            // RFC 9110 §15.5.16: what would have been taken.
            Self::MediaType(expected) => Some(("accept", (*expected).into())),
            Self::Coding(_) => Some(("accept-encoding", "identity".into())),
            _ => None,
        }
    }

    /// Whether anybody can cause it in any number: it is behind no limit, or beyond one.
    pub fn is_unlimited(&self) -> bool {
        matches!(
            self,
            Self::NotFound
                | Self::Method { .. }
                | Self::Origin
                | Self::NoAdminToken
                | Self::NoServerToken
                | Self::Unusable(_)
                | Self::Service(
                    Error::NoToken
                        | Error::NoInitialToken
                        | Error::Closed
                        | Error::Limited
                        | Error::Changed
                        | Error::Disabled
                        | Error::Unknown,
                )
        )
    }

    /// The client this is about, where the path does not name it.
    pub fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::Service(Error::InvalidClient { client_id, .. }) => client_id.as_ref(),
            _ => None,
        }
    }

    /// What an operator needs to know.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Config(error) => Some(error.to_string()),
            Self::Broken(reason) | Self::Unusable(reason) => Some(reason.clone()),
            // The status and the outcome say it already.
            Self::Service(
                Error::NoToken
                | Error::BadToken
                | Error::NoInitialToken
                | Error::BadInitialToken
                | Error::Closed
                | Error::Limited
                | Error::Unknown
                | Error::Changed
                | Error::Disabled
                | Error::InvalidClient { .. },
            ) => None,
            Self::Service(error) => Some(error.to_string()),
            _ => None,
        }
    }
}

/// The codings that compress or encrypt (the IANA registry of HTTP content codings).
const CODINGS: [&str; 12] = [
    "aes128gcm",
    "br",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "gzip",
    "pack200-gzip",
    "x-compress",
    "x-gzip",
    "zstd",
];

/// What is wrong with a `Content-Encoding` that has this element.
fn coding_text(coding: &str) -> String {
    if CODINGS.iter().any(|known| known.eq_ignore_ascii_case(coding)) {
        return format!(
            "The body must not be compressed: Content-Encoding is {coding}; leave that header out"
        );
    }
    let shown = Shown::of(coding);
    format!(
        "Content-Encoding '{shown}' is not a content coding; leave that header out (a charset belongs in Content-Type)"
    )
}
