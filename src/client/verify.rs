//! [`RawMetadata`] to [`ClientMetadata`]: every default filled in, every rule held.

use serde_json::Value;

use super::check::{Checker, judge};
use super::grants::{self, Flows};
use super::limits;
use super::metadata::{ClientMetadata, Others};

use super::policy::Policy;
use super::policy_rules;
use super::problem::{Pointer, Problems};
use super::raw::{RawMember, RawMetadata};
use super::rule::Rule;
use super::rules;
use super::supported::{Supported, listed};
use super::table::{self, Kind, MEMBERS, Member, Preset};
use crate::vocabulary::{
    ApplicationType, AuthMethod, GrantType, HostNames, RedirectUri, ResponseType, Scope, Unicode,
};

/// What the six deciding members said, before anything is derived from anything.
#[derive(Default)]
struct Deciding {
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
        let names: &dyn HostNames = unicode;
        let (problems, redirects) = (Problems::default(), Vec::new());
        let mut checker = Checker { supported, names, problems, redirects };
        let kept = kept.filter(|kept| raw.leaves_method_to(*kept));
        choose(&mut raw, &mut checker, kept);
        let in_language = |member: &RawMember| (member.row, member.language.is_some());
        let sent: Vec<(&'static Member, bool)> = raw.members.iter().map(in_language).collect();

        let mut deciding = Deciding::default();
        let mut others = Others::default();
        for member in raw.members {
            let at = member.pointer();
            if let Kind::ServerAssigned = member.row.kind {
                continue;
            }
            if deciding.read(&mut checker, member.row.kind, &at, &member.value) {
                continue;
            }
            if let Some(value) = checker.value(member.row.kind, &at, member.value) {
                others.0.push((member.row, member.language, value));
            }
        }
        if let Some(kept) = kept {
            deciding.keep_method(&mut checker, kept);
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
                checker.refuse::<()>(Pointer::to(name), "", rule);
            }
        }
        if !checker.problems.is_empty() {
            return Err(checker.problems);
        }

        let auth_method = deciding.auth_method.unwrap_or_else(|| default_method(supported));
        let mut flows = grants::settle(&mut checker, deciding.grant_types, deciding.response_types);
        if auth_method == AuthMethod::None {
            grants::take_client_credentials(&mut checker, &mut flows);
        }
        let Flows { grant_types, response_types } = flows;
        let inferred = || ApplicationType::inferred_from(&deciding.redirect_uris);
        let mut metadata = Self {
            application_type: deciding.application_type.unwrap_or_else(inferred),
            auth_method,
            redirect_uris: deciding.redirect_uris,
            grant_types,
            response_types,
            scope: effective_scope(deciding.scope, supported),
            others: with_presets(others, supported),
        };
        rules::apply(&metadata, &mut checker);
        let decompose = |text: &str| unicode.decompose(text);
        policy_rules::apply(policies, &sent, &mut metadata, &mut checker, &decompose);
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

impl Deciding {
    /// Takes the method of the registration, if the server still supports it.
    fn keep_method(&mut self, checker: &mut Checker<'_>, kept: AuthMethod) {
        match judge(Kind::AuthMethod, kept.as_str(), checker.supported) {
            Ok(()) => self.auth_method = Some(kept),
            Err(rule) => drop(checker.refuse::<()>(Pointer::to(AUTH_METHOD), kept.as_str(), rule)),
        }
    }

    /// Takes a member that decides something; `false` if it is none of those.
    fn read(&mut self, checker: &mut Checker<'_>, kind: Kind, at: &Pointer, value: &Value) -> bool {
        match kind {
            Kind::RedirectUris => {
                self.redirect_uris = checker.redirect_uris(at, value).unwrap_or_default();
            }
            Kind::GrantTypes => {
                let texts = checker.texts(at, value, limits::LIST, limits::OPAQUE);
                self.grant_types = texts.and_then(|t| grants::narrow_grants(checker, at, &t));
            }
            Kind::ResponseTypes => {
                let texts = checker.texts(at, value, limits::LIST, limits::OPAQUE);
                self.response_types = texts.and_then(|t| grants::narrow_responses(checker, at, &t));
            }
            Kind::AuthMethod => {
                if let Some(text) = checker.text(at, value, limits::OPAQUE) {
                    match judge(kind, text, checker.supported) {
                        Ok(()) => self.auth_method = AuthMethod::parse(text),
                        Err(rule) => drop(checker.refuse::<()>(at.clone(), text, rule)),
                    }
                }
            }
            Kind::ApplicationType => {
                if let Some(text) = checker.text(at, value, limits::OPAQUE) {
                    self.application_type = ApplicationType::parse(text).or_else(|| {
                        let rule = Rule::Value { allowed: "web, native" };
                        checker.refuse(at.clone(), text, rule)
                    });
                }
            }
            Kind::Scope => {
                if let Some(text) = checker.text(at, value, limits::SCOPE) {
                    match Scope::parse(text) {
                        Ok(scope) => self.scope = scope,
                        Err(c) => drop(checker.refuse::<()>(at.clone(), text, Rule::Scope(c))),
                    }
                }
            }
            _ => return false,
        }
        true
    }
}

/// Turns choice lists into single values: what the client named itself if it is supported, else the
/// best value of the list in the server's order (OpenID Connect Relying Party Metadata Choices 1.0
/// §2, §3). The lists stay. A method that is `kept` is not chosen again.
fn choose(raw: &mut RawMetadata, checker: &mut Checker<'_>, kept: Option<AuthMethod>) {
    let mut chosen: Vec<(&'static Member, Value)> = Vec::new();
    let has_keys = raw.find("jwks").or(raw.find("jwks_uri")).is_some();
    for choices in &raw.members {
        let Kind::Choices { of } = choices.row.kind else { continue };
        let Some(single) = table::find(of) else { continue };
        if single.kind == Kind::AuthMethod && kept.is_some() {
            continue;
        }
        let kind = match single.kind {
            Kind::AuthSigningAlg => Kind::Jws { supported: AUTH_SIGNING_ALGS, none: false },
            kind => kind,
        };
        let fits = |text: &str| judge(kind, text, checker.supported).is_ok();
        if raw.find(of).and_then(Value::as_str).is_some_and(fits) {
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
        let Some(list) = choices.value.as_array() else { continue };
        let mut fitting: Vec<&str> =
            list.iter().filter_map(Value::as_str).filter(|t| fits(t)).collect();
        if fitting.iter().any(|text| !needs_keys(single.kind, text)) && !has_keys {
            fitting.retain(|text| !needs_keys(single.kind, text));
        }
        let preferred = supported_values(single.kind, checker.supported);
        let best = preferred.iter().find(|value| fitting.contains(&value.as_str()));
        match best.map(String::as_str).or(fitting.first().copied()) {
            Some(best) => chosen.push((single, best.into())),
            None if list.iter().all(Value::is_string) => {
                let values = listed(list.iter().filter_map(Value::as_str));
                let supported = listed(preferred.iter().map(String::as_str));
                checker.refuse::<()>(choices.pointer(), &values, Rule::Unsupported { supported });
            }
            // The check of the list itself says what is wrong with it.
            None => {}
        }
    }
    for (single, value) in chosen {
        raw.replace(single, value);
    }
}

/// Whether `text` is a method that signs with keys of the client's own.
fn needs_keys(kind: Kind, text: &str) -> bool {
    kind == Kind::AuthMethod && AuthMethod::parse(text).is_some_and(AuthMethod::needs_keys)
}

/// The server's list of algorithms for [`Kind::AuthSigningAlg`].
const AUTH_SIGNING_ALGS: &str = "token_endpoint_auth_signing_alg_values_supported";

/// What the server supports for a member of this kind, best first; empty where it does not say.
fn supported_values(kind: Kind, supported: &Supported) -> Vec<String> {
    let list = match kind {
        Kind::AuthMethod => {
            return supported.auth_methods.iter().map(|m| m.as_str().to_owned()).collect();
        }
        Kind::Jws { supported, .. } | Kind::Jwe { supported } | Kind::Enc { supported, .. } => {
            Some(supported)
        }
        Kind::AuthSigningAlg => Some(AUTH_SIGNING_ALGS),
        Kind::Enum { supported, .. } => supported,
        _ => None,
    };
    list.and_then(|list| supported.list(list)).unwrap_or_default().to_vec()
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
fn usual_value(usual: &str, kind: Kind, supported: &Supported) -> Option<Value> {
    let list = supported_values(kind, supported);
    if list.is_empty() && !matches!(kind, Kind::Enc { .. }) {
        return None;
    }
    let fits = |value: &&str| *value != "none" && judge(kind, value, supported).is_ok();
    let listed = list.iter().map(String::as_str).filter(|value| *value != usual);
    let usual = std::iter::once(usual).chain(listed).find(fits);
    usual.map(Value::from)
}

/// Fills in what the specs say of absent members.
fn with_presets(others: Others, supported: &Supported) -> Others {
    let mut complete = Others(Vec::with_capacity(others.0.len().saturating_add(16)));
    // In the order of the table, as they are.
    let mut sent = others.0.into_iter().peekable();
    for row in &MEMBERS {
        let before = complete.0.len();
        while let Some(member) = sent.next_if(|(sent, _, _)| sent.place == row.place) {
            complete.0.push(member);
        }
        if complete.0.len() > before {
            continue;
        }
        let value: Option<Value> = match (row.preset, row.kind) {
            (Preset::False, _) => Some(false.into()),
            (Preset::Supported(usual), kind) => usual_value(usual, kind, supported),
            (Preset::EncOfAlg, kind @ Kind::Enc { alg, .. }) => {
                complete.find(alg).and_then(|_| usual_value("A128CBC-HS256", kind, supported))
            }
            _ => None,
        };
        complete.0.extend(value.map(|value| (row, None, value)));
    }
    complete
}
