//! Whether any client can meet the policies that hold for it together, and which of their values the server does not
//! support.
//!
//! A list of a policy is narrowed by the lists of the others and by what the server supports. Where nothing is left of
//! it, or two settings exclude each other, every registration would be rejected.

use std::collections::BTreeSet;

use super::certificates::find_disjoint_list;
use super::host_patterns::{HostPattern, HostPatterns};
use super::policy::Policy;
use super::supported::{Supported, listed};
use super::table::Member;
use crate::vocabulary::{AuthMethod, GrantType, Scope, nearest};

/// A policy that holds, and what it is called in errors, like `POLICY`.
#[derive(Debug, Clone, Copy)]
pub struct Held<'p> {
    /// Its name.
    pub path: &'p str,
    /// The policy.
    pub policy: &'p Policy,
}

/// One thing that is wrong with policies that hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Whether no client can register because of it.
    pub is_fatal: bool,
    /// The setting, like `POLICY.scopes`.
    pub setting: String,
    /// The problem, as it follows the setting.
    pub wrong: String,
    /// The correction, as a sentence without its full stop.
    pub instead: String,
}

/// Examines policies that hold for one client, together with what the server supports; without `supported`, only
/// against each other.
#[must_use]
pub fn examine(supported: Option<&Supported>, held: &[Held<'_>]) -> Vec<Flaw> {
    let mut examination = Examination { supported, held, flaws: Vec::new() };
    let grants = examination.grant_types();
    let methods = examination.auth_methods();
    examination.scopes();
    examination.application_types();
    examination.members(grants.as_deref(), methods.as_deref());
    examination.redirect_hosts();
    examination.redirect_schemes();
    examination.certificates();
    examination.flaws
}

struct Examination<'e> {
    supported: Option<&'e Supported>,
    held: &'e [Held<'e>],
    flaws: Vec<Flaw>,
}

/// The values of a list in a policy; `None` where it is not set.
type ListOf<'e> = fn(&'e Policy) -> Option<Vec<&'e str>>;

impl<'e> Examination<'e> {
    fn add(&mut self, is_fatal: bool, setting: String, wrong: String, instead: String) {
        self.flaws.push(Flaw { is_fatal, setting, wrong, instead });
    }

    /// Narrows what the server supports, `None` for anything, by the list `name` of each policy. Returns what is left.
    fn narrow(
        &mut self,
        name: &str,
        supported: Option<&[&'e str]>,
        list_of: ListOf<'e>,
    ) -> Option<Vec<&'e str>> {
        let mut left = supported.map(<[&str]>::to_vec);
        for Held { path, policy } in self.held {
            let Some(list) = list_of(policy) else { continue };
            let setting = format!("{path}.{name}");
            let before = left.take();
            let is_left = |value: &&&str| before.as_ref().is_none_or(|all| all.contains(*value));
            let kept: Vec<&str> = list.iter().filter(is_left).copied().collect();
            if kept.is_empty() {
                let other = before.unwrap_or_default();
                let (wrong, instead) = nothing_left(&list, &other);
                self.add(true, setting, wrong, instead);
                return Some(kept);
            }
            // A list may repeat a value; one report of it is enough.
            let mut seen = BTreeSet::new();
            for value in list.iter().filter(|value| seen.insert(**value)) {
                let is_supported = supported.is_none_or(|all| all.contains(value));
                if !is_supported {
                    let (wrong, instead) = unsupported(value, supported.unwrap_or_default());
                    self.add(false, setting.clone(), wrong, instead);
                }
            }
            left = Some(kept);
        }
        left
    }

    fn grant_types(&mut self) -> Option<Vec<&'e str>> {
        let supported: Option<Vec<&str>> =
            self.supported.map(|all| all.grant_types.iter().map(GrantType::as_str).collect());
        let left = self.narrow("grant_types", supported.as_deref(), |policy| {
            policy.grant_types.as_ref().map(|list| list.iter().map(GrantType::as_str).collect())
        });
        let is_refresh = |grant: &&str| *grant == GrantType::RefreshToken.as_str();
        if left.as_ref().is_some_and(|left| !left.is_empty() && left.iter().all(is_refresh)) {
            let setting = self.setting("grant_types", |policy| policy.grant_types.is_some());
            let wrong = "leaves nothing but refresh_token, which needs a token of another grant";
            let instead = "Add the grant type that gives the first token, like authorization_code";
            self.add(true, setting, wrong.into(), instead.into());
        }
        left
    }

    fn auth_methods(&mut self) -> Option<Vec<&'e str>> {
        let supported: Option<Vec<&str>> = self
            .supported
            .map(|all| all.auth_methods.iter().map(|method| method.as_str()).collect());
        self.narrow("auth_methods", supported.as_deref(), |policy| {
            let methods = policy.auth_methods.as_ref()?;
            Some(methods.iter().map(|method| method.as_str()).collect())
        })
    }

    fn scopes(&mut self) {
        let all = self.supported.and_then(|all| all.scopes.as_ref());
        let supported: Option<Vec<&str>> = all.map(|all| all.iter().map(String::as_str).collect());
        let left = self.narrow("scopes", supported.as_deref(), |policy| {
            policy.scopes.as_ref().map(|list| list.iter().map(|scope| &*scope.0).collect())
        });
        let Some(left) = left.filter(|left| !left.is_empty()) else { return };
        for Held { path, policy } in self.held {
            let tokens = policy.default_scope.iter().flat_map(Scope::tokens);
            for token in tokens.filter(|token| !left.contains(token)) {
                let (wrong, instead) = unsupported(token, &left);
                self.add(false, format!("{path}.default_scope"), wrong, instead);
            }
        }
    }

    fn application_types(&mut self) {
        self.narrow("application_types", None, |policy| {
            let kinds = policy.application_types.as_ref()?;
            Some(kinds.iter().map(|kind| kind.as_str()).collect())
        });
    }

    /// Members that are required although they are forbidden, and those that exclude each other.
    fn members(&mut self, grants: Option<&[&str]>, methods: Option<&[&str]>) {
        let find = |name: &str, list: fn(&Policy) -> &[&'static Member]| {
            let is_it = |member: &&'static Member| member.name == name;
            let holder = self.held.iter().find(|held| list(held.policy).iter().any(is_it));
            holder.map(|held| held.path)
        };
        let required = |name: &str| find(name, |policy| &policy.required_members);
        let forbidden = |name: &str| find(name, |policy| &policy.forbidden_members);
        let mut found: Vec<(String, String, String)> = Vec::new();
        let all = self.held.iter().flat_map(|held| held.policy.required_members.iter());
        let mut names: Vec<&str> = all.map(|member| member.name).collect();
        names.dedup();
        for name in names {
            if let (Some(by), Some(other)) = (required(name), forbidden(name)) {
                let wrong = format!("lists {name}, which {other}.forbidden_members forbids");
                let instead = format!("Take {name} out of one of the two lists");
                found.push((format!("{by}.required_members"), wrong, instead));
            }
        }
        if let (Some(by), Some(_)) = (required("jwks"), required("jwks_uri")) {
            let wrong = "lists jwks and jwks_uri, of which a client may have only one";
            let instead = "Take one of the two out";
            found.push((format!("{by}.required_members"), wrong.into(), instead.into()));
        }
        if let (Some(by), Some(_)) = (forbidden("jwks"), forbidden("jwks_uri")) {
            let needs_keys =
                |name: &&str| AuthMethod::parse(name).is_some_and(AuthMethod::needs_keys);
            let all = methods.is_some_and(|left| !left.is_empty() && left.iter().all(needs_keys));
            if all {
                let wrong =
                    "lists jwks and jwks_uri, and every method that is left needs one of the two";
                let instead = "Take one of the two out, or allow another method in auth_methods";
                found.push((format!("{by}.forbidden_members"), wrong.into(), instead.into()));
            }
        }
        let redirects =
            |grant: &&str| ["authorization_code", "implicit", "refresh_token"].contains(grant);
        let all = grants.is_some_and(|left| !left.is_empty() && left.iter().all(redirects));
        if let (true, Some(by)) = (all, forbidden("redirect_uris")) {
            let wrong = "lists redirect_uris, which every grant type that is left needs";
            let instead = "Take redirect_uris out, or allow another grant type in grant_types";
            found.push((format!("{by}.forbidden_members"), wrong.into(), instead.into()));
        }
        for (setting, wrong, instead) in found {
            self.add(true, setting, wrong, instead);
        }
    }

    fn redirect_hosts(&mut self) {
        let mut left: Option<HostPatterns> = None;
        let mut setting = String::new();
        for Held { path, policy } in self.held {
            let Some(hosts) = &policy.redirect_hosts else { continue };
            setting = format!("{path}.redirect_hosts");
            left = Some(match left {
                None => hosts.clone(),
                Some(before) => before.common(hosts),
            });
            if left.as_ref().is_some_and(|left| left.patterns().is_empty()) {
                let wrong = "has no host in common with the other policy";
                let instead = "List hosts that both allow";
                return self.add(true, setting, wrong.into(), instead.into());
            }
        }
        let Some(left) = left else { return };
        let denied = |host: &HostPattern| {
            let mut policies = self.held.iter().map(|held| held.policy);
            policies.any(|policy| policy.denied_redirect_hosts.cover_all(host))
        };
        if left.patterns().iter().all(denied) {
            let wrong = "has only hosts that denied_redirect_hosts denies";
            let instead = "Take at least one of them out of denied_redirect_hosts";
            self.add(true, setting, wrong.into(), instead.into());
        }
    }

    fn redirect_schemes(&mut self) {
        let mut left: Option<Vec<&str>> = None;
        for Held { policy, .. } in self.held {
            let allowed = |scheme: &str| match &policy.redirect_schemes {
                Some(schemes) => schemes.contains(scheme),
                None => true,
            };
            if policy.https_redirects {
                left =
                    Some(if left.is_none_or(|left| left.contains(&"https")) && allowed("https") {
                        vec!["https"]
                    } else {
                        Vec::new()
                    });
            } else if let Some(schemes) = &policy.redirect_schemes {
                left = Some(match left {
                    None => schemes.iter().collect(),
                    Some(before) => before.into_iter().filter(|scheme| allowed(scheme)).collect(),
                });
            }
        }
        let Some(mut left) = left else { return };
        for Held { policy, .. } in self.held {
            left.retain(|scheme| !policy.denied_redirect_schemes.contains(scheme));
            let web = |scheme: &str| matches!(scheme, "https" | "http");
            left.retain(|s| !policy.reverse_dns_schemes || web(s) || s.contains('.'));
        }
        if left.is_empty() {
            let is_set = |policy: &Policy| policy.redirect_schemes.is_some();
            let name = if self.held.iter().any(|held| is_set(held.policy)) {
                self.setting("redirect_schemes", is_set)
            } else {
                self.setting("https_redirects", |policy| policy.https_redirects)
            };
            let wrong = "leaves no scheme, with https_redirects, denied_redirect_schemes and reverse_dns_schemes";
            let instead = "Allow at least one scheme in all of them";
            self.add(true, name, wrong.into(), instead.into());
        }
    }

    fn certificates(&mut self) {
        let policies: Vec<&Policy> = self.held.iter().map(|held| held.policy).collect();
        let is_required = policies.iter().any(|policy| policy.require_certificate);
        if let (true, Some(list)) = (is_required, find_disjoint_list(&policies)) {
            let setting = self.setting("certificate", |policy| policy.certificate.is_some());
            let wrong = format!("has none of the {list} of the other policy");
            let instead = "List certificates that both allow";
            self.add(true, setting, wrong, instead.into());
        }
    }

    /// The last policy that has the setting, by the name of the setting.
    fn setting(&self, name: &str, is_set: fn(&Policy) -> bool) -> String {
        let last = self.held.iter().rev().find(|held| is_set(held.policy));
        format!("{}.{name}", last.map_or("POLICY", |held| held.path))
    }
}

fn nothing_left(list: &[&str], other: &[&str]) -> (String, String) {
    let wrong = format!(
        "leaves nothing: it lists {}, and what else is allowed is {}",
        listed(list.iter().copied()),
        if other.is_empty() { "nothing".into() } else { listed(other.iter().copied()) },
    );
    let meant = list.iter().find_map(|value| nearest(value, other.iter().copied()));
    let instead = match meant {
        Some(meant) => format!("Did you mean {meant}?"),
        None => "List at least one of those".into(),
    };
    (wrong, instead)
}

fn unsupported(value: &str, supported: &[&str]) -> (String, String) {
    let wrong = format!("lists {value}, which is not supported");
    let instead = match nearest(value, supported.iter().copied()) {
        Some(meant) => format!("Did you mean {meant}?"),
        None => format!("Take it out; supported: {}", listed(supported.iter().copied())),
    };
    (wrong, instead)
}
