//! The rules between members, one function each, in the order their problems are reported.

use super::alphabets::mixes_alphabets;
use super::check::{Checker, judge};
use super::jwks::{self, Need};
use super::limits;
use super::metadata::ClientMetadata;
use super::problem::Pointer;
use super::rule::Rule;
use super::supported::listed;
use super::table::Kind;
use crate::vocabulary::{
    ApplicationType, AuthMethod, GrantType, Host, RedirectUri, ResponseType, WebUri,
};

/// Holds `metadata` against every rule.
pub(super) fn apply(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    redirect_uris_where_needed(metadata, checker);
    implicit_web_clients(metadata, checker);
    one_source_of_keys(metadata, checker);
    keys_for_the_auth_method(metadata, checker);
    auth_signing_algorithm(metadata, checker);
    tls_subject(metadata, checker);
    encryption(metadata, checker);
    unsecured_id_tokens(metadata, checker);
    signed_request_objects(metadata, checker);
    pairwise_sector(metadata, checker);
    secure_uris(metadata, checker);
    logout(metadata, checker);
    names_of_one_alphabet(metadata, checker);
}

/// The names of a client and of whoever stands behind it, each with its member and language.
pub(super) fn names(
    metadata: &ClientMetadata,
) -> impl Iterator<Item = (&'static str, Option<&str>, &str)> {
    metadata.others.0.iter().filter_map(|(row, language, value)| {
        let name = matches!(row.name, "client_name" | "organization_name");
        name.then_some((row.name, language.as_deref(), value.as_str()?))
    })
}

/// RFC 7591 §5: a name must not pass for another. In one word, letters of two alphabets that look alike
/// serve nothing else.
fn names_of_one_alphabet(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let mut bytes = 0_usize;
    for (member, language, text) in names(metadata) {
        let at = || Pointer::of(member, language);
        bytes = bytes.saturating_add(text.len());
        if bytes > limits::NAMES {
            checker.refuse::<()>(at(), text, Rule::NamesLength);
            return;
        }
        if mixes_alphabets(text) {
            checker.refuse::<()>(at(), text, Rule::MixedAlphabets);
        }
    }
}

/// RFC 7591 §2: clients of flows with redirection MUST register their redirection URIs.
fn redirect_uris_where_needed(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let redirecting = metadata.grant_types.iter().filter(|grant| grant.uses_redirection());
    let grants = listed(redirecting.map(GrantType::as_str));
    if !grants.is_empty() && metadata.redirect_uris.is_empty() {
        let rule = Rule::RedirectUrisRequired { grants };
        checker.refuse::<()>(Pointer::to("redirect_uris"), "", rule);
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
        let local = uri.host().is_some_and(Host::is_loopback);
        if local || !matches!(uri, RedirectUri::Https { .. }) {
            checker.refuse::<()>(at.element(index), uri.as_str(), Rule::ImplicitRedirectUri);
        }
    }
}

/// RFC 7591 §2: `jwks` and `jwks_uri` MUST NOT both be present.
fn one_source_of_keys(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    if metadata.others.find("jwks").is_some() && metadata.others.find("jwks_uri").is_some() {
        checker.refuse::<()>(Pointer::to("jwks"), "", Rule::KeysTwice);
    }
}

/// OIDC Core §9 and RFC 8705 §2.2: a method that proves possession of a key needs the key.
fn keys_for_the_auth_method(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let (need, alg, how) = match metadata.auth_method {
        AuthMethod::PrivateKeyJwt => {
            (Need::Verify, metadata.others.text("token_endpoint_auth_signing_alg"), "")
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
    alg: Option<&str>,
    by: String,
) {
    // What signs in is in one of two members (RFC 7591 §2); encryption is content with a third.
    let remote: &[&str] = match need {
        Need::Verify | Need::Certificate => &["jwks_uri"],
        Need::Encrypt => &["jwks_uri", "signed_jwks_uri"],
    };
    match metadata.others.find("jwks") {
        Some(set) if !jwks::serves(set, need, alg) => {
            checker.refuse::<()>(Pointer::to("jwks"), "", Rule::KeyUnfit { by });
        }
        None if remote.iter().all(|name| metadata.others.find(name).is_none()) => {
            checker.refuse::<()>(Pointer::to("jwks"), "", Rule::KeysRequired { by });
        }
        _ => {}
    }
}

/// OIDC Dynamic Client Registration 1.0 §2, `token_endpoint_auth_signing_alg`. Libraries send it
/// for methods that sign nothing; only where it is used does it have to be usable.
fn auth_signing_algorithm(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    const MEMBER: &str = "token_endpoint_auth_signing_alg";
    let used = metadata.auth_method == AuthMethod::PrivateKeyJwt;
    if let (true, Some(alg)) = (used, metadata.others.text(MEMBER)) {
        let supported = "token_endpoint_auth_signing_alg_values_supported";
        if let Err(rule) = judge(Kind::Jws { supported, none: false }, alg, checker.supported) {
            checker.refuse::<()>(Pointer::to(MEMBER), alg, rule);
        }
    }
}

/// RFC 8705 §2.1.2: exactly one of the subject members names the certificate.
fn tls_subject(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    if metadata.auth_method != AuthMethod::TlsClientAuth {
        return;
    }
    let subject = |name: &str| name.starts_with("tls_client_auth_s");
    if metadata.others.iter().filter(|(row, _)| subject(row.name)).count() != 1 {
        let at = Pointer::to("token_endpoint_auth_method");
        checker.refuse::<()>(at, "tls_client_auth", Rule::TlsSubject);
    }
}

/// OIDC Dynamic Client Registration 1.0 §2: an `enc` goes with an `alg`, and an `alg` with a key.
fn encryption(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    for (row, value) in metadata.others.iter() {
        match row.kind {
            Kind::Enc { alg, .. } if metadata.others.find(alg).is_none() => {
                let shown = value.as_str().unwrap_or_default();
                checker.refuse::<()>(Pointer::to(row.name), shown, Rule::EncWithoutAlg { alg });
            }
            // Request objects are encrypted to the server's key, everything else to the client's.
            Kind::Jwe { .. } if row.name != "request_object_encryption_alg" => {
                let alg = value.as_str();
                let by = format!("{} {}", row.name, alg.unwrap_or_default());
                require_key(metadata, checker, Need::Encrypt, alg, by);
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
    if exposed && metadata.others.text(MEMBER) == Some("none") {
        checker.refuse::<()>(Pointer::to(MEMBER), "none", Rule::AlgorithmNone);
    }
}

/// RFC 9101 §10.5: whoever demands signed request objects cannot register unsigned ones.
fn signed_request_objects(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    const MEMBER: &str = "request_object_signing_alg";
    let demanded = metadata.others.is_true("require_signed_request_object");
    if demanded && metadata.others.text(MEMBER) == Some("none") {
        checker.refuse::<()>(Pointer::to(MEMBER), "none", Rule::UnsignedRequestObject);
    }
}

/// OIDC Core §8.1: pairwise subjects need one sector; several hosts have none in common.
fn pairwise_sector(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let pairwise = metadata.others.text("subject_type") == Some("pairwise");
    if !pairwise || metadata.others.find("sector_identifier_uri").is_some() {
        return;
    }
    let mut hosts = metadata.redirect_uris.iter().map(RedirectUri::host);
    let first = hosts.next();
    if hosts.any(|host| Some(host) != first) {
        checker.refuse::<()>(Pointer::to("subject_type"), "pairwise", Rule::Sector);
    }
}

/// What a server calls or trusts is https; on a developer's machine, a local client's loopback
/// server will do. What the authorization server fetches is on a public host: else any stranger could
/// make it call into its own network.
fn secure_uris(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let local_client = metadata.application_type == ApplicationType::Native
        || metadata.redirect_uris.iter().filter_map(RedirectUri::host).any(Host::is_loopback);
    let loopback_will_do = checker.supported.development && local_client;
    for (row, value) in metadata.others.iter() {
        if !matches!(row.kind, Kind::SecureUri | Kind::SecureUris | Kind::LogoutUri) {
            continue;
        }
        let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for (index, text) in list.iter().enumerate().filter_map(|(i, v)| Some((i, v.as_str()?))) {
            let Ok(uri) = WebUri::parse(text) else { continue };
            let secure = uri.is_https() || (loopback_will_do && uri.host().is_loopback());
            let inside = row.is_fetched() && uri.host().is_special_use();
            let rule = match (secure, inside && !checker.supported.development) {
                (false, _) => Rule::Https,
                (true, true) => Rule::SpecialUse,
                (true, false) => continue,
            };
            let at = Pointer::to(row.name);
            let at = if value.is_array() { at.element(index) } else { at };
            checker.refuse::<()>(at, text, rule);
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
        if metadata.others.is_true(flag) && metadata.others.find(member).is_none() {
            checker.refuse::<()>(Pointer::to(flag), "true", Rule::Requires { member });
        }
    }
    let Some(text) = metadata.others.text(FRONTCHANNEL) else { return };
    let Ok(logout) = WebUri::parse(text) else { return };
    let redirects =
        metadata.redirect_uris.iter().filter_map(|uri| WebUri::parse(uri.as_str()).ok());
    if !redirects.into_iter().any(|uri| uri.origin() == logout.origin()) {
        checker.refuse::<()>(Pointer::to(FRONTCHANNEL), text, Rule::LogoutOrigin);
    }
}
