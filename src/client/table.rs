//! The table of client metadata: one row for each member. The code needs no other place for a member, except for rules
//! between members (`rules.rs`) and the core members, which are fields of `ClientMetadata`.
//!
//! The table has the 92 registered names, and six that their specs define without a registration. The rows are in the
//! order of a response; the first six are the core members. `tests/registry.rs` compares the table with the IANA
//! registry; `docs/metadata.md` and `public/openapi.json` are written from it. `CONTRIBUTING.md` lists the steps of a new
//! member.

use super::limits;
pub use super::member::{Default, Kind, Member, Property};

/// The number of core members, which begin the table.
pub(super) const CORE: usize = 6;

const OIDC_REGISTRATION: &str = "OpenID Connect Dynamic Client Registration 1.0, Section 2";
const RP_CHOICES: &str = "OpenID Connect Relying Party Metadata Choices 1.0, Section 2";
const RFC_7591: &str = "RFC 7591, Section 2";

const fn row(name: &'static str, kind: Kind, spec: &'static str) -> Member {
    Member { place: 0, name, kind, default: Default::None, properties: &[], spec }
}

impl Member {
    const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    const fn with(mut self, properties: &'static [Property]) -> Self {
        self.properties = properties;
        self
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs in the compiler"
)]
const fn numbered<const N: usize>(mut rows: [Member; N]) -> [Member; N] {
    let mut place = 0;
    while place < N {
        rows[place].place = place;
        place += 1;
    }
    rows
}

/// Finds the row of `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Member> {
    MEMBERS.iter().find(|member| member.name == name)
}

/// Whether only the server assigns the member `name`.
#[must_use]
pub fn is_assigned(name: &str) -> bool {
    find(name).is_some_and(|member| member.kind == Kind::ServerAssigned)
}

/// Whether the table has the member `name`.
#[must_use]
pub fn is_member(name: &str) -> bool {
    find(name).is_some()
}

/// Whether `name` is a member of the table, alone or in one of its languages.
#[must_use]
pub fn is_localized_member(name: &str) -> bool {
    find_localized(name).is_some()
}

/// Finds the row of `name` or `name#language`, with the language tag. A tag on a member that has
/// no languages, or one that is no tag, makes an unknown member.
#[must_use]
pub fn find_localized(key: &str) -> Option<(&'static Member, Option<&str>)> {
    match key.split_once('#') {
        None => find(key).map(|member| (member, None)),
        Some((name, tag)) => {
            let member = find(name).filter(|member| member.has(Property::Localized))?;
            is_language_tag(tag).then_some((member, Some(tag)))
        }
    }
}

/// The shape of a language tag (RFC 5646 §2.1): subtags of one to eight letters and digits.
fn is_language_tag(tag: &str) -> bool {
    let subtag =
        |s: &str| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
    tag.len() <= limits::LANGUAGE_TAG
        && tag.starts_with(|c: char| c.is_ascii_alphabetic())
        && tag.split('-').all(subtag)
}

/// Every member, in the order of a response.
#[rustfmt::skip]
pub static MEMBERS: &[Member] = &numbered({
    use Kind::{ApplicationType, AuthMethod, AuthSigningAlg, Choices, DisplayText, DisplayTexts, Enc, EncList, Enum, Enums, Flag, GrantTypes, Jwe, JwkSet, Jws, LogoutUri, Object, Opaque, RedirectUriList, RedirectUris, ResponseTypes, Scope, Seconds, SecureUri, SecureUris, ServerAssigned, SoftwareStatement, Text, Texts, WebUri};
    use Property::{CertificateSubject, Fetched, Localized, Name, ReceivesUsers};
    [
        row("redirect_uris", RedirectUris, RFC_7591).with(&[ReceivesUsers]),
        row("grant_types", GrantTypes, RFC_7591),
        row("response_types", ResponseTypes, RFC_7591),
        row("token_endpoint_auth_method", AuthMethod, RFC_7591),
        row("application_type", ApplicationType, OIDC_REGISTRATION),
        row("scope", Scope, RFC_7591),
        row("client_name", DisplayText, RFC_7591).with(&[Localized, Name]),
        row("client_uri", WebUri, RFC_7591).with(&[Localized]),
        row("logo_uri", WebUri, RFC_7591).with(&[Localized]),
        row("contacts", DisplayTexts, RFC_7591),
        row("tos_uri", WebUri, RFC_7591).with(&[Localized]),
        row("policy_uri", WebUri, RFC_7591).with(&[Localized]),
        row("jwks_uri", SecureUri, RFC_7591).with(&[Fetched]),
        row("jwks", JwkSet, RFC_7591),
        row("software_id", Text, RFC_7591),
        row("software_version", Text, RFC_7591),
        row("software_statement", SoftwareStatement, "RFC 7591, Section 2.3"),
        row("sector_identifier_uri", SecureUri, OIDC_REGISTRATION).with(&[Fetched]),
        row("subject_type", Enum { allowed: "public, pairwise", supported: Some("subject_types_supported") }, OIDC_REGISTRATION).default(Default::Supported("public")),
        row("id_token_signed_response_alg", Jws { supported: "id_token_signing_alg_values_supported", none: true }, OIDC_REGISTRATION).default(Default::Supported("RS256")),
        row("id_token_encrypted_response_alg", Jwe { supported: "id_token_encryption_alg_values_supported" }, OIDC_REGISTRATION),
        row("id_token_encrypted_response_enc", Enc { supported: "id_token_encryption_enc_values_supported", alg: "id_token_encrypted_response_alg" }, OIDC_REGISTRATION).default(Default::EncOfAlg),
        row("userinfo_signed_response_alg", Jws { supported: "userinfo_signing_alg_values_supported", none: true }, OIDC_REGISTRATION),
        row("userinfo_encrypted_response_alg", Jwe { supported: "userinfo_encryption_alg_values_supported" }, OIDC_REGISTRATION),
        row("userinfo_encrypted_response_enc", Enc { supported: "userinfo_encryption_enc_values_supported", alg: "userinfo_encrypted_response_alg" }, OIDC_REGISTRATION).default(Default::EncOfAlg),
        row("request_object_signing_alg", Jws { supported: "request_object_signing_alg_values_supported", none: true }, OIDC_REGISTRATION),
        row("request_object_encryption_alg", Jwe { supported: "request_object_encryption_alg_values_supported" }, OIDC_REGISTRATION),
        row("request_object_encryption_enc", Enc { supported: "request_object_encryption_enc_values_supported", alg: "request_object_encryption_alg" }, OIDC_REGISTRATION).default(Default::EncOfAlg),
        row("token_endpoint_auth_signing_alg", AuthSigningAlg, OIDC_REGISTRATION),
        row("default_max_age", Seconds, OIDC_REGISTRATION),
        row("require_auth_time", Flag, OIDC_REGISTRATION).default(Default::False),
        row("default_acr_values", Texts, OIDC_REGISTRATION),
        row("initiate_login_uri", SecureUri, OIDC_REGISTRATION).with(&[ReceivesUsers]),
        row("request_uris", SecureUris, OIDC_REGISTRATION).with(&[Fetched]),
        row("claims_redirect_uris", RedirectUriList, "UMA 2.0 Grant for OAuth 2.0, Section 2").with(&[ReceivesUsers]),
        row("nfv_token_signed_response_alg", Jws { supported: "nfv_token_signing_alg_values_supported", none: false }, "ETSI GS NFV-SEC 022 V2.7.1"),
        row("nfv_token_encrypted_response_alg", Jwe { supported: "nfv_token_encryption_alg_values_supported" }, "ETSI GS NFV-SEC 022 V2.7.1"),
        row("nfv_token_encrypted_response_enc", Enc { supported: "nfv_token_encryption_enc_values_supported", alg: "nfv_token_encrypted_response_alg" }, "ETSI GS NFV-SEC 022 V2.7.1"),
        row("tls_client_certificate_bound_access_tokens", Flag, "RFC 8705, Section 3.4").default(Default::False),
        row("tls_client_auth_subject_dn", Text, "RFC 8705, Section 2.1.2").with(&[CertificateSubject]),
        row("tls_client_auth_san_dns", Opaque, "RFC 8705, Section 2.1.2").with(&[CertificateSubject]),
        row("tls_client_auth_san_uri", Opaque, "RFC 8705, Section 2.1.2").with(&[CertificateSubject]),
        row("tls_client_auth_san_ip", Opaque, "RFC 8705, Section 2.1.2").with(&[CertificateSubject]),
        row("tls_client_auth_san_email", Opaque, "RFC 8705, Section 2.1.2").with(&[CertificateSubject]),
        row("require_signed_request_object", Flag, "RFC 9101, Section 10.5").default(Default::False),
        row("require_pushed_authorization_requests", Flag, "RFC 9126, Section 6").default(Default::False),
        row("introspection_signed_response_alg", Jws { supported: "introspection_signing_alg_values_supported", none: false }, "RFC 9701, Section 6").default(Default::Supported("RS256")),
        row("introspection_encrypted_response_alg", Jwe { supported: "introspection_encryption_alg_values_supported" }, "RFC 9701, Section 6"),
        row("introspection_encrypted_response_enc", Enc { supported: "introspection_encryption_enc_values_supported", alg: "introspection_encrypted_response_alg" }, "RFC 9701, Section 6").default(Default::EncOfAlg),
        row("frontchannel_logout_uri", LogoutUri, "OpenID Connect Front-Channel Logout 1.0, Section 2").with(&[ReceivesUsers]),
        row("frontchannel_logout_session_required", Flag, "OpenID Connect Front-Channel Logout 1.0, Section 2").default(Default::False),
        row("backchannel_logout_uri", LogoutUri, "OpenID Connect Back-Channel Logout 1.0, Section 2.2").with(&[Fetched]),
        row("backchannel_logout_session_required", Flag, "OpenID Connect Back-Channel Logout 1.0, Section 2.2").default(Default::False),
        row("post_logout_redirect_uris", RedirectUriList, "OpenID Connect RP-Initiated Logout 1.0, Section 3.1").with(&[ReceivesUsers]),
        row("authorization_details_types", Texts, "RFC 9396, Section 10"),
        row("dpop_bound_access_tokens", Flag, "RFC 9449, Section 5.2").default(Default::False),
        row("client_registration_types", Enums { allowed: "automatic, explicit" }, "OpenID Federation 1.0, Section 5.1.2"),
        row("signed_jwks_uri", SecureUri, "OpenID Federation 1.0, Section 5.2.1").with(&[Fetched]),
        row("organization_name", DisplayText, "OpenID Federation 1.0, Section 5.2.2").with(&[Localized, Name]),
        row("description", DisplayText, "OpenID Federation 1.0, Section 5.2.2").with(&[Localized]),
        row("keywords", DisplayTexts, "OpenID Federation 1.0, Section 5.2.2"),
        row("information_uri", WebUri, "OpenID Federation 1.0, Section 5.2.2").with(&[Localized]),
        row("organization_uri", WebUri, "OpenID Federation 1.0, Section 5.2.2").with(&[Localized]),
        row("use_mtls_endpoint_aliases", Flag, "FAPI 2.0 Security Profile, Section 5.2.2.1.1").default(Default::False),
        row("encrypted_response_enc_values_supported", EncList, "OpenID4VP 1.0, Section 5.1"),
        row("vp_formats_supported", Object, "OpenID4VP 1.0, Section 11.1"),
        row("authorization_signed_response_alg", Jws { supported: "authorization_signing_alg_values_supported", none: false }, "JWT Secured Authorization Response Mode for OAuth 2.0, Section 3").default(Default::Supported("RS256")),
        row("backchannel_token_delivery_mode", Enum { allowed: "poll, ping, push", supported: Some("backchannel_token_delivery_modes_supported") }, "OpenID Connect CIBA Core 1.0, Section 4"),
        row("backchannel_client_notification_endpoint", SecureUri, "OpenID Connect CIBA Core 1.0, Section 4").with(&[Fetched]),
        row("backchannel_authentication_request_signing_alg", Jws { supported: "backchannel_authentication_request_signing_alg_values_supported", none: false }, "OpenID Connect CIBA Core 1.0, Section 4"),
        row("backchannel_user_code_parameter", Flag, "OpenID Connect CIBA Core 1.0, Section 4"),
        row("authorization_encrypted_response_alg", Jwe { supported: "authorization_encryption_alg_values_supported" }, "JWT Secured Authorization Response Mode for OAuth 2.0, Section 3"),
        row("authorization_encrypted_response_enc", Enc { supported: "authorization_encryption_enc_values_supported", alg: "authorization_encrypted_response_alg" }, "JWT Secured Authorization Response Mode for OAuth 2.0, Section 3").default(Default::EncOfAlg),
        row("subject_types_supported", Choices { of: "subject_type" }, RP_CHOICES),
        row("id_token_signing_alg_values_supported", Choices { of: "id_token_signed_response_alg" }, RP_CHOICES),
        row("id_token_encryption_alg_values_supported", Choices { of: "id_token_encrypted_response_alg" }, RP_CHOICES),
        row("id_token_encryption_enc_values_supported", Choices { of: "id_token_encrypted_response_enc" }, RP_CHOICES),
        row("userinfo_signing_alg_values_supported", Choices { of: "userinfo_signed_response_alg" }, RP_CHOICES),
        row("userinfo_encryption_alg_values_supported", Choices { of: "userinfo_encrypted_response_alg" }, RP_CHOICES),
        row("userinfo_encryption_enc_values_supported", Choices { of: "userinfo_encrypted_response_enc" }, RP_CHOICES),
        row("request_object_signing_alg_values_supported", Choices { of: "request_object_signing_alg" }, RP_CHOICES),
        row("request_object_encryption_alg_values_supported", Choices { of: "request_object_encryption_alg" }, RP_CHOICES),
        row("request_object_encryption_enc_values_supported", Choices { of: "request_object_encryption_enc" }, RP_CHOICES),
        row("token_endpoint_auth_methods_supported", Choices { of: "token_endpoint_auth_method" }, RP_CHOICES),
        row("token_endpoint_auth_signing_alg_values_supported", Choices { of: "token_endpoint_auth_signing_alg" }, RP_CHOICES),
        row("backchannel_authentication_request_signing_alg_values_supported", Choices { of: "backchannel_authentication_request_signing_alg" }, RP_CHOICES),
        row("authorization_signing_alg_values_supported", Choices { of: "authorization_signed_response_alg" }, RP_CHOICES),
        row("authorization_encryption_alg_values_supported", Choices { of: "authorization_encrypted_response_alg" }, RP_CHOICES),
        row("authorization_encryption_enc_values_supported", Choices { of: "authorization_encrypted_response_enc" }, RP_CHOICES),
        row("introspection_signing_alg_values_supported", Choices { of: "introspection_signed_response_alg" }, RP_CHOICES),
        row("introspection_encryption_alg_values_supported", Choices { of: "introspection_encrypted_response_alg" }, RP_CHOICES),
        row("introspection_encryption_enc_values_supported", Choices { of: "introspection_encrypted_response_enc" }, RP_CHOICES),
        row("client_id", ServerAssigned, "RFC 7591, Section 3.2.1"),
        row("client_secret", ServerAssigned, "RFC 7591, Section 3.2.1"),
        row("client_id_issued_at", ServerAssigned, "RFC 7591, Section 3.2.1"),
        row("client_secret_expires_at", ServerAssigned, "RFC 7591, Section 3.2.1"),
        row("registration_access_token", ServerAssigned, "RFC 7592, Section 3"),
        row("registration_client_uri", ServerAssigned, "RFC 7592, Section 3"),
    ]
});
