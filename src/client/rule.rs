//! What can be wrong with client metadata: one [`Rule`] per cause, with its code, its stable name,
//! its spec and its sentence. `docs/errors.md` lists them.

use std::fmt;

use super::shown::Shown;
use crate::vocabulary::{GrantType, RedirectUriError, UriError, WebUriError};

/// A registration error code (RFC 7591 §3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// `invalid_redirect_uri`
    InvalidRedirectUri,
    /// `invalid_client_metadata`
    InvalidClientMetadata,
}

impl Code {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
        }
    }
}

/// A rule of a spec or of ours that client metadata can break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The body is not JSON in UTF-8.
    Json {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// The body is JSON, but no object.
    Object,
    /// A member stands twice in one object.
    DuplicateMember,
    /// Nested deeper than [`limits::DEPTH`](super::limits::DEPTH).
    Depth,
    /// More members than [`limits::MEMBERS`](super::limits::MEMBERS).
    MemberCount,
    /// Another JSON type than the member's.
    Type {
        /// What it has to be, as in `a list of strings`.
        expected: &'static str,
    },
    /// A text longer than its limit.
    Length {
        /// The limit in bytes.
        limit: usize,
    },
    /// A list longer than its limit.
    Count {
        /// The limit in elements.
        limit: usize,
    },
    /// An empty string in a list.
    Empty,
    /// A number outside its range.
    Range {
        /// The largest value.
        max: u64,
    },
    /// A control or direction-changing character in a text that people will read.
    DisplayText(char),
    /// Something other than printable ASCII in a value that machines compare.
    Opaque(char),
    /// A character that no scope token may contain.
    Scope(char),
    /// A value outside the set the spec defines.
    Value {
        /// The set, comma-separated.
        allowed: &'static str,
    },
    /// A value this server does not support.
    Unsupported {
        /// What it supports, comma-separated.
        supported: String,
    },
    /// A redirect URI that is none.
    RedirectUri(RedirectUriError),
    /// No redirect URI, although a grant needs one.
    RedirectUrisRequired,
    /// A web client of the implicit flow with a redirect URI that is not https, or is local.
    ImplicitRedirectUri,
    /// A URI to be looked at or called that is none.
    WebUri(WebUriError),
    /// A URI that has to be https.
    Https,
    /// A fragment where none may be.
    Fragment,
    /// `frontchannel_logout_uri` on another origin than every redirect URI.
    LogoutOrigin,
    /// A response type without the grant type it needs, or a redirect grant without one.
    GrantResponse {
        /// The response type.
        response_type: &'static str,
        /// The missing grant type.
        grant_type: GrantType,
    },
    /// `jwks` and `jwks_uri` at once.
    KeysTwice,
    /// No keys, although something needs them.
    KeysRequired {
        /// The member, and its value, that needs them.
        by: String,
    },
    /// No key in `jwks` that can serve the member that needs one.
    KeyUnfit {
        /// The member, and its value, that needs it.
        by: String,
    },
    /// A key that is malformed, weak, secret, or of an unknown kind.
    Key(KeyFault),
    /// An algorithm that needs the plain client secret, which is not kept.
    SharedKeyAlgorithm,
    /// `none` as algorithm where it is forbidden.
    AlgorithmNone,
    /// No registered algorithm for this purpose.
    Algorithm,
    /// `*_enc` without the `*_alg` that goes with it.
    EncWithoutAlg {
        /// The missing member.
        alg: &'static str,
    },
    /// A flag that means nothing without another member.
    Requires {
        /// The missing member.
        member: &'static str,
    },
    /// Request objects have to be signed and are not.
    UnsignedRequestObject,
    /// Pairwise subjects for several hosts without a common sector.
    Sector,
    /// Not exactly one `tls_client_auth_*` member.
    TlsSubject,
}

/// What is wrong with a JSON Web Key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// `kty` missing or of no kind that is known.
    Kind,
    /// Private or symmetric material: RFC 7591 §2 asks for public keys.
    Private,
    /// A member of the key is missing, not base64url, or of the wrong length.
    Material,
    /// An RSA modulus outside the limits.
    RsaSize,
    /// A curve nobody registered for this kind.
    Curve,
    /// A `kid` that another key has too.
    DuplicateKid,
    /// `use`, `alg` or `key_ops` that contradicts the key.
    Purpose,
}

impl KeyFault {
    fn message(self) -> &'static str {
        match self {
            Self::Kind => "must have a kty of RSA, EC or OKP",
            Self::Private => {
                "must be a public key; private and symmetric material never belongs here"
            }
            Self::Material => "lacks key material, or it is not base64url of the right length",
            Self::RsaSize => "must have an RSA modulus of 2048 to 8192 bits",
            Self::Curve => "must use a registered curve of its key type",
            Self::DuplicateKid => "has a kid that another key has too",
            Self::Purpose => "has a use, alg or key_ops that does not fit the key",
        }
    }
}

impl Rule {
    /// The registration error code of this rule.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::RedirectUri(_) | Self::RedirectUrisRequired | Self::ImplicitRedirectUri => {
                Code::InvalidRedirectUri
            }
            _ => Code::InvalidClientMetadata,
        }
    }

    /// A stable name for programs: it stays when the message is reworded.
    #[must_use]
    pub fn id(&self) -> &'static str {
        let of_uri = |error: &UriError| match error {
            UriError::Relative => "uri_relative",
            UriError::Character(_) => "uri_character",
            UriError::PercentEncoding => "uri_percent_encoding",
            UriError::Userinfo => "uri_userinfo",
            UriError::Host => "uri_host",
            UriError::Port => "uri_port",
        };
        match self {
            Self::Json { .. } => "json",
            Self::Object => "json_object",
            Self::DuplicateMember => "duplicate_member",
            Self::Depth => "depth",
            Self::MemberCount => "member_count",
            Self::Type { .. } => "type",
            Self::Length { .. } => "length",
            Self::Count { .. } => "count",
            Self::Empty => "empty",
            Self::Range { .. } => "range",
            Self::DisplayText(_) => "display_text",
            Self::Opaque(_) => "printable_ascii",
            Self::Scope(_) => "scope_syntax",
            Self::Value { .. } => "value",
            Self::Unsupported { .. } => "unsupported",
            Self::RedirectUri(error) => match error {
                RedirectUriError::Uri(error) => of_uri(error),
                RedirectUriError::Fragment => "redirect_uri_fragment",
                RedirectUriError::Wildcard => "redirect_uri_wildcard",
                RedirectUriError::RemoteHttp => "redirect_uri_remote_http",
                RedirectUriError::ForbiddenScheme => "redirect_uri_scheme",
                RedirectUriError::DotSegment => "redirect_uri_dot_segment",
                RedirectUriError::Empty => "redirect_uri_empty",
            },
            Self::RedirectUrisRequired => "redirect_uris_required",
            Self::ImplicitRedirectUri => "implicit_redirect_uri",
            Self::WebUri(error) => match error {
                WebUriError::Uri(error) => of_uri(error),
                WebUriError::Scheme => "uri_scheme",
            },
            Self::Https => "uri_https",
            Self::Fragment => "uri_fragment",
            Self::LogoutOrigin => "logout_origin",
            Self::GrantResponse { .. } => "grant_response",
            Self::KeysTwice => "keys_twice",
            Self::KeysRequired { .. } => "keys_required",
            Self::KeyUnfit { .. } => "key_unfit",
            Self::Key(fault) => match fault {
                KeyFault::Kind => "key_kind",
                KeyFault::Private => "key_private",
                KeyFault::Material => "key_material",
                KeyFault::RsaSize => "key_rsa_size",
                KeyFault::Curve => "key_curve",
                KeyFault::DuplicateKid => "key_duplicate_kid",
                KeyFault::Purpose => "key_purpose",
            },
            Self::SharedKeyAlgorithm => "algorithm_shared_key",
            Self::AlgorithmNone => "algorithm_none",
            Self::Algorithm => "algorithm",
            Self::EncWithoutAlg { .. } => "enc_without_alg",
            Self::Requires { .. } => "requires",
            Self::UnsignedRequestObject => "unsigned_request_object",
            Self::Sector => "sector",
            Self::TlsSubject => "tls_subject",
        }
    }

    /// The document and section the rule comes from.
    #[must_use]
    #[expect(clippy::match_same_arms, reason = "a table: one row per rule, in their order")]
    pub fn spec(&self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Object | Self::Type { .. } | Self::Value { .. } => {
                "RFC 7591 section 3.1"
            }
            Self::DuplicateMember => "RFC 8259 section 4",
            Self::Depth
            | Self::MemberCount
            | Self::Length { .. }
            | Self::Count { .. }
            | Self::Empty
            | Self::Range { .. }
            | Self::DisplayText(_)
            | Self::Opaque(_) => "RFC 7591 section 5",
            Self::Scope(_) => "RFC 6749 section 3.3",
            Self::Unsupported { .. } => "RFC 7591 section 2",
            Self::RedirectUri(error) => match error {
                RedirectUriError::Uri(_) => "RFC 3986",
                RedirectUriError::Fragment => "RFC 6749 section 3.1.2",
                RedirectUriError::Wildcard => "RFC 9700 section 2.1",
                RedirectUriError::RemoteHttp => "RFC 8252 section 7.3",
                RedirectUriError::ForbiddenScheme | RedirectUriError::Empty => {
                    "RFC 8252 section 7.1"
                }
                RedirectUriError::DotSegment => "RFC 3986 section 6.2.2.3",
            },
            Self::RedirectUrisRequired => "RFC 7591 section 2",
            Self::ImplicitRedirectUri => "OpenID Connect Dynamic Client Registration 1.0 section 2",
            Self::WebUri(WebUriError::Uri(_)) => "RFC 3986",
            Self::WebUri(WebUriError::Scheme) => "RFC 7591 section 2",
            Self::Https => "RFC 7591 section 2",
            Self::Fragment => "OpenID Connect Back-Channel Logout 1.0 section 2.2",
            Self::LogoutOrigin => "OpenID Connect Front-Channel Logout 1.0 section 2",
            Self::GrantResponse { .. } => "RFC 7591 section 2.1",
            Self::KeysTwice => "RFC 7591 section 2",
            Self::KeysRequired { .. } => "RFC 7591 section 2",
            Self::KeyUnfit { .. } => "RFC 7517 section 4",
            Self::Key(fault) => match fault {
                KeyFault::Private => "RFC 7591 section 2",
                KeyFault::RsaSize => "RFC 7518 section 3.3",
                KeyFault::Curve => "RFC 7518 section 6.2.1.1",
                _ => "RFC 7517 section 4",
            },
            Self::SharedKeyAlgorithm => "OpenID Connect Core 1.0 section 16.19",
            Self::AlgorithmNone => "RFC 7518 section 3.6",
            Self::Algorithm => "RFC 7518 section 7.1",
            Self::EncWithoutAlg { .. } | Self::Requires { .. } | Self::Sector => {
                "OpenID Connect Dynamic Client Registration 1.0 section 2"
            }
            Self::UnsignedRequestObject => "RFC 9101 section 10.5",
            Self::TlsSubject => "RFC 8705 section 2.1.2",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { line, column } => {
                write!(f, "must be JSON in UTF-8 (first fault at line {line}, column {column})")
            }
            Self::Object => f.write_str("must be a JSON object"),
            Self::DuplicateMember => f.write_str("must not appear twice"),
            Self::Depth => write!(f, "must not be nested deeper than {}", super::limits::DEPTH),
            Self::MemberCount => {
                write!(f, "must not have more than {} members", super::limits::MEMBERS)
            }
            Self::Type { expected } => write!(f, "must be {expected}"),
            Self::Length { limit } => write!(f, "must not be longer than {limit} bytes"),
            Self::Count { limit } => write!(f, "must not have more than {limit} elements"),
            Self::Empty => f.write_str("must not be empty"),
            Self::Range { max } => write!(f, "must be a whole number from 0 to {max}"),
            Self::DisplayText(c) => write!(
                f,
                "must not contain the control or direction-changing character U+{:04X}",
                u32::from(*c)
            ),
            Self::Opaque(c) => {
                write!(f, "must be printable ASCII, which U+{:04X} is not", u32::from(*c))
            }
            Self::Scope(c) => write!(f, "must not contain the character U+{:04X}", u32::from(*c)),
            Self::Value { allowed } => write!(f, "must be one of: {allowed}"),
            Self::Unsupported { supported } => {
                write!(f, "is not supported here; supported: {}", Shown::of(supported))
            }
            Self::RedirectUri(error) => error.fmt(f),
            Self::RedirectUrisRequired => {
                f.write_str("is required for the grant types authorization_code and implicit")
            }
            Self::ImplicitRedirectUri => f.write_str(
                "must be https and not on the local machine for a web client of the implicit flow",
            ),
            Self::WebUri(error) => error.fmt(f),
            Self::Https => f.write_str("must be an https URI"),
            Self::Fragment => f.write_str("must not contain a fragment (#)"),
            Self::LogoutOrigin => {
                f.write_str("must have the scheme, host and port of one of the redirect_uris")
            }
            Self::GrantResponse { response_type, grant_type } => {
                write!(
                    f,
                    "has '{response_type}', which needs the grant type {}",
                    grant_type.as_str()
                )
            }
            Self::KeysTwice => f.write_str("must not be sent together with jwks_uri"),
            Self::KeysRequired { by } => write!(f, "or jwks_uri is required by {by}"),
            Self::KeyUnfit { by } => write!(f, "has no key that {by} can use"),
            Self::Key(fault) => f.write_str(fault.message()),
            Self::SharedKeyAlgorithm => f.write_str(
                "must be an asymmetric algorithm: client secrets are kept as digests only",
            ),
            Self::AlgorithmNone => f.write_str("must not be none"),
            Self::Algorithm => f.write_str("must be a registered algorithm for this purpose"),
            Self::EncWithoutAlg { alg } => write!(f, "must not be sent without {alg}"),
            Self::Requires { member } => write!(f, "means nothing without {member}"),
            Self::UnsignedRequestObject => {
                f.write_str("must not be none while require_signed_request_object is true")
            }
            Self::Sector => f.write_str(
                "pairwise with redirect_uris on several hosts needs a sector_identifier_uri",
            ),
            Self::TlsSubject => f.write_str(
                "needs exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip, \
                 _san_email",
            ),
        }
    }
}
