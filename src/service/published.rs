//! The authorization server metadata an operator can publish, and the type of each (the IANA
//! registry of RFC 8414 §7.1, and four names that are in use without being registered).

use serde_json::Value;

use crate::vocabulary::WebUri;

/// What a published member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not for the operator to set: this program knows it.
    Derived,
    /// An https URL, or a path that is appended to the issuer.
    Endpoint,
    /// An http or https URL for people.
    Link,
    /// Text.
    Text,
    /// A list of strings.
    List,
    /// True or false.
    Flag,
    /// An object.
    Object,
}

impl Kind {
    /// What a value has to be, as it completes the sentence "must be …".
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::Derived => "left out: it follows from the issuer",
            Self::Endpoint => "an https URL, or a path starting with /, without a fragment",
            Self::Link => "an http or https URL",
            Self::Text => "a string",
            Self::List => "a list of strings",
            Self::Flag => "true or false",
            Self::Object => "an object",
        }
    }

    /// Whether `value` is one.
    #[must_use]
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Self::Derived => false,
            Self::Endpoint => value.as_str().is_some_and(|text| {
                let absolute = if text.starts_with('/') {
                    format!("https://h{text}")
                } else {
                    text.to_owned()
                };
                WebUri::parse(&absolute).is_ok_and(|uri| {
                    (uri.is_https() || uri.host().is_loopback()) && !uri.has_fragment()
                })
            }),
            Self::Link => value.as_str().is_some_and(|text| WebUri::parse(text).is_ok()),
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::List => value.as_array().is_some_and(|list| {
                list.iter().all(|value| value.as_str().is_some_and(|text| !text.is_empty()))
            }),
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
        }
    }
}

/// Every member with its kind, in the order of the document.
pub const PUBLISHED: [(&str, Kind); 86] = {
    use Kind::{Derived, Endpoint, Flag, Link, List, Object, Text};
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
        ("token_endpoint_auth_signing_alg_values_supported", List),
        ("service_documentation", Link),
        ("ui_locales_supported", List),
        ("op_policy_uri", Link),
        ("op_tos_uri", Link),
        ("revocation_endpoint", Endpoint),
        ("revocation_endpoint_auth_methods_supported", List),
        ("revocation_endpoint_auth_signing_alg_values_supported", List),
        ("introspection_endpoint", Endpoint),
        ("introspection_endpoint_auth_methods_supported", List),
        ("introspection_endpoint_auth_signing_alg_values_supported", List),
        ("code_challenge_methods_supported", List),
        ("signed_metadata", Text),
        ("device_authorization_endpoint", Endpoint),
        ("tls_client_certificate_bound_access_tokens", Flag),
        ("mtls_endpoint_aliases", Object),
        ("nfv_token_signing_alg_values_supported", List),
        ("nfv_token_encryption_alg_values_supported", List),
        ("nfv_token_encryption_enc_values_supported", List),
        ("userinfo_endpoint", Endpoint),
        ("acr_values_supported", List),
        ("subject_types_supported", List),
        ("id_token_signing_alg_values_supported", List),
        ("id_token_encryption_alg_values_supported", List),
        ("id_token_encryption_enc_values_supported", List),
        ("userinfo_signing_alg_values_supported", List),
        ("userinfo_encryption_alg_values_supported", List),
        ("userinfo_encryption_enc_values_supported", List),
        ("request_object_signing_alg_values_supported", List),
        ("request_object_encryption_alg_values_supported", List),
        ("request_object_encryption_enc_values_supported", List),
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
        ("introspection_signing_alg_values_supported", List),
        ("introspection_encryption_alg_values_supported", List),
        ("introspection_encryption_enc_values_supported", List),
        ("authorization_response_iss_parameter_supported", Flag),
        ("check_session_iframe", Endpoint),
        ("frontchannel_logout_supported", Flag),
        ("backchannel_logout_supported", Flag),
        ("backchannel_logout_session_supported", Flag),
        ("end_session_endpoint", Endpoint),
        ("backchannel_token_delivery_modes_supported", List),
        ("backchannel_authentication_endpoint", Endpoint),
        ("backchannel_authentication_request_signing_alg_values_supported", List),
        ("backchannel_user_code_parameter_supported", Flag),
        ("authorization_details_types_supported", List),
        ("dpop_signing_alg_values_supported", List),
        ("client_registration_types_supported", List),
        ("federation_registration_endpoint", Endpoint),
        ("signed_jwks_uri", Endpoint),
        ("jwks", Object),
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
        ("authorization_signing_alg_values_supported", List),
        ("authorization_encryption_alg_values_supported", List),
        ("authorization_encryption_enc_values_supported", List),
        ("client_id_metadata_document_supported", Flag),
    ]
};
