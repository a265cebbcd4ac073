//! What can be wrong with client metadata: one [`Rule`] per cause. Its stable name and its spec are
//! in `rule_catalogue.rs`, its sentence in `rule_text.rs`; `docs/errors.md` lists them.

use crate::vocabulary::{GrantType, RedirectUriError, WebUriError};

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
    /// The body is JSON, but a number in it is too large for a 64-bit float.
    NumberRange {
        /// Its line, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
    /// The body is JSON, but no object.
    Object,
    /// A member stands twice in one object.
    DuplicateMember,
    /// Nested deeper than [`limits::DEPTH`](super::limits::DEPTH).
    Depth,
    /// A key that means something to every JavaScript object, like `__proto__`, inside a stored value.
    ObjectKey,
    /// More members than [`limits::MEMBERS`](super::limits::MEMBERS).
    MemberCount,
    /// More values than [`limits::VALUES`](super::limits::VALUES).
    ValueCount,
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
    /// Names that are together longer than [`limits::NAMES`](super::limits::NAMES).
    NamesLength,
    /// A list longer than its limit.
    Count {
        /// The limit in elements.
        limit: usize,
    },
    /// An empty string in a list, or a text for people of which nothing can be seen.
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
    RedirectUrisRequired {
        /// The grant types of this client that redirect, comma-separated.
        grants: String,
    },
    /// A web client of the implicit flow with a redirect URI that is not https, or is local.
    ImplicitRedirectUri,
    /// A URI to be looked at or called that is none.
    WebUri(WebUriError),
    /// A URI that has to be https.
    Https,
    /// A URI that the authorization server fetches, on a host of special use.
    SpecialUse,
    /// A fragment where none may be.
    Fragment,
    /// `frontchannel_logout_uri` on another origin than every redirect URI.
    LogoutOrigin,
    /// A response type without the grant type it needs.
    GrantResponse {
        /// The response type.
        response_type: &'static str,
        /// The missing grant type.
        grant_type: GrantType,
    },
    /// `refresh_token` without a grant that gives a first token.
    RefreshAlone {
        /// The supported ones that do, comma-separated.
        supported: String,
    },
    /// `client_credentials` alone, for a client that has no credentials.
    PublicClientCredentials,
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
    /// An update without the client's own `client_id`.
    ClientId,
    /// An update with another `client_secret` than the client's own.
    ClientSecret,
    /// An update that sets what only the server assigns.
    ServerAssigned,
    /// More than three marks on one letter.
    Marks,
    /// Letters of two alphabets in one word.
    MixedAlphabets,
    /// What the operator's policy does not allow.
    Policy(PolicyRule),
}

/// What an operator's policy does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyRule {
    /// A redirect host that is denied, or not among those allowed.
    RedirectHost,
    /// A redirect scheme that is denied, or not among those allowed.
    RedirectScheme,
    /// A redirect URI that is not https.
    HttpsRedirect,
    /// A private-use scheme without a dot.
    ReverseDnsScheme,
    /// Too many redirect URIs.
    RedirectUriCount {
        /// The limit.
        limit: usize,
    },
    /// A link for people that is not https.
    HttpsLink,
    /// An `application_type` that is not allowed.
    ApplicationType {
        /// Those that are, comma-separated.
        allowed: String,
    },
    /// A member that has to be sent.
    Required,
    /// A member that must not be sent.
    Forbidden,
    /// A name that only the operator may give away.
    ReservedName,
    /// A logo on another site than `client_uri`.
    LogoSite,
}

/// What is wrong with a JSON Web Key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// No `kty`.
    Kind,
    /// Private or symmetric material: RFC 7591 §2 asks for public keys.
    Private,
    /// A member of the key is missing, not base64url, or of the wrong length.
    Material,
    /// An RSA modulus outside the limits.
    RsaSize,
    /// An even RSA modulus.
    RsaModulus,
    /// An RSA exponent that is even, 1, or longer than 64 bits.
    RsaExponent,
    /// A point that is not on its curve.
    Point,
    /// A curve nobody registered for this kind.
    Curve,
    /// A `kid` that another key of its type has too.
    DuplicateKid,
    /// `kid`, `use`, `alg` or `key_ops` that is malformed or contradicts the key.
    Purpose,
}

impl From<KeyFault> for Rule {
    fn from(fault: KeyFault) -> Self {
        Self::Key(fault)
    }
}

impl Rule {
    /// The registration error code of this rule.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::RedirectUri(_)
            | Self::RedirectUrisRequired { .. }
            | Self::ImplicitRedirectUri
            | Self::Policy(
                PolicyRule::RedirectHost
                | PolicyRule::RedirectScheme
                | PolicyRule::HttpsRedirect
                | PolicyRule::ReverseDnsScheme
                | PolicyRule::RedirectUriCount { .. },
            ) => Code::InvalidRedirectUri,
            _ => Code::InvalidClientMetadata,
        }
    }
}
