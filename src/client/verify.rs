//! [`RawMetadata`] to [`ClientMetadata`]: every default filled in, every rule held.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::Checker;
use super::encoded_hosts::EncodedHosts;
use super::grants::{self, Flows};
use super::hosted;
use super::judge::{auth_method, fits, single};
use super::metadata::{ClientMetadata, PassiveMembers, TypedMember};
use super::policy::Policy;
use super::policy_rules;
use super::problem::{Pointer, Problems};
use super::raw::{RawMember, RawMetadata};
use super::rule::Rule;
use super::rules;
use super::supported::{Supported, listed};
use super::table::{self, Kind, MEMBERS, Member};
use super::value::MemberValue;
use crate::vocabulary::{
    Algorithm, ApplicationType, AuthMethod, GrantType, RedirectUri, ResponseType, Scope, Unicode,
    Use,
};

/// The core members as the client sent them, before anything is derived.
#[derive(Default)]
struct CoreMembers {
    redirect_uris: Vec<RedirectUri>,
    grant_types: Option<Vec<GrantType>>,
    response_types: Option<Vec<ResponseType>>,
    auth_method: Option<AuthMethod>,
    application_type: Option<ApplicationType>,
    scope: Scope,
}

impl ClientMetadata {
    /// Verifies what a client sent, against the specs and then against the operator's policies. `names` is how
    /// the runtime reads hosts. `kept` is the authentication method of an update that sends none: that of
    /// the registration, so that a public client stays public and a confidential one keeps its method.
    ///
    /// # Errors
    /// Every problem with a value, in the order of the table; where there is none, every problem between values. Never
    /// empty.
    pub fn verify(
        mut raw: RawMetadata,
        supported: &Supported,
        policies: &[&Policy],
        unicode: &dyn Unicode,
        kept: Option<AuthMethod>,
    ) -> Result<Self, Problems> {
        let hosts = EncodedHosts::new(unicode);
        let mut checker = Checker { supported, hosts, problems: Problems::default() };
        if supported.document_url_bytes.is_some() {
            raw.reject_undocumented_method(&mut checker.problems);
        }
        let kept = kept.filter(|kept| raw.leaves_method_to(*kept));
        choose(&mut raw, &mut checker, kept);
        let in_language = |member: &RawMember| (member.row, member.language.is_some());
        let sent: Vec<(&'static Member, bool)> = raw.members.iter().map(in_language).collect();

        let mut core = CoreMembers::default();
        let mut passive = Vec::with_capacity(raw.members.len().saturating_add(16));
        for member in raw.members {
            let (at, RawMember { row, language, value }) = (member.pointer(), member);
            if row.kind == Kind::ServerAssigned {
                continue;
            }
            let value = checker.value(row.kind, &at, value);
            if matches!(row.kind, Kind::Choices { .. }) {
                continue;
            }
            if let Some(value) = value.and_then(|value| core.take(row.kind, value)) {
                passive.push(TypedMember { row, language, value });
            }
        }
        let mut extensions = BTreeMap::new();
        for (name, value) in raw.extensions {
            if let Some(value) = supported.extensions.value(&name, value, &mut checker) {
                extensions.insert(name, value);
            }
        }
        if let Some(kept) = kept {
            core.keep_method(&mut checker, kept);
        }
        // A rule between members would only repeat what is wrong with one of them.
        if !checker.problems.is_empty() {
            return Err(checker.problems);
        }

        // A policy can leave nothing of what the server supports.
        for (name, nothing) in [
            ("grant_types", supported.grant_types.is_empty()),
            ("token_endpoint_auth_method", supported.auth_methods.is_empty()),
        ] {
            if nothing {
                let rule = Rule::Unsupported { supported: String::new() };
                checker.reject::<()>(Pointer::to(name), "", rule);
            }
        }
        if !checker.problems.is_empty() {
            return Err(checker.problems);
        }

        let auth_method = core.auth_method.unwrap_or_else(|| default_method(supported));
        let mut flows = grants::settle(&mut checker, core.grant_types, core.response_types);
        if auth_method == AuthMethod::None {
            grants::take_client_credentials(&mut checker, &mut flows);
        }
        let Flows { grant_types, response_types } = flows;
        let inferred = || ApplicationType::inferred_from(&core.redirect_uris);
        let mut metadata = Self {
            application_type: core.application_type.unwrap_or_else(inferred),
            auth_method,
            redirect_uris: core.redirect_uris,
            grant_types,
            response_types,
            scope: effective_scope(core.scope, supported),
            passive: with_defaults(passive, supported, auth_method),
            extensions,
        };
        rules::apply(&metadata, &mut checker);
        let decompose = |text: &str| unicode.decompose(text);
        policy_rules::apply(policies, &sent, &mut metadata, &mut checker, &decompose);
        if checker.problems.is_empty() {
            hosted::check_length(&metadata, &mut checker);
        }
        if checker.problems.is_empty() { Ok(metadata) } else { Err(checker.problems) }
    }
}

const AUTH_METHOD: &str = "token_endpoint_auth_method";

impl RawMetadata {
    /// Whether the method of a client stays `kept` by this update (RFC 7592 §2.2 lets a server ignore that a
    /// member is left out): it names none, and no choice without this one.
    fn leaves_method_to(&self, kept: AuthMethod) -> bool {
        let choices = self.find("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let among = |list: &Vec<Value>| list.iter().any(|value| value == kept.as_str());
        self.find(AUTH_METHOD).is_none() && choices.is_none_or(among)
    }
}

impl CoreMembers {
    /// Takes the method of the registration, if the server still supports it.
    fn keep_method(&mut self, checker: &mut Checker<'_>, kept: AuthMethod) {
        match auth_method(Some(kept), checker.supported) {
            Ok(kept) => self.auth_method = Some(kept),
            Err(rule) => drop(checker.reject::<()>(Pointer::to(AUTH_METHOD), kept.as_str(), rule)),
        }
    }

    /// Takes the value of a core member; returns that of any other.
    fn take(&mut self, kind: Kind, value: MemberValue) -> Option<MemberValue> {
        match value {
            MemberValue::RedirectUris(uris) if kind == Kind::RedirectUris => {
                self.redirect_uris = uris;
            }
            MemberValue::GrantTypes(grants) => self.grant_types = Some(grants),
            MemberValue::ResponseTypes(responses) => self.response_types = Some(responses),
            MemberValue::AuthMethod(method) => self.auth_method = Some(method),
            MemberValue::ApplicationType(kind) => self.application_type = Some(kind),
            MemberValue::Scope(scope) => self.scope = scope,
            passive => return Some(passive),
        }
        None
    }
}

/// Turns choice lists into single values: what the client named itself if it is supported and in the list, else the
/// best value of the list in the server's order (OpenID Connect Relying Party Metadata Choices 1.0
/// §2, §4). The lists themselves are not registered: no response may have them (§2). A method that is `kept` is not
/// chosen again.
fn choose(raw: &mut RawMetadata, checker: &mut Checker<'_>, kept: Option<AuthMethod>) {
    let mut chosen: Vec<(&'static Member, Value)> = Vec::new();
    let has_keys = raw.find("jwks").or(raw.find("jwks_uri")).is_some();
    for choices in &raw.members {
        let Kind::Choices { of } = choices.row.kind else { continue };
        let Some(single) = table::find(of) else { continue };
        if single.kind == Kind::AuthMethod && kept.is_some() {
            continue;
        }
        let kind = single.kind.where_used();
        let fits = |text: &str| fits(kind, text, checker.supported);
        let Some(list) = choices.value.as_array() else { continue };
        let is_choice = |value: &&Value| list.is_empty() || list.contains(value);
        if raw.find(of).filter(is_choice).and_then(Value::as_str).is_some_and(fits) {
            continue;
        }
        if let Kind::Enc { alg, .. } = single.kind {
            let chosen = chosen.iter().any(|(row, _)| row.name == alg);
            if raw.find(alg).is_none() && !chosen {
                continue; // Nothing is encrypted, so there is no encryption to choose.
            }
        }
        if let Kind::Jwe { .. } = single.kind
            && !has_keys
        {
            continue; // There is nothing to encrypt with.
        }
        let mut fitting: Vec<&str> =
            list.iter().filter_map(Value::as_str).filter(|t| fits(t)).collect();
        if fitting.iter().any(|text| !needs_keys(single.kind, text)) && !has_keys {
            fitting.retain(|text| !needs_keys(single.kind, text));
        }
        // Only a method that signs with the secret asks for a shared key; for all else, not every client has one.
        let with_secret = single.kind == Kind::AuthSigningAlg
            && method_of(raw, &chosen, kept).is_some_and(AuthMethod::needs_plain_secret);
        if fitting.iter().any(|text| is_mac(text) == with_secret) {
            fitting.retain(|text| is_mac(text) == with_secret);
        }
        let preferred = supported_values(single.kind, checker.supported);
        let best = preferred.iter().find(|value| fitting.contains(value));
        match best.or(fitting.first()) {
            Some(best) => chosen.push((single, (*best).into())),
            None if list.iter().all(Value::is_string) => {
                let values = listed(list.iter().filter_map(Value::as_str));
                let supported = listed(preferred);
                checker.reject::<()>(choices.pointer(), &values, Rule::Unsupported { supported });
            }
            // The check of the list itself says what is wrong with it.
            None => {}
        }
    }
    for (single, value) in chosen {
        raw.replace(single, value);
    }
}

/// The method of the client: chosen, sent or kept.
fn method_of(
    raw: &RawMetadata,
    chosen: &[(&'static Member, Value)],
    kept: Option<AuthMethod>,
) -> Option<AuthMethod> {
    let chosen = chosen.iter().find(|(row, _)| row.kind == Kind::AuthMethod);
    let value = chosen.map(|(_, value)| value).or_else(|| raw.find(AUTH_METHOD));
    value.and_then(Value::as_str).and_then(AuthMethod::parse).or(kept)
}

fn is_mac(text: &str) -> bool {
    Algorithm::find(text).is_some_and(|algorithm| algorithm.purpose == Use::Mac)
}

/// Whether `text` is a method that signs with keys of the client's own.
fn needs_keys(kind: Kind, text: &str) -> bool {
    kind == Kind::AuthMethod && AuthMethod::parse(text).is_some_and(AuthMethod::needs_keys)
}

/// The values that the server supports for a member of this kind, best first; empty if it publishes none.
fn supported_values(kind: Kind, supported: &Supported) -> Vec<&str> {
    if kind == Kind::AuthMethod {
        return supported.auth_methods.iter().map(|method| method.as_str()).collect();
    }
    let list = kind.supported_list().and_then(|list| supported.list(list)).unwrap_or_default();
    list.iter().map(String::as_str).collect()
}

/// `client_secret_basic` (RFC 7591 §2), unless this server does not offer it.
fn default_method(supported: &Supported) -> AuthMethod {
    let basic = AuthMethod::ClientSecretBasic;
    if supported.auth_methods.contains(&basic) {
        return basic;
    }
    // A method that needs keys or a certificate cannot be anyone's default.
    let simple = |method: &&AuthMethod| method.needs_secret() || **method == AuthMethod::None;
    let first = supported.auth_methods.iter().find(simple).or(supported.auth_methods.first());
    first.copied().unwrap_or(basic)
}

fn effective_scope(asked: Scope, supported: &Supported) -> Scope {
    let granted = match &supported.scopes {
        Some(scopes) => asked.narrowed_to(scopes),
        None => asked,
    };
    if granted.is_empty() { supported.default_scope.clone() } else { granted }
}

/// The `usual` value where it is supported, else the first of those that a client could ask for. Without a list
/// there is one only for content encryption, of which any goes then.
fn usual_value(
    usual: &str,
    kind: Kind,
    supported: &Supported,
    method: AuthMethod,
) -> Option<MemberValue> {
    let list = supported_values(kind, supported);
    if list.is_empty() && !matches!(kind, Kind::Enc { .. }) {
        return None;
    }
    let listed = list.into_iter().filter(|value| *value != usual);
    let is_usable = |value: &&str| *value != "none" && (method.needs_secret() || !is_mac(value));
    let mut candidates = std::iter::once(usual).chain(listed).filter(is_usable);
    candidates.find_map(|value| single(kind, value, supported).ok())
}

/// Fills in the defaults of absent members. `sent` are in the order of the table, as is the result.
fn with_defaults(
    sent: Vec<TypedMember>,
    supported: &Supported,
    method: AuthMethod,
) -> PassiveMembers {
    let mut members = PassiveMembers(sent);
    for row in MEMBERS.iter().filter(|row| row.default != table::Default::None) {
        let place = members.0.binary_search_by_key(&row.place, |member| member.row.place);
        let Err(place) = place else { continue };
        let value = match (row.default, row.kind) {
            (table::Default::False, _) => Some(MemberValue::Flag(false)),
            (table::Default::Supported(usual), kind) => usual_value(usual, kind, supported, method),
            (table::Default::EncOfAlg, kind @ Kind::Enc { alg, .. }) if members.has(alg) => {
                usual_value("A128CBC-HS256", kind, supported, method)
            }
            _ => None,
        };
        if let Some(value) = value {
            members.0.insert(place, TypedMember { row, language: None, value });
        }
    }
    members
}
