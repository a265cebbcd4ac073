//! The catalogue of rules: what each is called, and where it comes from.

use super::rule::{KeyFault, PolicyRule, Rule};
use crate::vocabulary::{RedirectUriError, UriError, WebUriError};

impl Rule {
    /// A stable name for programs: it stays when the message is reworded.
    #[must_use]
    pub fn id(&self) -> &'static str {
        let of_uri = |error: &UriError| match error {
            UriError::Relative => "uri_relative",
            UriError::SchemeCharacter(_) => "uri_scheme_character",
            UriError::Character(_) => "uri_character",
            UriError::PercentEncoding => "uri_percent_encoding",
            UriError::Userinfo => "uri_userinfo",
            UriError::Host => "uri_host",
            UriError::Port => "uri_port",
            UriError::DotSegment => "uri_dot_segment",
        };
        match self {
            Self::Json { .. } => "json",
            Self::NumberRange { .. } => "json_number",
            Self::Object => "json_object",
            Self::DuplicateMember => "duplicate_member",
            Self::Depth => "depth",
            Self::ObjectKey => "object_key",
            Self::MemberCount => "member_count",
            Self::ValueCount => "value_count",
            Self::Type { .. } => "type",
            Self::Length { .. } => "length",
            Self::NamesLength => "names_length",
            Self::Count { .. } => "count",
            Self::Empty => "empty",
            Self::Range { .. } => "range",
            Self::DisplayText(_) => "display_text",
            Self::Opaque(_) => "printable_ascii",
            Self::Scope(_) => "scope_syntax",
            Self::Value { .. } => "value",
            Self::Unsupported { .. } => "unsupported",
            Self::RedirectUri(error) => match error {
                RedirectUriError::Uri(UriError::DotSegment) => "redirect_uri_dot_segment",
                RedirectUriError::Uri(error) => of_uri(error),
                RedirectUriError::Fragment => "redirect_uri_fragment",
                RedirectUriError::Wildcard => "redirect_uri_wildcard",
                RedirectUriError::RemoteHttp => "redirect_uri_remote_http",
                RedirectUriError::ForbiddenScheme | RedirectUriError::Name => "redirect_uri_scheme",
                RedirectUriError::Empty => "redirect_uri_empty",
            },
            Self::RedirectUrisRequired { .. } => "redirect_uris_required",
            Self::ImplicitRedirectUri => "implicit_redirect_uri",
            Self::WebUri(error) => match error {
                WebUriError::Uri(error) => of_uri(error),
                WebUriError::Scheme => "uri_scheme",
            },
            Self::Https => "uri_https",
            Self::SpecialUse => "uri_special_use",
            Self::Fragment => "uri_fragment",
            Self::LogoutOrigin => "logout_origin",
            Self::GrantResponse { .. } => "grant_response",
            Self::RefreshAlone { .. } => "refresh_token_alone",
            Self::PublicClientCredentials => "public_client_credentials",
            Self::KeysTwice => "keys_twice",
            Self::KeysRequired { .. } => "keys_required",
            Self::KeyUnfit { .. } => "key_unfit",
            Self::Key(fault) => match fault {
                KeyFault::Kind => "key_kind",
                KeyFault::Private => "key_private",
                KeyFault::Material => "key_material",
                KeyFault::RsaSize => "key_rsa_size",
                KeyFault::RsaModulus => "key_rsa_modulus",
                KeyFault::RsaExponent => "key_rsa_exponent",
                KeyFault::Point => "key_point",
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
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::ServerAssigned => "server_assigned",
            Self::Marks => "marks",
            Self::MixedAlphabets => "mixed_alphabets",
            Self::Policy(rule) => match rule {
                PolicyRule::RedirectHost => "policy_redirect_host",
                PolicyRule::RedirectScheme => "policy_redirect_scheme",
                PolicyRule::HttpsRedirect => "policy_https_redirect",
                PolicyRule::ReverseDnsScheme => "policy_reverse_dns_scheme",
                PolicyRule::RedirectUriCount { .. } => "policy_redirect_uri_count",
                PolicyRule::HttpsLink => "policy_https_link",
                PolicyRule::ApplicationType { .. } => "policy_application_type",
                PolicyRule::Required => "policy_required_member",
                PolicyRule::Forbidden => "policy_forbidden_member",
                PolicyRule::ReservedName => "policy_reserved_name",
                PolicyRule::LogoSite => "policy_logo_site",
            },
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
            Self::NumberRange { .. } => "RFC 8259 section 6",
            Self::Depth
            | Self::ObjectKey
            | Self::SpecialUse
            | Self::MemberCount
            | Self::ValueCount
            | Self::Length { .. }
            | Self::NamesLength
            | Self::Count { .. }
            | Self::Empty
            | Self::Range { .. }
            | Self::DisplayText(_)
            | Self::Opaque(_)
            | Self::Marks
            | Self::MixedAlphabets => "RFC 7591 section 5",
            Self::Scope(_) => "RFC 6749 section 3.3",
            Self::Unsupported { .. } => "RFC 7591 section 2",
            Self::RedirectUri(RedirectUriError::Uri(UriError::DotSegment))
            | Self::WebUri(WebUriError::Uri(UriError::DotSegment)) => "RFC 3986 section 6.2.2.3",
            Self::RedirectUri(error) => match error {
                RedirectUriError::Uri(_) => "RFC 3986",
                RedirectUriError::Fragment => "RFC 6749 section 3.1.2",
                RedirectUriError::Wildcard => "RFC 9700 section 2.1",
                RedirectUriError::RemoteHttp => "RFC 8252 section 7.3",
                RedirectUriError::ForbiddenScheme
                | RedirectUriError::Name
                | RedirectUriError::Empty => "RFC 8252 section 7.1",
            },
            Self::RedirectUrisRequired { .. } => "RFC 7591 section 2",
            Self::ImplicitRedirectUri => "OpenID Connect Dynamic Client Registration 1.0 section 2",
            Self::WebUri(WebUriError::Uri(_)) => "RFC 3986",
            Self::WebUri(WebUriError::Scheme) => "RFC 7591 section 2",
            Self::Https => "OpenID Connect Dynamic Client Registration 1.0 section 2",
            Self::Fragment => "OpenID Connect Back-Channel Logout 1.0 section 2.2",
            Self::LogoutOrigin => "OpenID Connect Front-Channel Logout 1.0 section 2",
            Self::GrantResponse { .. } => "RFC 7591 section 2.1",
            Self::RefreshAlone { .. } => "RFC 6749 section 6",
            Self::PublicClientCredentials => "RFC 6749 section 4.4",
            Self::KeysTwice => "RFC 7591 section 2",
            Self::KeysRequired { .. } => "RFC 7591 section 2",
            Self::KeyUnfit { .. } => "RFC 7517 section 4",
            Self::Key(fault) => match fault {
                KeyFault::Private => "RFC 7591 section 2",
                KeyFault::RsaSize => "RFC 7518 section 3.3",
                KeyFault::RsaModulus | KeyFault::RsaExponent => "RFC 8017 section 3.1",
                KeyFault::Point => "RFC 7518 section 6.2.1",
                KeyFault::Curve => "RFC 7518 section 6.2.1.1",
                _ => "RFC 7517 section 4",
            },
            Self::SharedKeyAlgorithm => "OpenID Connect Core 1.0 section 16.19",
            Self::AlgorithmNone => "RFC 7518 section 3.6",
            Self::Algorithm => "RFC 7518 section 7.1",
            Self::EncWithoutAlg { .. } | Self::Sector => {
                "OpenID Connect Dynamic Client Registration 1.0 section 2"
            }
            Self::Requires { member: "backchannel_logout_uri" } => {
                "OpenID Connect Back-Channel Logout 1.0 section 2.2"
            }
            Self::Requires { .. } => "OpenID Connect Front-Channel Logout 1.0 section 2",
            Self::UnsignedRequestObject => "RFC 9101 section 10.5",
            Self::TlsSubject => "RFC 8705 section 2.1.2",
            // A server may refuse or replace any value (RFC 7591 §2).
            Self::Policy(_) => "RFC 7591 section 2",
            Self::ClientId | Self::ClientSecret | Self::ServerAssigned => "RFC 7592 section 2.2",
        }
    }
}
