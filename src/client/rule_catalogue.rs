//! The catalogue of rules: one row each, with a stable name for programs, which stays when the sentence is reworded, and
//! the specification.

use super::jws::JwsFault as Jws;
use super::rule::{KeyFault as Key, PolicyRule as Policy, Rule};
use super::signed_request::RequestFault as Request;
use super::statement_fault::{SignatureFault as Signature, StatementFault as Statement};
use crate::vocabulary::{
    ClientUrlError as Document, RedirectUriError as Redirect, UriError as Uri, WebUriError as Web,
};

const REGISTRATION: &str = "RFC 7591 section 2";
/// RFC 7591 §2 lets a server reject or replace any value, and §5 asks it to be careful.
const SECURITY: &str = "RFC 7591 section 5";
const SYNTAX: &str = "RFC 7591 section 3.1";
const OIDC: &str = "OpenID Connect Dynamic Client Registration 1.0 section 2";
const STATEMENT: &str = "RFC 7591 section 3.1.1";
const CLAIMS: &str = "RFC 7519 section 4.1";
const PROFILES: &str = "Open Banking Dynamic Client Registration 3.3; Consumer Data Standards, Dynamic Client Registration";
const MANAGEMENT: &str = "RFC 7592 section 2.2";
const DOCUMENT_URL: &str = "Client ID Metadata Document draft-02 section 3";
const MCP: &str = "Model Context Protocol 2025-11-25, Authorization";

/// Makes [`RULES`], and finds the row of a rule.
macro_rules! catalogue {
    ($($rule:pat => $id:literal, $spec:expr;)+) => {
        /// The name of each rule with its specification, in the order of the catalogue. Rules that a client need not
        /// distinguish share a name.
        pub static RULES: &[(&str, &str)] = &[$(($id, $spec)),+];

        impl Rule {
            fn row(&self) -> (&'static str, &'static str) {
                match self {
                    $($rule => ($id, $spec),)+
                }
            }
        }
    };
}

#[rustfmt::skip]
catalogue! {
    Self::Json { .. } => "json", SYNTAX;
    Self::NumberRange { .. } => "json_number", "RFC 8259 section 6";
    Self::Object => "json_object", SYNTAX;
    Self::DuplicateMember => "duplicate_member", "RFC 8259 section 4";
    Self::Depth => "depth", SECURITY;
    Self::ObjectKey => "object_key", SECURITY;
    Self::MemberCount => "member_count", SECURITY;
    Self::ValueCount => "value_count", SECURITY;
    Self::Type { .. } => "type", SYNTAX;
    Self::Length { .. } => "length", SECURITY;
    Self::NamesLength => "names_length", SECURITY;
    Self::EncodedLabels => "encoded_labels", SECURITY;
    Self::Count { .. } => "count", SECURITY;
    Self::Empty => "empty", SECURITY;
    Self::Range { .. } => "range", SECURITY;
    Self::DisplayText(_) => "display_text", SECURITY;
    Self::Opaque(_) => "printable_ascii", SECURITY;
    Self::Scope(_) => "scope_syntax", "RFC 6749 section 3.3";
    Self::Value { .. } => "value", SYNTAX;
    Self::Unsupported { .. } => "unsupported", REGISTRATION;
    Self::RedirectUri(Redirect::Uri(Uri::Relative)) | Self::WebUri(Web::Uri(Uri::Relative))
        | Self::ClientUrl(Document::Uri(Uri::Relative)) => "uri_relative", "RFC 3986";
    Self::RedirectUri(Redirect::Uri(Uri::SchemeCharacter(_))) | Self::WebUri(Web::Uri(Uri::SchemeCharacter(_)))
        | Self::ClientUrl(Document::Uri(Uri::SchemeCharacter(_)))
        => "uri_scheme_character", "RFC 3986";
    Self::RedirectUri(Redirect::Uri(Uri::Character(_))) | Self::WebUri(Web::Uri(Uri::Character(_)))
        | Self::ClientUrl(Document::Uri(Uri::Character(_)))
        => "uri_character", "RFC 3986";
    Self::RedirectUri(Redirect::Uri(Uri::PercentEncoding)) | Self::WebUri(Web::Uri(Uri::PercentEncoding))
        | Self::ClientUrl(Document::Uri(Uri::PercentEncoding))
        => "uri_percent_encoding", "RFC 3986";
    Self::RedirectUri(Redirect::Uri(Uri::Userinfo)) | Self::WebUri(Web::Uri(Uri::Userinfo))
        | Self::ClientUrl(Document::Uri(Uri::Userinfo)) => "uri_userinfo", "RFC 3986";
    Self::RedirectUri(Redirect::Uri(Uri::Host)) | Self::WebUri(Web::Uri(Uri::Host))
        | Self::ClientUrl(Document::Uri(Uri::Host)) => "uri_host", "RFC 3986";
    Self::RedirectUri(Redirect::Uri(Uri::Port)) | Self::WebUri(Web::Uri(Uri::Port))
        | Self::ClientUrl(Document::Uri(Uri::Port)) => "uri_port", "RFC 3986";
    Self::RedirectUri(Redirect::Uri(Uri::DotSegment)) => "redirect_uri_dot_segment", "RFC 3986 section 6.2.2.3";
    Self::RedirectUri(Redirect::Fragment) => "redirect_uri_fragment", "RFC 6749 section 3.1.2";
    Self::RedirectUri(Redirect::Wildcard) => "redirect_uri_wildcard", "RFC 9700 section 2.1";
    Self::RedirectUri(Redirect::RemoteHttp) => "redirect_uri_remote_http", "RFC 8252 section 7.3";
    Self::RedirectUri(Redirect::ForbiddenScheme | Redirect::Name) => "redirect_uri_scheme", "RFC 8252 section 7.1";
    Self::RedirectUri(Redirect::Empty) => "redirect_uri_empty", "RFC 8252 section 7.1";
    Self::RedirectUrisRequired { .. } => "redirect_uris_required", REGISTRATION;
    Self::ImplicitRedirectUri => "implicit_redirect_uri", OIDC;
    Self::WebUri(Web::Uri(Uri::DotSegment)) | Self::ClientUrl(Document::Uri(Uri::DotSegment))
        => "uri_dot_segment", "RFC 3986 section 6.2.2.3";
    Self::WebUri(Web::Scheme) => "uri_scheme", REGISTRATION;
    Self::Https => "uri_https", OIDC;
    Self::SpecialUse => "uri_special_use", SECURITY;
    Self::Fragment => "uri_fragment", "OpenID Connect Back-Channel Logout 1.0 section 2.2";
    Self::LogoutOrigin => "logout_origin", "OpenID Connect Front-Channel Logout 1.0 section 2";
    Self::GrantResponse { .. } => "grant_response", "RFC 7591 section 2.1";
    Self::RefreshAlone { .. } => "refresh_token_alone", "RFC 6749 section 6";
    Self::PublicClientCredentials => "public_client_credentials", "RFC 6749 section 4.4";
    Self::KeysTwice => "keys_twice", REGISTRATION;
    Self::KeysRequired { .. } => "keys_required", REGISTRATION;
    Self::KeyUnfit { .. } => "key_unfit", "RFC 7517 section 4";
    Self::Key(Key::Kind) => "key_kind", "RFC 7517 section 4";
    Self::Key(Key::Private) => "key_private", REGISTRATION;
    Self::Key(Key::Material) => "key_material", "RFC 7517 section 4";
    Self::Key(Key::RsaSize) => "key_rsa_size", "RFC 7518 section 3.3";
    Self::Key(Key::RsaModulus) => "key_rsa_modulus", "RFC 8017 section 3.1";
    Self::Key(Key::RsaExponent) => "key_rsa_exponent", "RFC 8017 section 3.1";
    Self::Key(Key::Point) => "key_point", "RFC 7518 section 6.2.1";
    Self::Key(Key::Curve) => "key_curve", "RFC 7518 section 6.2.1.1";
    Self::Key(Key::DuplicateKid) => "key_duplicate_kid", "RFC 7517 section 4";
    Self::Key(Key::CertificateUri) => "key_certificate_uri", "RFC 7517 section 4.6";
    Self::Key(Key::Purpose) => "key_purpose", "RFC 7517 section 4";
    Self::SharedKeyAlgorithm => "algorithm_shared_key", "OpenID Connect Core 1.0 section 16.19";
    Self::AlgorithmOfMethod { .. } => "algorithm_auth_method", "OpenID Connect Core 1.0 section 10.1";
    Self::AlgorithmNone => "algorithm_none", "RFC 7518 section 3.6";
    Self::Algorithm => "algorithm", "RFC 7518 section 7.1";
    Self::EncWithoutAlg { .. } => "enc_without_alg", OIDC;
    Self::Requires { member: "backchannel_logout_uri" }
        => "requires", "OpenID Connect Back-Channel Logout 1.0 section 2.2";
    Self::Requires { .. } => "requires", "OpenID Connect Front-Channel Logout 1.0 section 2";
    Self::UnsignedRequestObject => "unsigned_request_object", "RFC 9101 section 10.5";
    Self::Sector => "sector", OIDC;
    Self::SectorUnreadable { .. } => "sector_unreadable", "OpenID Connect Dynamic Client Registration 1.0 section 5";
    Self::NotInSector => "sector_redirect_uri", "OpenID Connect Dynamic Client Registration 1.0 section 5";
    Self::TlsSubject => "tls_subject", "RFC 8705 section 2.1.2";
    Self::ClientId => "client_id", MANAGEMENT;
    Self::ClientSecret => "client_secret", MANAGEMENT;
    Self::ServerAssigned => "server_assigned", MANAGEMENT;
    Self::ClientUrl(Document::Length) => "client_url_length", DOCUMENT_URL;
    Self::ClientUrl(Document::Scheme) => "client_url_scheme", DOCUMENT_URL;
    Self::ClientUrl(Document::HostCase | Document::Host) => "client_url_host", DOCUMENT_URL;
    Self::ClientUrl(Document::Path) => "client_url_path", DOCUMENT_URL;
    Self::ClientUrl(Document::EncodedSeparator) => "client_url_encoded_separator", DOCUMENT_URL;
    Self::ClientUrl(Document::Query) => "client_url_query", DOCUMENT_URL;
    Self::ClientUrl(Document::Fragment) => "client_url_fragment", DOCUMENT_URL;
    Self::DocumentClientId { .. } => "document_client_id", "Client ID Metadata Document draft-02 section 4";
    Self::DocumentSecret => "document_secret", "Client ID Metadata Document draft-02 section 4.1";
    Self::DocumentAuthMethod => "document_auth_method", "Client ID Metadata Document draft-02 section 4.1";
    Self::McpRequired => "mcp_required", MCP;
    Self::McpPath => "mcp_path", MCP;
    Self::HostedAuthMethod => "hosted_auth_method", "Client ID Metadata Document draft-02 section 4.1";
    Self::HostedLength { .. } => "hosted_document_length", "Client ID Metadata Document draft-02 section 8.7";
    Self::Statement(Statement::Signature(Signature::Jws(
        Jws::Length(_) | Jws::Form | Jws::Header | Jws::Payload,
    ))) => "statement_syntax", "RFC 7519 section 7.2";
    Self::Statement(Statement::Signature(Signature::Jws(Jws::Algorithm)) | Statement::Algorithm { .. })
        => "statement_algorithm", "RFC 8725 section 3.1";
    Self::Statement(Statement::Signature(Signature::Jws(Jws::Member(_) | Jws::Text(_))))
        => "statement_header", "RFC 7515 section 4.1";
    Self::Statement(Statement::MediaType { .. }) => "statement_type", "RFC 8725 section 3.11";
    Self::Statement(Statement::Signature(Signature::Key(_))) => "statement_key", "RFC 7515 section 6";
    Self::Statement(Statement::Signature(Signature::Wrong)) => "statement_signature", "RFC 7515 section 5.2";
    Self::Statement(Statement::NoIssuer) => "statement_no_issuer", STATEMENT;
    Self::Statement(Statement::Untrusted) => "statement_untrusted_issuer", STATEMENT;
    Self::Statement(Statement::DeniedSoftware) => "statement_denied_software", STATEMENT;
    Self::Statement(Statement::OtherIssuer) => "statement_other_issuer", MANAGEMENT;
    Self::Statement(Statement::Time(_)) => "statement_time", CLAIMS;
    Self::Statement(Statement::Expired) => "statement_expired", CLAIMS;
    Self::Statement(Statement::TooEarly(_)) => "statement_too_early", CLAIMS;
    Self::Statement(Statement::TooOld { .. }) => "statement_too_old", CLAIMS;
    Self::Statement(Statement::Audience { .. }) => "statement_audience", CLAIMS;
    Self::Statement(Statement::Claim(_)) => "statement_claim_required", STATEMENT;
    Self::Statement(Statement::Assigned(_)) => "statement_assigned", STATEMENT;
    Self::Statement(Statement::Used(_)) => "statement_used", STATEMENT;
    Self::Statement(Statement::Missing) => "statement_missing", STATEMENT;
    Self::Statement(Statement::KeysUrl(_)) => "statement_keys_url", STATEMENT;
    Self::StatementRequired => "statement_required", STATEMENT;
    Self::Request(Request::Unexpected | Request::Unsigned) => "signed_request_required", PROFILES;
    Self::Request(Request::Signature(_) | Request::Algorithm | Request::Kid) => "signed_request_signature", PROFILES;
    Self::Request(Request::Replayed) => "signed_request_replayed", CLAIMS;
    Self::Request(Request::Registered) => "signed_request_software", PROFILES;
    Self::Request(
        Request::Claim(_) | Request::Expired | Request::Future | Request::Audience { .. } | Request::Software
        | Request::Member(_)
    ) => "signed_request_claim", PROFILES;
    Self::StatementRedirectUris => "statement_redirect_uris", STATEMENT;
    Self::StatementSubset => "statement_subset", STATEMENT;
    Self::StatementConflict => "statement_conflict", STATEMENT;
    Self::Marks => "marks", SECURITY;
    Self::MixedAlphabets => "mixed_alphabets", SECURITY;
    Self::Policy(Policy::RedirectHost) => "policy_redirect_host", REGISTRATION;
    Self::Policy(Policy::RedirectScheme) => "policy_redirect_scheme", REGISTRATION;
    Self::Policy(Policy::HttpsRedirect) => "policy_https_redirect", REGISTRATION;
    Self::Policy(Policy::ReverseDnsScheme) => "policy_reverse_dns_scheme", REGISTRATION;
    Self::Policy(Policy::RedirectUriCount { .. }) => "policy_redirect_uri_count", REGISTRATION;
    Self::Policy(Policy::HttpsLink) => "policy_https_link", REGISTRATION;
    Self::Policy(Policy::ApplicationType { .. }) => "policy_application_type", REGISTRATION;
    Self::Policy(Policy::Required) => "policy_required_member", REGISTRATION;
    Self::Policy(Policy::Forbidden) => "policy_forbidden_member", REGISTRATION;
    Self::Policy(Policy::ReservedName) => "policy_reserved_name", REGISTRATION;
    Self::Policy(Policy::LogoSite) => "policy_logo_site", REGISTRATION;
    Self::Policy(Policy::CertificateSubject { .. }) => "policy_certificate_subject", "RFC 8705 section 2.1.2";
}

impl Rule {
    /// A stable name for programs: it stays when the message is reworded.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().0
    }

    /// The document and section the rule comes from.
    #[must_use]
    pub fn spec(&self) -> &'static str {
        self.row().1
    }
}
