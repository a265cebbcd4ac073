//! The table of refusals: every response of 400 or more, as one row each.
//!
//! A new refusal is a row of [`REFUSALS`], returned as `NAME.refusal()` or, with a value in its sentence, as
//! `NAME.with(value)`. One that a procedure of `service` causes is also a variant of its [`Error`], which the compiler
//! then asks for in `errors.rs`. `tests/openapi.rs` and `tests/docs.rs` say which pages still lack it.
//!
//! [`Error`]: crate::service::Error

use std::borrow::Cow;

use super::refusal::Refusal;

/// A row of the table.
#[derive(Debug)]
pub struct RefusalRow {
    /// The status code.
    pub status: u16,
    /// The member `error`.
    pub code: &'static str,
    /// The member `error_description`. `{}` stands for the value that this request adds.
    pub sentence: &'static str,
    /// `WWW-Authenticate`.
    pub challenge: Option<&'static str>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<&'static str>,
    /// Another header. `{}` in its value stands for the value that this request adds.
    pub header: Option<(&'static str, &'static str)>,
    /// Whether callers without a credential can cause any number of these: nothing limits them, or they are over a
    /// limit. Their events are not sent to a webhook.
    pub unlimited: bool,
}

const INVALID_REQUEST: &str = "invalid_request";
const INVALID_TOKEN: &str = "invalid_token";
const INVALID_CLIENT: &str = "invalid_client";
const ACCESS_DENIED: &str = "access_denied";
const UNAVAILABLE: &str = "temporarily_unavailable";
const SERVER_ERROR: &str = "server_error";

const fn row(status: u16, code: &'static str, sentence: &'static str) -> RefusalRow {
    let (challenge, retry_after, header) = (None, None, None);
    RefusalRow { status, code, sentence, challenge, retry_after, header, unlimited: false }
}

/// Makes a static of each row, and [`REFUSALS`] of all.
macro_rules! refusals {
    ($($name:ident = $row:expr;)+) => {
        $(pub(super) static $name: RefusalRow = $row;)+

        /// Every refusal.
        pub static REFUSALS: &[&RefusalRow] = &[$(&$name),+];
    };
}

refusals! {
    // Any request.
    NOT_FOUND = row(404, INVALID_REQUEST, "There is no such path").unlimited();
    METHOD_NOT_ALLOWED = row(405, INVALID_REQUEST, "Method not allowed; allowed: {}")
        .header("allow", "{}").unlimited();
    ORIGIN_NOT_LISTED = row(403, ACCESS_DENIED,
        "Pages on this origin may not register clients: the operator has not listed it").unlimited();
    LIMITED = row(429, UNAVAILABLE, "Too many requests; try again in a minute")
        .retry_after("60").unlimited();

    // Bodies. RFC 9110 §15.5.16: a 415 names what is accepted.
    MEDIA_TYPE = row(415, INVALID_REQUEST, "The body must have the media type {}").header("accept", "{}");
    COMPRESSED = row(415, INVALID_REQUEST,
        "The body must not be compressed: Content-Encoding is {}; leave that header out")
        .header("accept-encoding", "identity");
    UNKNOWN_CODING = row(415, INVALID_REQUEST,
        "Content-Encoding '{}' is not a content coding; leave that header out (a charset belongs in Content-Type)")
        .header("accept-encoding", "identity");
    TOO_LARGE = row(413, INVALID_REQUEST, "The body must not be larger than {} bytes");
    TOO_SLOW = row(408, INVALID_REQUEST, "The body did not arrive within {} seconds; send it again");
    CUT_OFF = row(400, INVALID_REQUEST, "The body is incomplete; send it again");
    MALFORMED = row(400, INVALID_REQUEST, "{}");

    // Metadata: the sentence and the code are those of the first problem (RFC 7591 §3.2.2).
    INVALID_REDIRECT_URI = row(400, "invalid_redirect_uri", "{}");
    INVALID_METADATA = row(400, "invalid_client_metadata", "{}");
    INVALID_STATEMENT = row(400, "invalid_software_statement", "{}");
    UNAPPROVED_STATEMENT = row(400, "unapproved_software_statement", "{}");

    // Registration and management. RFC 6750 §3: without a token the challenge names no error.
    CLOSED = row(403, ACCESS_DENIED, "Registration is closed on this server").unlimited();
    NO_INITIAL_TOKEN = row(401, INVALID_TOKEN,
        "Registration needs an initial access token in an Authorization: Bearer header")
        .challenge("Bearer realm=\"registration\"").unlimited();
    BAD_INITIAL_TOKEN = row(401, INVALID_TOKEN,
        "The initial access token is unknown, expired, revoked or used up")
        .challenge("Bearer realm=\"registration\", error=\"invalid_token\"");
    CERTIFICATE_REQUIRED = row(403, "certificate_required",
        "This request needs a client certificate; use mtls_endpoint_aliases of the server's metadata if they are there");
    CERTIFICATE_NOT_ACCEPTED = row(403, "certificate_not_accepted",
        "The client certificate of this request is not verified, is revoked, or is not the one that is needed here");
    KEY_REUSED = row(422, "idempotency_key_reused",
        "This Idempotency-Key was used with another body or initial access token; use another key");
    REGISTRATION_ENDED = row(409, "registration_changed",
        "The client of this Idempotency-Key has been changed or deleted, or has expired; register with another key");
    NO_REGISTRATION_TOKEN = row(401, INVALID_TOKEN,
        "This request needs the registration access token in an Authorization: Bearer header")
        .challenge("Bearer realm=\"registration\"").unlimited();
    BAD_REGISTRATION_TOKEN = row(401, INVALID_TOKEN,
        "The registration access token is not valid for this client")
        .challenge("Bearer realm=\"registration\", error=\"invalid_token\"");
    DISABLED = row(403, ACCESS_DENIED, "The operator of this server has disabled this client").unlimited();
    REJECTED = row(403, ACCESS_DENIED, "The operator of this server has rejected this client").unlimited();
    SHARED_ENDED = row(403, ACCESS_DENIED,
        "The operator of this server does not allow the client with these metadata: it was deleted, disabled or rejected")
        .unlimited();
    BUSY = row(503, UNAVAILABLE, "Another request is changing this registration; try again").retry_after("2");
    STATEMENT_BUSY = row(503, UNAVAILABLE, "Another registration is using this software statement; try again")
        .retry_after("2");
    REGISTRATION_CHANGED = row(412, INVALID_REQUEST,
        "Precondition failed: the registration is not in the state that If-Match names; read it again").unlimited();

    // The authorization server's API.
    NO_SERVER_TOKEN = row(401, INVALID_TOKEN,
        "This request needs the authorization server's token in an Authorization: Bearer header")
        .challenge("Bearer realm=\"as\"").unlimited();
    BAD_SERVER_TOKEN = row(401, INVALID_TOKEN, "This is not the authorization server's token")
        .challenge("Bearer realm=\"as\", error=\"invalid_token\"");
    NO_SECRETS = row(403, ACCESS_DENIED,
        "Client secrets need a permission of their own: AS_SECRETS_TOKEN as the token, or secrets = true for the binding");
    WRONG_CREDENTIALS = row(401, INVALID_CLIENT, "The client does not exist, or its secret is wrong");
    // RFC 6749 §5.2: credentials in a header get a challenge, which the authorization server may pass on to the client.
    WRONG_BASIC_CREDENTIALS = row(401, INVALID_CLIENT, "The client does not exist, or its secret is wrong")
        .challenge("Basic realm=\"token\"");
    // Metadata documents. The authorization server shows a page of its own, and never redirects.
    INVALID_DOCUMENT = row(400, INVALID_CLIENT, "{}").unlimited();
    UNUSABLE_DOCUMENT = row(400, INVALID_CLIENT, "The metadata document {}").unlimited();
    UNAPPROVED = row(403, "unapproved_client", "The operator of this server does not allow this client").unlimited();
    DOCUMENT_UNREACHABLE = row(503, UNAVAILABLE,
        "The client's metadata document cannot be read right now; try again").retry_after("30").unlimited();
    DOCUMENTS_LIMITED = row(503, UNAVAILABLE, "Too many metadata documents are being read; try again")
        .retry_after("10").unlimited();
    UNKNOWN_ID = row(404, "not_found", "No client or initial access token has this identifier").unlimited();
    YOUNG_CLIENT = row(503, UNAVAILABLE,
        "This client identifier is new and its client is not visible here yet; try again").retry_after("2").unlimited();

    // The operator's API.
    NO_OPERATOR_TOKEN = row(401, INVALID_TOKEN,
        "This request needs the operator's token in an Authorization: Bearer header")
        .challenge("Bearer realm=\"admin\"").unlimited();
    BAD_OPERATOR_TOKEN = row(401, INVALID_TOKEN, "This is not the operator's token")
        .challenge("Bearer realm=\"admin\", error=\"invalid_token\"");
    ANOTHER_VERSION = row(412, INVALID_REQUEST, "The client has another version than this one; read it again");

    POLICY_VIOLATION = row(409, "policy_violation",
        "A policy does not allow this, unless override_policy is true: {}");

    // Discovery documents.
    DOCUMENT_CHANGED = row(412, INVALID_REQUEST,
        "Precondition failed: the document is not in the state that If-Match names").unlimited();
    UPSTREAM_UNAVAILABLE = row(503, UNAVAILABLE,
        "The authorization server's metadata cannot be read right now; try again").retry_after("10");
    UPSTREAM_LOOP = row(508, SERVER_ERROR, "UPSTREAM_METADATA of this server leads back to itself");

    // The server itself. Its log says more.
    STORE_UNAVAILABLE = row(503, UNAVAILABLE, "Records cannot be read or written right now; try again")
        .retry_after("2");
    CURVES_UNAVAILABLE = row(503, UNAVAILABLE, "The keys in jwks cannot be checked right now; try again")
        .retry_after("2");
    KEYS_UNAVAILABLE = row(503, UNAVAILABLE, "The signature cannot be verified right now; try again").retry_after("30");
    NO_ISSUER = row(500, SERVER_ERROR, "This server has no issuer configured; its operator has to set one");
    MISCONFIGURED = row(500, SERVER_ERROR, "This server is not configured correctly; its log says what is wrong");
    NO_CONFIGURATION = row(500, SERVER_ERROR,
        "This server is not configured correctly; its log says what is wrong").unlimited();
    FAILED = row(500, SERVER_ERROR, "The server failed to answer; its log says why");
    NO_AUTHORIZATION_SERVER = row(501, SERVER_ERROR,
        "No authorization server is configured yet: this is a registrar on a developer's machine. \
         Set ISSUER and METADATA in wrangler.toml");
}

impl RefusalRow {
    const fn challenge(self, value: &'static str) -> Self {
        Self { challenge: Some(value), ..self }
    }

    const fn retry_after(self, seconds: &'static str) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    const fn header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    const fn unlimited(self) -> Self {
        Self { unlimited: true, ..self }
    }

    /// A refusal of this row.
    pub(super) fn refusal(&'static self) -> Refusal {
        self.with("")
    }

    /// The same, with the value that stands for `{}`.
    pub(super) fn with(&'static self, value: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(self, value.into())
    }
}
