//! The rules between members, one function each, in the order their problems are reported.

use super::alphabets::mixes_alphabets;
use super::check::Checker;
use super::judge::judge_algorithm;
use super::jwks::Need;
use super::limits;
use super::metadata::ClientMetadata;
use super::problem::Pointer;
use super::rule::Rule;
use super::supported::listed;
use super::table::{Kind, Property};
use super::value::MemberValue;
use crate::vocabulary::{
    Algorithm, ApplicationType, AuthMethod, GrantType, RedirectUri, ResponseType, Use,
};

/// Holds `metadata` against every rule.
pub(super) fn apply(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    redirect_uris_where_needed(metadata, checker);
    implicit_web_clients(metadata, checker);
    one_source_of_keys(metadata, checker);
    keys_for_the_auth_method(metadata, checker);
    auth_signing_algorithm(metadata, checker);
    shared_keys(metadata, checker);
    tls_subject(metadata, checker);
    encryption(metadata, checker);
    unsecured_id_tokens(metadata, checker);
    signed_request_objects(metadata, checker);
    pairwise_sector(metadata, checker);
    secure_uris(metadata, checker);
    logout(metadata, checker);
    names_of_one_alphabet(metadata, checker);
}

/// RFC 7591 §5: a name must not pass for another. In one word, letters of two alphabets that look alike
/// serve nothing else.
fn names_of_one_alphabet(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let mut bytes = 0_usize;
    for (member, text) in metadata.names() {
        bytes = bytes.saturating_add(text.len());
        if bytes > limits::NAMES {
            checker.reject::<()>(member.pointer(), text, Rule::NamesLength);
            return;
        }
        if mixes_alphabets(text) {
            checker.reject::<()>(member.pointer(), text, Rule::MixedAlphabets);
        }
    }
}

/// RFC 7591 §2: clients of flows with redirection MUST register their redirection URIs.
fn redirect_uris_where_needed(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let redirecting = metadata.grant_types.iter().filter(|grant| grant.uses_redirection());
    let grants = listed(redirecting.map(GrantType::as_str));
    if !grants.is_empty() && metadata.redirect_uris.is_empty() {
        let rule = Rule::RedirectUrisRequired { grants };
        checker.reject::<()>(Pointer::to("redirect_uris"), "", rule);
    }
}

/// OIDC Dynamic Client Registration 1.0 §2, `application_type`: web clients of the implicit flow use
/// https and no loopback host. For the code flow both are fine: desktop clients call themselves web.
fn implicit_web_clients(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let implicit = metadata.response_types.iter().any(|response| response.is_implicit());
    if !implicit || metadata.application_type != ApplicationType::Web {
        return;
    }
    let at = Pointer::to("redirect_uris");
    for (index, uri) in metadata.redirect_uris.iter().enumerate() {
        let local = uri.host().is_some_and(|host| host.is_loopback());
        if local || uri.scheme() != "https" {
            checker.reject::<()>(at.element(index), uri.as_str(), Rule::ImplicitRedirectUri);
        }
    }
}

/// RFC 7591 §2: `jwks` and `jwks_uri` MUST NOT both be present.
fn one_source_of_keys(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    if metadata.passive.has("jwks") && metadata.passive.has("jwks_uri") {
        checker.reject::<()>(Pointer::to("jwks"), "", Rule::KeysTwice);
    }
}

/// OIDC Core §9 and RFC 8705 §2.2: a method that proves possession of a key needs the key.
fn keys_for_the_auth_method(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let (need, alg, how) = match metadata.auth_method {
        AuthMethod::PrivateKeyJwt => {
            (Need::Verify, metadata.passive.algorithm("token_endpoint_auth_signing_alg"), "")
        }
        AuthMethod::SelfSignedTlsClientAuth => {
            (Need::Certificate, None, " (by its certificate in x5c)")
        }
        _ => return,
    };
    let by = format!("token_endpoint_auth_method {}{how}", metadata.auth_method.as_str());
    require_key(metadata, checker, need, alg, by);
}

fn require_key(
    metadata: &ClientMetadata,
    checker: &mut Checker<'_>,
    need: Need,
    alg: Option<Algorithm>,
    by: String,
) {
    // Signing keys come from `jwks` or `jwks_uri` (RFC 7591 §2); encryption keys may also come from `signed_jwks_uri`.
    let remote: &[&str] = match need {
        Need::Verify | Need::Certificate => &["jwks_uri"],
        Need::Encrypt => &["jwks_uri", "signed_jwks_uri"],
    };
    match metadata.passive.keys() {
        Some(keys) if !keys.serves(need, alg) => {
            checker.reject::<()>(Pointer::to("jwks"), "", Rule::KeyUnfit { by });
        }
        None if !remote.iter().any(|name| metadata.passive.has(name)) => {
            checker.reject::<()>(Pointer::to("jwks"), "", Rule::KeysRequired { by });
        }
        _ => {}
    }
}

/// OIDC Dynamic Client Registration 1.0 §2, `token_endpoint_auth_signing_alg`. Libraries send it
/// for methods that sign nothing; only where it is used does it have to be usable.
fn auth_signing_algorithm(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    const MEMBER: &str = "token_endpoint_auth_signing_alg";
    let method = metadata.auth_method;
    let (Some(purpose), Some(alg)) = (method.signing_purpose(), metadata.passive.algorithm(MEMBER))
    else {
        return;
    };
    let judged = judge_algorithm(Kind::AuthSigningAlg.where_used(), alg, checker.supported);
    let unfit = Rule::AlgorithmOfMethod { method: method.as_str() };
    let judged = judged.and(if alg.purpose == purpose { Ok(()) } else { Err(unfit) });
    if let Err(rule) = judged {
        checker.reject::<()>(Pointer::to(MEMBER), alg.name, rule);
    }
}

/// OIDC Core §10.1: the key of an HMAC is the client secret, so only clients with one can have these algorithms.
fn shared_keys(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let method = metadata.auth_method;
    if method.needs_secret() {
        return;
    }
    for member in &metadata.passive.0 {
        if let (Kind::Jws { .. }, MemberValue::Algorithm(alg)) = (member.row.kind, &member.value)
            && alg.purpose == Use::Mac
        {
            let rule = Rule::AlgorithmOfMethod { method: method.as_str() };
            checker.reject::<()>(Pointer::to(member.row.name), alg.name, rule);
        }
    }
}

/// RFC 8705 §2.1.2: exactly one of the subject members names the certificate.
fn tls_subject(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    if metadata.auth_method != AuthMethod::TlsClientAuth {
        return;
    }
    let members = metadata.passive.0.iter();
    if members.filter(|member| member.row.has(Property::CertificateSubject)).count() != 1 {
        let at = Pointer::to("token_endpoint_auth_method");
        checker.reject::<()>(at, "tls_client_auth", Rule::TlsSubject);
    }
}

/// OIDC Dynamic Client Registration 1.0 §2: an `enc` goes with an `alg`, and an `alg` with a key.
fn encryption(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    for member in &metadata.passive.0 {
        let MemberValue::Algorithm(algorithm) = member.value else { continue };
        let name = member.row.name;
        match member.row.kind {
            Kind::Enc { alg, .. } if !metadata.passive.has(alg) => {
                let rule = Rule::EncWithoutAlg { alg };
                checker.reject::<()>(Pointer::to(name), algorithm.name, rule);
            }
            // Request objects are encrypted to the server's key, everything else to the client's.
            Kind::Jwe { .. } if name != "request_object_encryption_alg" => {
                let by = format!("{name} {}", algorithm.name);
                require_key(metadata, checker, Need::Encrypt, Some(algorithm), by);
            }
            _ => {}
        }
    }
}

/// OIDC Dynamic Client Registration 1.0 §2: ID tokens may be unsecured only where none comes from
/// the authorization endpoint.
fn unsecured_id_tokens(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    const MEMBER: &str = "id_token_signed_response_alg";
    let exposed = metadata.response_types.iter().copied().any(ResponseType::has_id_token);
    if exposed && is_unsecured(metadata, MEMBER) {
        checker.reject::<()>(Pointer::to(MEMBER), "none", Rule::AlgorithmNone);
    }
}

fn is_unsecured(metadata: &ClientMetadata, member: &str) -> bool {
    let algorithm = metadata.passive.algorithm(member);
    algorithm.is_some_and(|algorithm| algorithm.purpose == Use::Unsecured)
}

/// RFC 9101 §10.5: a client that demands signed request objects cannot register unsigned ones.
fn signed_request_objects(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    const MEMBER: &str = "request_object_signing_alg";
    let demanded = metadata.passive.is_true("require_signed_request_object");
    if demanded && is_unsecured(metadata, MEMBER) {
        checker.reject::<()>(Pointer::to(MEMBER), "none", Rule::UnsignedRequestObject);
    }
}

/// OIDC Core §8.1: pairwise subjects need one sector; several hosts have none in common.
fn pairwise_sector(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let pairwise = metadata.passive.text("subject_type") == Some("pairwise");
    if !pairwise || metadata.passive.has("sector_identifier_uri") {
        return;
    }
    let mut hosts = metadata.redirect_uris.iter().map(RedirectUri::host);
    let first = hosts.next();
    if hosts.any(|host| Some(host) != first) {
        checker.reject::<()>(Pointer::to("subject_type"), "pairwise", Rule::Sector);
    }
}

/// A URI that a server calls or trusts is https; on a developer's machine, a local client's loopback
/// server will do. What the authorization server fetches is on a public host: else any stranger could
/// make it call into its own network.
fn secure_uris(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let local_client = metadata.application_type == ApplicationType::Native
        || metadata
            .redirect_uris
            .iter()
            .filter_map(RedirectUri::host)
            .any(|host| host.is_loopback());
    let loopback_will_do = checker.supported.development && local_client;
    for member in metadata.passive.0.iter().filter(|member| member.row.kind != Kind::WebUri) {
        for (index, uri) in member.value.uris() {
            let secure = uri.is_https() || (loopback_will_do && uri.host().is_loopback());
            let inside = member.row.has(Property::Fetched) && uri.host().is_special_use();
            let rule = match (secure, inside && !checker.supported.development) {
                (false, _) => Rule::Https,
                (true, true) => Rule::SpecialUse,
                (true, false) => continue,
            };
            let at = Pointer { index, ..Pointer::to(member.row.name) };
            checker.reject::<()>(at, uri.as_str(), rule);
        }
    }
}

/// OpenID Connect Front-Channel Logout 1.0 §2 and Back-Channel Logout 1.0 §2.2.
fn logout(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    const FRONTCHANNEL: &str = "frontchannel_logout_uri";
    for (flag, member) in [
        ("frontchannel_logout_session_required", FRONTCHANNEL),
        ("backchannel_logout_session_required", "backchannel_logout_uri"),
    ] {
        if metadata.passive.is_true(flag) && !metadata.passive.has(member) {
            checker.reject::<()>(Pointer::to(flag), "true", Rule::Requires { member });
        }
    }
    let Some(logout) = metadata.passive.uri(FRONTCHANNEL) else { return };
    let mut origins = metadata.redirect_uris.iter().filter_map(RedirectUri::origin);
    if !origins.any(|origin| origin == logout.origin()) {
        checker.reject::<()>(Pointer::to(FRONTCHANNEL), logout.as_str(), Rule::LogoutOrigin);
    }
}
