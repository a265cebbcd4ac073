//! The authorization server metadata an operator can publish, and the type of each (the IANA
//! registry of RFC 8414 §7.1, and four names that are in use without being registered).

use serde_json::Value;

use crate::vocabulary::{Algorithm, Use, WebUri};

/// The type of a published member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishedKind {
    /// Not for the operator to set: this program knows it.
    Derived,
    /// The same, of the type true or false.
    DerivedFlag,
    /// An https URL, or a path that is appended to the issuer.
    Endpoint,
    /// Endpoints by their member names (RFC 8705 §5).
    Aliases,
    /// An http or https URL for people.
    Link,
    /// Text.
    Text,
    /// A JWS in compact form.
    Jws,
    /// A list of strings.
    List,
    /// A list of strings of a set.
    OneOf(&'static [&'static str]),
    /// A list of JWS algorithms.
    Signatures,
    /// A list of JWS algorithms without `none`.
    SafeSignatures,
    /// A list of JWS algorithms with a private key (RFC 9449 §4.2).
    PrivateKeySignatures,
    /// A list of JWE `alg` values.
    KeyWraps,
    /// A list of JWE `enc` values.
    Encryptions,
    /// True or false.
    Flag,
    /// A JWK set.
    KeySet,
}

impl PublishedKind {
    /// The expected value, as it completes the sentence "must be …".
    #[must_use]
    pub fn expected(self) -> String {
        match self {
            Self::Derived => "left out: it follows from the issuer".into(),
            Self::DerivedFlag => "left out: it follows from DOCUMENTS.mode".into(),
            Self::Endpoint => "an https URL, or a path starting with /, without a fragment".into(),
            Self::Aliases => "a table of https URLs".into(),
            Self::Link => "an http or https URL".into(),
            Self::Text => "a string".into(),
            Self::Jws => "a JWS in compact form".into(),
            Self::List => "a list of strings".into(),
            Self::OneOf(values) => format!("a list of: {}", values.join(", ")),
            Self::Signatures => "a list of JWS algorithms that are known here".into(),
            Self::SafeSignatures => "a list of JWS algorithms that are known here, not none".into(),
            Self::PrivateKeySignatures => {
                "a list of JWS algorithms that are known here and sign with a private key".into()
            }
            Self::KeyWraps => "a list of JWE alg values that are known here".into(),
            Self::Encryptions => "a list of JWE enc values that are known here".into(),
            Self::Flag => "true or false".into(),
            Self::KeySet => "a JWK set: a table with a list of keys".into(),
        }
    }

    /// Whether `value` has this type.
    #[must_use]
    pub fn admits(self, value: &Value) -> bool {
        let each = |good: &dyn Fn(&str) -> bool| {
            strings(value).is_some_and(|mut texts| texts.all(|text| text.is_some_and(good)))
        };
        let is = |text: &str, uses: &[Use]| {
            Algorithm::find(text).is_some_and(|algorithm| uses.contains(&algorithm.purpose))
        };
        match self {
            Self::Derived | Self::DerivedFlag => false,
            Self::Endpoint => value.as_str().is_some_and(|text| {
                let path = text.starts_with('/').then(|| format!("https://h{text}"));
                is_endpoint(path.as_deref().unwrap_or(text))
            }),
            Self::Aliases => value.as_object().is_some_and(|aliases| {
                aliases.values().all(|url| url.as_str().is_some_and(is_endpoint))
            }),
            Self::Link => value.as_str().is_some_and(|text| WebUri::parse(text).is_ok()),
            Self::Jws => value.as_str().is_some_and(|text| text.split('.').count() == 3),
            Self::OneOf(values) => each(&|text| values.contains(&text)),
            Self::Signatures => each(&|text| is(text, &[Use::Signature, Use::Mac, Use::Unsecured])),
            Self::SafeSignatures => each(&|text| is(text, &[Use::Signature, Use::Mac])),
            Self::PrivateKeySignatures => each(&|text| is(text, &[Use::Signature])),
            Self::KeyWraps => each(&|text| is(text, &[Use::KeyWrap, Use::SharedKeyWrap])),
            Self::Encryptions => each(&|text| is(text, &[Use::Content])),
            Self::KeySet => value.get("keys").is_some_and(Value::is_array),
            Self::Text | Self::List | Self::Flag => self.has_shape(value),
        }
    }

    /// Whether `value` has the JSON type of one and is not empty: what any parser asks for.
    #[must_use]
    pub fn has_shape(self, value: &Value) -> bool {
        match self {
            Self::Derived | Self::Endpoint | Self::Link | Self::Text | Self::Jws => {
                value.as_str().is_some_and(|text| !text.is_empty())
            }
            Self::Flag | Self::DerivedFlag => value.is_boolean(),
            Self::Aliases | Self::KeySet => value.is_object(),
            _ => strings(value).is_some_and(|mut texts| {
                texts.all(|text| text.is_some_and(|text| !text.is_empty()))
            }),
        }
    }
}

fn strings(value: &Value) -> Option<impl Iterator<Item = Option<&str>>> {
    value.as_array().map(|list| list.iter().map(Value::as_str))
}

fn is_endpoint(url: &str) -> bool {
    WebUri::parse(url)
        .is_ok_and(|uri| (uri.is_https() || uri.host().is_loopback()) && !uri.has_fragment())
}

/// The name of every member.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler")]
pub static NAMES: [&str; 86] = {
    let mut names = [""; 86];
    let mut at = 0;
    while at < names.len() {
        names[at] = PUBLISHED[at].0;
        at += 1;
    }
    names
};

/// Every member with its kind, in the order of the document.
pub const PUBLISHED: [(&str, PublishedKind); 86] = {
    use PublishedKind::{
        Aliases, Derived, DerivedFlag, Encryptions, Endpoint, Flag, Jws, KeySet, KeyWraps, Link,
        List, OneOf, PrivateKeySignatures, SafeSignatures, Signatures, Text,
    };
    [
        ("issuer", Derived),
        ("authorization_endpoint", Endpoint),
        ("token_endpoint", Endpoint),
        ("jwks_uri", Endpoint),
        ("registration_endpoint", Derived),
        ("scopes_supported", List),
        ("response_types_supported", List),
        ("response_modes_supported", List),
        ("grant_types_supported", List),
        ("token_endpoint_auth_methods_supported", List),
        ("token_endpoint_auth_signing_alg_values_supported", SafeSignatures),
        ("service_documentation", Link),
        ("ui_locales_supported", List),
        ("op_policy_uri", Link),
        ("op_tos_uri", Link),
        ("revocation_endpoint", Endpoint),
        ("revocation_endpoint_auth_methods_supported", List),
        ("revocation_endpoint_auth_signing_alg_values_supported", SafeSignatures),
        ("introspection_endpoint", Endpoint),
        ("introspection_endpoint_auth_methods_supported", List),
        ("introspection_endpoint_auth_signing_alg_values_supported", SafeSignatures),
        ("code_challenge_methods_supported", List),
        ("signed_metadata", Jws),
        ("device_authorization_endpoint", Endpoint),
        ("tls_client_certificate_bound_access_tokens", Flag),
        ("mtls_endpoint_aliases", Aliases),
        ("nfv_token_signing_alg_values_supported", Signatures),
        ("nfv_token_encryption_alg_values_supported", KeyWraps),
        ("nfv_token_encryption_enc_values_supported", Encryptions),
        ("userinfo_endpoint", Endpoint),
        ("acr_values_supported", List),
        ("subject_types_supported", OneOf(&["public", "pairwise"])),
        ("id_token_signing_alg_values_supported", Signatures),
        ("id_token_encryption_alg_values_supported", KeyWraps),
        ("id_token_encryption_enc_values_supported", Encryptions),
        ("userinfo_signing_alg_values_supported", Signatures),
        ("userinfo_encryption_alg_values_supported", KeyWraps),
        ("userinfo_encryption_enc_values_supported", Encryptions),
        ("request_object_signing_alg_values_supported", Signatures),
        ("request_object_encryption_alg_values_supported", KeyWraps),
        ("request_object_encryption_enc_values_supported", Encryptions),
        ("display_values_supported", List),
        ("claim_types_supported", List),
        ("claims_supported", List),
        ("claims_locales_supported", List),
        ("claims_parameter_supported", Flag),
        ("request_parameter_supported", Flag),
        ("request_uri_parameter_supported", Flag),
        ("require_request_uri_registration", Flag),
        ("require_signed_request_object", Flag),
        ("pushed_authorization_request_endpoint", Endpoint),
        ("require_pushed_authorization_requests", Flag),
        ("introspection_signing_alg_values_supported", Signatures),
        ("introspection_encryption_alg_values_supported", KeyWraps),
        ("introspection_encryption_enc_values_supported", Encryptions),
        ("authorization_response_iss_parameter_supported", Flag),
        ("check_session_iframe", Endpoint),
        ("frontchannel_logout_supported", Flag),
        ("backchannel_logout_supported", Flag),
        ("backchannel_logout_session_supported", Flag),
        ("end_session_endpoint", Endpoint),
        ("backchannel_token_delivery_modes_supported", OneOf(&["poll", "ping", "push"])),
        ("backchannel_authentication_endpoint", Endpoint),
        ("backchannel_authentication_request_signing_alg_values_supported", Signatures),
        ("backchannel_user_code_parameter_supported", Flag),
        ("authorization_details_types_supported", List),
        ("dpop_signing_alg_values_supported", PrivateKeySignatures),
        ("client_registration_types_supported", OneOf(&["automatic", "explicit"])),
        ("federation_registration_endpoint", Endpoint),
        ("signed_jwks_uri", Endpoint),
        ("jwks", KeySet),
        ("organization_name", Text),
        ("display_name", Text),
        ("description", Text),
        ("keywords", List),
        ("contacts", List),
        ("logo_uri", Link),
        ("information_uri", Link),
        ("organization_uri", Link),
        ("protected_resources", List),
        ("status_list_aggregation_endpoint", Endpoint),
        ("identity_chaining_requested_token_types_supported", List),
        ("authorization_signing_alg_values_supported", Signatures),
        ("authorization_encryption_alg_values_supported", KeyWraps),
        ("authorization_encryption_enc_values_supported", Encryptions),
        ("client_id_metadata_document_supported", DerivedFlag),
    ]
};
