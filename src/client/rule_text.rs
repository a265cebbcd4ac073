//! The sentence of each rule, as it follows the member's name.

use std::fmt;

use super::rule::{KeyFault, PolicyRule, Rule};
use super::shown::Shown;

impl KeyFault {
    fn message(self) -> &'static str {
        match self {
            Self::Kind => "must have a kty",
            Self::Private => {
                "must be a public key; private and symmetric material never belongs here"
            }
            Self::Material => "lacks key material, or it is not base64url of the right length",
            Self::RsaSize => "must have an RSA modulus of 2048 to 8192 bits",
            Self::RsaModulus => "must have an odd RSA modulus",
            Self::RsaExponent => "must have an odd RSA exponent above 1, of at most 64 bits",
            Self::Point => "must be a point on its curve",
            Self::Curve => "must use a registered curve of its key type",
            Self::DuplicateKid => "has a kid that another key of its type has too",
            Self::Purpose => {
                "has a kid, use, alg or key_ops that is malformed or does not fit the key"
            }
        }
    }
}

const HIDDEN: &str = "must not contain the control or invisible character";
const TOGETHER: &str = "bytes together with the other names and languages";
const OBJECT_KEY: &str =
    "must not have this key in it: it is a property of every JavaScript object";
const SPECIAL_USE: &str = "must be on a public host: the authorization server fetches it, so special-use addresses, names of one \
     label, and domains of local networks like .local, .internal and .lan are rejected";
const PUBLIC_CLIENT_CREDENTIALS: &str = "must not be client_credentials alone with token_endpoint_auth_method none: only clients with credentials \
     can use that grant type";

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { line, column } => {
                write!(f, "must be JSON in UTF-8 (first fault at line {line}, column {column})")
            }
            Self::NumberRange { line, column } => {
                write!(f, "has a number that is out of range (at line {line}, column {column})")
            }
            Self::Object => f.write_str("must be a JSON object"),
            Self::DuplicateMember => f.write_str("must not appear twice"),
            Self::Depth => write!(f, "must not be nested deeper than {}", super::limits::DEPTH),
            Self::ObjectKey => f.write_str(OBJECT_KEY),
            Self::MemberCount => {
                write!(f, "must not have more than {} members", super::limits::MEMBERS)
            }
            Self::ValueCount => {
                write!(f, "must not hold more than {} values", super::limits::VALUES)
            }
            Self::Type { expected } => write!(f, "must be {expected}"),
            Self::Length { limit } => write!(f, "must not be longer than {limit} bytes"),
            Self::NamesLength => {
                write!(f, "must not be longer than {} {TOGETHER}", super::limits::NAMES)
            }
            Self::Count { limit } => write!(f, "must not have more than {limit} elements"),
            Self::Empty => f.write_str("must not be empty"),
            Self::Range { max } => write!(f, "must be a whole number from 0 to {max}"),
            Self::DisplayText(c) => write!(f, "{HIDDEN} U+{:04X}", u32::from(*c)),
            Self::Opaque(c) => {
                write!(f, "must be printable ASCII, which U+{:04X} is not", u32::from(*c))
            }
            Self::Scope(c) => write!(f, "must not contain the character U+{:04X}", u32::from(*c)),
            Self::Value { allowed } => write!(f, "must be one of: {allowed}"),
            Self::Unsupported { supported } if supported.is_empty() => {
                f.write_str("is not supported here, nor is any other value")
            }
            Self::Unsupported { supported } => {
                write!(f, "is not supported here; supported: {}", Shown::list(supported))
            }
            Self::RedirectUri(error) => error.fmt(f),
            Self::RedirectUrisRequired { grants } => {
                write!(f, "is required for the grant types of this client that redirect: {grants}")
            }
            Self::ImplicitRedirectUri => f.write_str(
                "must be https and not on the local machine for a web client of the implicit flow",
            ),
            Self::WebUri(error) => error.fmt(f),
            Self::Https => f.write_str("must be an https URI"),
            Self::SpecialUse => f.write_str(SPECIAL_USE),
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
            Self::RefreshAlone { supported } => write!(
                f,
                "must have a grant type that gives a first token to refresh; supported: {}",
                Shown::list(supported)
            ),
            Self::PublicClientCredentials => f.write_str(PUBLIC_CLIENT_CREDENTIALS),
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
            Self::Sector => {
                f.write_str("with redirect_uris on several hosts needs a sector_identifier_uri")
            }
            Self::TlsSubject => f.write_str(
                "needs exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip, \
                 _san_email",
            ),
            Self::ClientId => f.write_str("must be sent and be the client_id of this registration"),
            Self::ClientSecret => {
                f.write_str("must be left out or be the client_secret of this registration")
            }
            Self::ServerAssigned => f.write_str("must not be sent: only the server assigns it"),
            Self::Marks => f.write_str("must not heap more than three marks on one letter"),
            Self::MixedAlphabets => {
                f.write_str("must not mix letters of two alphabets in one word")
            }
            Self::Policy(rule) => rule.fmt(f),
        }
    }
}

impl fmt::Display for PolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RedirectHost => "is on a host that this server does not allow",
            Self::RedirectScheme => "has a scheme that this server does not allow",
            Self::HttpsRedirect | Self::HttpsLink => "must use https on this server",
            Self::ReverseDnsScheme => {
                "must have a scheme in reverse domain form on this server, like com.example.app"
            }
            Self::RedirectUriCount { limit } => {
                return write!(f, "must not have more than {limit} elements on this server");
            }
            Self::ApplicationType { allowed } => {
                return write!(f, "is not allowed on this server; allowed: {allowed}");
            }
            Self::Required => "is required by this server",
            Self::Forbidden => "must not be sent to this server",
            Self::ReservedName => "looks like a name that is reserved on this server",
            Self::LogoSite => "must be on the site of client_uri on this server",
        })
    }
}
