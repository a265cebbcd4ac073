//! Grant and response types: narrowed to what the server supports, derived from each other where
//! one is left out (RFC 7591 §2.1).

use super::check::Checker;
use super::problem::Pointer;
use super::rule::Rule;
use super::supported::{Supported, listed};
use crate::vocabulary::{GrantType, ResponseType};

/// The grant types of a client and the response types that go with them.
pub(super) struct Flows {
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
}

/// Keeps the supported ones of `texts`; rejects a list if none is left.
pub(super) fn narrow_grants(
    checker: &mut Checker<'_>,
    at: &Pointer,
    texts: &[(usize, &str)],
) -> Option<Vec<GrantType>> {
    let supported = &checker.supported.grant_types;
    let mut kept: Vec<GrantType> = texts.iter().map(|(_, text)| GrantType::parse(text)).collect();
    kept.retain(|grant| supported.contains(grant));
    if kept.is_empty() {
        let supported = listed(supported.iter().map(GrantType::as_str));
        return checker.reject(at.clone(), &shown(texts), Rule::Unsupported { supported });
    }
    if gives_no_first_token(&kept) {
        let rule = refresh_alone(checker.supported);
        return checker.reject(at.clone(), &shown(texts), rule);
    }
    Some(kept)
}

/// Takes `client_credentials` from a client without credentials (RFC 6749 §4.4: confidential clients
/// only). Rejected if no useful grant is left.
pub(super) fn take_client_credentials(checker: &mut Checker<'_>, flows: &mut Flows) {
    let grants = &mut flows.grant_types;
    let before = grants.len();
    grants.retain(|grant| *grant != GrantType::ClientCredentials);
    if grants.is_empty() && before > 0 {
        let name = GrantType::ClientCredentials;
        let rule = Rule::PublicClientCredentials;
        checker.reject::<()>(Pointer::to("grant_types"), name.as_str(), rule);
    } else if grants.len() < before && gives_no_first_token(grants) {
        let rule = refresh_alone(checker.supported);
        checker.reject::<()>(Pointer::to("grant_types"), "refresh_token", rule);
    }
}

/// Whether there is nothing but `refresh_token`, which needs a token that another grant gave (RFC 6749 §6).
fn gives_no_first_token(grants: &[GrantType]) -> bool {
    grants.iter().all(|grant| *grant == GrantType::RefreshToken)
}

fn refresh_alone(supported: &Supported) -> Rule {
    let first = supported.grant_types.iter().filter(|grant| **grant != GrantType::RefreshToken);
    Rule::RefreshAlone { supported: listed(first.map(GrantType::as_str)) }
}

/// Keeps the supported ones of `texts`; rejects a list if none is left.
pub(super) fn narrow_responses(
    checker: &mut Checker<'_>,
    at: &Pointer,
    texts: &[(usize, &str)],
) -> Option<Vec<ResponseType>> {
    let supported = &checker.supported.response_types;
    let mut kept: Vec<ResponseType> = Vec::new();
    for response in texts.iter().filter_map(|(_, text)| ResponseType::parse(text)) {
        if supported.contains(&response) && !kept.contains(&response) {
            kept.push(response);
        }
    }
    if kept.is_empty() {
        let supported = listed(supported.iter().map(|response| response.as_str()));
        return checker.reject(at.clone(), &shown(texts), Rule::Unsupported { supported });
    }
    Some(kept)
}

fn shown(texts: &[(usize, &str)]) -> String {
    listed(texts.iter().map(|(_, text)| *text))
}

/// Fills in what was left out; rejects what was sent and contradicts.
pub(super) fn settle(
    checker: &mut Checker<'_>,
    grants: Option<Vec<GrantType>>,
    responses: Option<Vec<ResponseType>>,
) -> Flows {
    let supported = checker.supported;
    let grant_types = match (grants, &responses) {
        (Some(grants), _) => grants,
        (None, Some(responses)) => grants_for(responses, supported),
        (None, None) => match supported.response_types.first() {
            // A client that names neither gets a flow that the server offers.
            Some(first) if !supported.response_types.contains(&ResponseType::CODE) => {
                grants_for(&[*first], supported)
            }
            _ => default_grants(supported),
        },
    };
    let response_types = match responses {
        Some(responses) => responses,
        None => responses_for(&grant_types, supported),
    };
    for response in &response_types {
        if let Some(missing) = response.grants().find(|grant| !grant_types.contains(grant)) {
            let rule =
                Rule::GrantResponse { response_type: response.as_str(), grant_type: missing };
            checker.reject::<()>(Pointer::to("response_types"), "", rule);
        }
    }
    Flows { grant_types, response_types }
}

/// `authorization_code`, unless this server does not offer it.
fn default_grants(supported: &Supported) -> Vec<GrantType> {
    let code = GrantType::AuthorizationCode;
    if supported.grant_types.contains(&code) {
        return vec![code];
    }
    supported.grant_types.first().cloned().into_iter().collect()
}

fn grants_for(responses: &[ResponseType], supported: &Supported) -> Vec<GrantType> {
    let mut derived: Vec<GrantType> = Vec::new();
    for grant in responses.iter().flat_map(|response| response.grants()) {
        if !derived.contains(&grant) {
            derived.push(grant);
        }
    }
    if derived.is_empty() { default_grants(supported) } else { derived }
}

/// `code` for the code flow, else the first type that takes some of these grants and no other.
fn responses_for(grants: &[GrantType], supported: &Supported) -> Vec<ResponseType> {
    let fits = |response: &&ResponseType| {
        let mut needed = response.grants().peekable();
        needed.peek().is_some() && needed.all(|grant| grants.contains(&grant))
    };
    let code = supported.response_types.iter().find(|response| **response == ResponseType::CODE);
    let first = code.filter(fits).or(supported.response_types.iter().find(fits));
    first.copied().into_iter().collect()
}
