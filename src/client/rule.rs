//! The rules that client metadata can break: one [`Rule`] per cause, with its sentence as it follows the member's name.
//! Its stable name and its specification are in `rule_catalogue.rs`; `docs/errors.md` lists them.

use thiserror::Error;

use super::limits;
use super::shown::Shown;
use super::signed_request::RequestFault;
use super::statement_fault::StatementFault;
use crate::vocabulary::{ClientUrlError, GrantType, RedirectUriError, WebUriError};

/// A rule of a specification or of ours that client metadata can break. Lists are comma-separated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentence of a field's variant says what the field is")]
pub enum Rule {
    /// The body is not JSON in UTF-8. Lines and columns count from 1.
    #[error("must be JSON in UTF-8 (first fault at line {line}, column {column})")]
    Json { line: usize, column: usize },
    /// The body is JSON, but a number in it is too large for a 64-bit float.
    #[error("has a number that is out of range (at line {line}, column {column})")]
    NumberRange { line: usize, column: usize },
    /// The body is JSON, but no object.
    #[error("must be a JSON object")]
    Object,
    /// A member stands twice in one object.
    #[error("must not appear twice")]
    DuplicateMember,
    /// The body is nested deeper than [`limits::DEPTH`].
    #[error("must not be nested deeper than {}", limits::DEPTH)]
    Depth,
    /// A key that means something to every JavaScript object, like `__proto__`, inside a stored value.
    #[error("must not have this key in it: it is a property of every JavaScript object")]
    ObjectKey,
    /// More members than [`limits::METADATA_MEMBERS`].
    #[error("must not have more than {} members", limits::METADATA_MEMBERS)]
    MemberCount,
    /// More values than [`limits::VALUES`].
    #[error("must not hold more than {} values", limits::VALUES)]
    ValueCount,
    /// Another JSON type than the member's.
    #[error("must be {expected}")]
    Type { expected: &'static str },
    /// A text that is longer than its limit in bytes.
    #[error("must not be longer than {limit} bytes")]
    Length { limit: usize },
    /// Names that are together longer than [`limits::NAMES`].
    #[error(
        "must not be longer than {} bytes together with the other names and languages",
        limits::NAMES
    )]
    NamesLength,
    /// More `xn--` labels than [`limits::ENCODED_LABELS`].
    #[error(
        "has too many xn-- labels: the hosts of all members together may have {}",
        limits::ENCODED_LABELS
    )]
    EncodedLabels,
    /// A list that is longer than its limit.
    #[error("must not have more than {limit} elements")]
    Count { limit: usize },
    /// An empty string in a list, or a text for people that shows nothing.
    #[error("must not be empty")]
    Empty,
    /// A number outside its range.
    #[error("must be a whole number from 0 to {max}")]
    Range { max: u64 },
    /// A control or direction-changing character in a text that people will read.
    #[error("must not contain the control or invisible character U+{:04X}", u32::from(*.0))]
    DisplayText(char),
    /// Something other than printable ASCII in a value that machines compare.
    #[error("must be printable ASCII, which U+{:04X} is not", u32::from(*.0))]
    Opaque(char),
    /// A character that no scope token may contain.
    #[error("must not contain the character U+{:04X}", u32::from(*.0))]
    Scope(char),
    /// A value outside the set that the specification defines.
    #[error("must be one of: {allowed}")]
    Value { allowed: &'static str },
    /// A value that this server does not support.
    #[error("is not supported here{}", supported_values(.supported))]
    Unsupported { supported: String },
    /// A text that is no redirect URI.
    #[error(transparent)]
    RedirectUri(RedirectUriError),
    /// No redirect URI, although a grant needs one.
    #[error("is required for the grant types of this client that redirect: {grants}")]
    RedirectUrisRequired { grants: String },
    /// A web client of the implicit flow with a redirect URI that is not https, or is local.
    #[error("must be https and not on the local machine for a web client of the implicit flow")]
    ImplicitRedirectUri,
    /// A text that is no web URI.
    #[error(transparent)]
    WebUri(WebUriError),
    /// A URI that has to be https.
    #[error("must be an https URI")]
    Https,
    /// A URI that the authorization server fetches, on a host of special use.
    #[error(
        "must be on a public host: the authorization server fetches it, so special-use addresses, names of one label, and \
         domains of local networks like .local, .internal and .lan are rejected"
    )]
    SpecialUse,
    /// A fragment where none may be.
    #[error("must not contain a fragment (#)")]
    Fragment,
    /// `frontchannel_logout_uri` on another origin than every redirect URI.
    #[error("must have the scheme, host and port of one of the redirect_uris")]
    LogoutOrigin,
    /// A response type without the grant type that it needs.
    #[error("has '{response_type}', which needs the grant type {}", .grant_type.as_str())]
    GrantResponse { response_type: &'static str, grant_type: GrantType },
    /// `refresh_token` without a grant that gives a first token.
    #[error("must have a grant type that gives a first token to refresh; supported: {}", Shown::list(.supported))]
    RefreshAlone { supported: String },
    /// `client_credentials` alone, for a client that has no credentials.
    #[error(
        "must not be client_credentials alone with token_endpoint_auth_method none: only clients with credentials can use \
         that grant type"
    )]
    PublicClientCredentials,
    /// `jwks` and `jwks_uri` at once.
    #[error("must not be sent together with jwks_uri")]
    KeysTwice,
    /// No keys, although a member with its value (`by`) needs them.
    #[error("or jwks_uri is required by {by}")]
    KeysRequired { by: String },
    /// No key in `jwks` that can serve the member that needs one.
    #[error("has no key that {by} can use")]
    KeyUnfit { by: String },
    /// A key that is malformed, weak, secret, or of an unknown kind.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// An algorithm that needs the plain client secret, which the authorization server does not get for it.
    #[error(
        "must be an asymmetric algorithm: the authorization server does not have the client secret for it"
    )]
    SharedKeyAlgorithm,
    /// An algorithm with a shared key for a client without a secret, or one that does not sign for its method.
    #[error("does not go with token_endpoint_auth_method {method}")]
    AlgorithmOfMethod { method: &'static str },
    /// `none` as algorithm where it is forbidden.
    #[error("must not be none")]
    AlgorithmNone,
    /// No registered algorithm for this purpose.
    #[error("must be a registered algorithm for this purpose")]
    Algorithm,
    /// `*_enc` without the `*_alg` that goes with it.
    #[error("must not be sent without {alg}")]
    EncWithoutAlg { alg: &'static str },
    /// A flag that needs another member.
    #[error("means nothing without {member}")]
    Requires { member: &'static str },
    /// Request objects have to be signed and are not.
    #[error("must not be none while require_signed_request_object is true")]
    UnsignedRequestObject,
    /// Pairwise subjects for several hosts without a common sector.
    #[error("with redirect_uris on several hosts needs a sector_identifier_uri")]
    Sector,
    /// A sector whose document cannot be read.
    #[error("must name a document that can be read: it {why}")]
    SectorUnreadable { why: String },
    /// A redirect URI that the document of the sector does not list.
    #[error("must be in the list at sector_identifier_uri")]
    NotInSector,
    /// Not exactly one `tls_client_auth_*` member.
    #[error(
        "needs exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip, _san_email"
    )]
    TlsSubject,
    /// An update without the client's own `client_id`.
    #[error("must be sent and be the client_id of this registration")]
    ClientId,
    /// An update with another `client_secret` than the client's own.
    #[error("must be left out or be the client_secret of this registration")]
    ClientSecret,
    /// An update that sets a member which only the server assigns.
    #[error("must not be sent: only the server assigns it")]
    ServerAssigned,
    /// A `client_id` that is no URL of a metadata document.
    #[error(transparent)]
    ClientUrl(ClientUrlError),
    /// A metadata document without its own URL, or with another one.
    #[error("must be the URL of this document, byte for byte: {}", Shown::list(.url))]
    DocumentClientId { url: String },
    /// A member about a secret in a metadata document, whatever its value.
    #[error("must not be in a metadata document: everyone can read it")]
    DocumentSecret,
    /// A method with a shared secret in a metadata document.
    #[error(
        "must not be a method with a shared secret, because everyone can read a metadata document; use none or \
         private_key_jwt"
    )]
    DocumentAuthMethod,
    /// A member that the Model Context Protocol requires of a metadata document.
    #[error("is required in a metadata document by the profile mcp")]
    McpRequired,
    /// A URL of a metadata document whose path is `/`.
    #[error("must have a path other than / in the profile mcp")]
    McpPath,
    /// A method that a hosted document cannot describe.
    #[error(
        "must be none or private_key_jwt: here the client_id is the URL of a document that everyone can read, so clients get \
         no secret"
    )]
    HostedAuthMethod,
    /// Metadata whose hosted document would be too long.
    #[error(
        "must be shorter: the metadata document of this client would have {bytes} bytes, and servers read at most {}",
        super::hosted::LONGEST
    )]
    HostedLength { bytes: usize },
    /// A software statement that is not used.
    #[error(transparent)]
    Statement(#[from] StatementFault),
    /// A signed request that is rejected.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// No software statement of a trusted issuer, where one is needed.
    #[error("is required by this server, from an issuer that it trusts")]
    StatementRequired,
    /// Redirect URIs beyond those of the software statement.
    #[error("must be among the redirect_uris of the software statement")]
    StatementRedirectUris,
    /// A list that has more than that of the software statement.
    #[error("must be a part of what the software statement says")]
    StatementSubset,
    /// A value other than that of the software statement.
    #[error("must be left out or be what the software statement says")]
    StatementConflict,
    /// More than three marks on one letter.
    #[error("must not heap more than three marks on one letter")]
    Marks,
    /// Letters of two alphabets in one word.
    #[error("must not mix letters of two alphabets in one word")]
    MixedAlphabets,
    /// A value that the operator's policy does not allow.
    #[error(transparent)]
    Policy(PolicyRule),
}

/// The end of the sentence of [`Rule::Unsupported`].
fn supported_values(supported: &str) -> String {
    if supported.is_empty() {
        return String::from(", nor is any other value");
    }
    format!("; supported: {}", Shown::list(supported))
}

/// A rule of an operator's policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyRule {
    /// A redirect host that is denied, or not among those allowed.
    #[error("is on a host that this server does not allow")]
    RedirectHost,
    /// A redirect scheme that is denied, or not among those allowed.
    #[error("has a scheme that this server does not allow")]
    RedirectScheme,
    /// A redirect URI that is not https.
    #[error("must use https on this server")]
    HttpsRedirect,
    /// A private-use scheme without a dot.
    #[error("must have a scheme in reverse domain form on this server, like com.example.app")]
    ReverseDnsScheme,
    /// Too many redirect URIs.
    #[error("must not have more than {limit} elements on this server")]
    RedirectUriCount { limit: usize },
    /// A link for people that is not https.
    #[error("must use https on this server")]
    HttpsLink,
    /// An `application_type` that is not allowed.
    #[error("is not allowed on this server; allowed: {allowed}")]
    ApplicationType { allowed: String },
    /// A member that has to be sent.
    #[error("is required by this server")]
    Required,
    /// A member that must not be sent.
    #[error("must not be sent to this server")]
    Forbidden,
    /// A name that only the operator may give away.
    #[error("looks like a name that is reserved on this server")]
    ReservedName,
    /// A logo on another site than `client_uri`.
    #[error("must be on the site of client_uri on this server")]
    LogoSite,
    /// A subject that is not that of the client certificate of the request.
    #[error("must be the subject of the client certificate of this request: {}", Shown::list(.subject))]
    CertificateSubject { subject: String },
}

/// A fault of a JSON Web Key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// No `kty`.
    #[error("must have a kty")]
    Kind,
    /// Private or symmetric material: RFC 7591 §2 asks for public keys.
    #[error("must be a public key; private and symmetric material never belongs here")]
    Private,
    /// A member of the key is missing, not base64url, or of the wrong length.
    #[error("lacks key material, or it is not base64url of the right length")]
    Material,
    /// An RSA modulus outside the limits.
    #[error("must have an RSA modulus of 2048 to 8192 bits")]
    RsaSize,
    /// An even RSA modulus.
    #[error("must have an odd RSA modulus")]
    RsaModulus,
    /// An RSA exponent that is even, 1, or longer than 64 bits.
    #[error("must have an odd RSA exponent above 1, of at most 64 bits")]
    RsaExponent,
    /// A point that is not on its curve.
    #[error("must be a point on its curve")]
    Point,
    /// A curve that is not registered for this kind.
    #[error("must use a registered curve of its key type")]
    Curve,
    /// A `kid` that another key of its type has too.
    #[error("has a kid that another key of its type has too")]
    DuplicateKid,
    /// An `x5u` that is not an `https` URI on a public host.
    #[error(
        "has an x5u that is not an https URI on a public host; authorization servers may fetch it"
    )]
    CertificateUri,
    /// `kid`, `use`, `alg` or `key_ops` that is malformed or contradicts the key.
    #[error("has a kid, use, alg or key_ops that is malformed or does not fit the key")]
    Purpose,
}
