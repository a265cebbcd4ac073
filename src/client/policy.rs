//! [`Policy`]: what an operator allows beyond what the specs do. Each is read once, from
//! `[vars.POLICY]`, `[vars.ANONYMOUS_POLICY]` or an initial access token.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::certificates::{AllowedCertificates, Binding};
use super::host_patterns::HostPatterns;
use super::mistake::Mistake;
use super::policy_lists::{Members, Schemes, ScopeToken};
use super::reading::read;
use super::reserved::{self, ReservedNames};
use super::setting::{Count, Lifetime, List};
use super::supported::Supported;
use crate::vocabulary::{
    ApplicationType, AuthMethod, GrantType, Scope, insert_all, is_forbidden_scheme,
};

/// The operator's restrictions. A setting that is left out restricts nothing. Cloning is cheap.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "PolicySettings")]
pub struct Policy(Rc<PolicySettings>);

impl From<PolicySettings> for Policy {
    fn from(mut settings: PolicySettings) -> Self {
        let grants = settings.grant_types.iter().flat_map(|list| list.iter());
        settings.grant_set = insert_all(grants.map(|grant| grant.as_str().to_owned()));
        let scopes = settings.scopes.iter().flat_map(|list| list.iter());
        settings.scope_set = insert_all(scopes.map(|scope| scope.0.clone()));
        Self(Rc::new(settings))
    }
}

/// The settings of a [`Policy`]. `docs/policy.md` says what each does.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct PolicySettings {
    pub(super) redirect_hosts: Option<HostPatterns>,
    pub(super) denied_redirect_hosts: HostPatterns,
    pub(super) redirect_schemes: Option<Schemes>,
    pub(super) denied_redirect_schemes: Schemes,
    pub(super) https_redirects: bool,
    pub(super) https_links: bool,
    pub(super) reverse_dns_schemes: bool,
    pub(super) max_redirect_uris: Option<Count<1, 100>>,
    pub(super) application_types: Option<List<ApplicationType>>,
    pub(super) required_members: Members,
    pub(super) forbidden_members: Members,
    pub(super) reserved_names: ReservedNames,
    pub(super) logo: Logo,
    pub(super) auth_methods: Option<List<AuthMethod>>,
    pub(super) grant_types: Option<List<GrantType>>,
    pub(super) scopes: Option<List<ScopeToken>>,
    pub(super) default_scope: Option<Scope>,
    pub(super) client_ttl: Option<Lifetime>,
    pub(super) approval: bool,
    pub(super) require_certificate: bool,
    pub(super) certificate: Option<AllowedCertificates>,
    pub(super) bind: Option<Binding>,
    /// For people: it restricts nothing.
    #[serde(rename = "description")]
    _description: String,
    /// `grant_types` and `scopes` as sets, in which every registration looks up those of the server.
    #[serde(skip)]
    grant_set: BTreeSet<String>,
    #[serde(skip)]
    scope_set: BTreeSet<String>,
}

/// The treatment of a `logo_uri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Logo {
    /// It is kept.
    #[default]
    Allow,
    /// It is left out, as if it had not been sent.
    Drop,
    /// It has to be on the site of `client_uri`.
    SameSite,
}

impl Policy {
    /// Reads the policy of an initial access token. When it was set, there may have been fewer settings.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse_stored(settings: &Map<String, Value>) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let policy = read("", settings, usize::MAX, &mut mistakes);
        if mistakes.is_empty() { Ok(policy) } else { Err(mistakes) }
    }

    /// Checks what a new policy, which errors call `path`, must not say although a stored one may.
    pub fn check_new(path: &str, settings: &Map<String, Value>, mistakes: &mut Vec<Mistake>) {
        let mut check = |name: &str, expected: &str, is_wrong: &dyn Fn(&str) -> bool| {
            let list = settings.get(name).and_then(Value::as_array);
            for (index, entry) in list.into_iter().flatten().enumerate() {
                if entry.as_str().is_some_and(is_wrong) {
                    let at = format!("{path}.{name}[{index}]");
                    let at = at.strip_prefix('.').unwrap_or(&at);
                    mistakes.push(Mistake::value(at, Some(entry), expected));
                }
            }
        };
        check("reserved_names", "a name of at most 64 characters", &|name| {
            name.chars().count() > reserved::LONGEST
        });
        // No client could ever have one of these.
        check("redirect_schemes", "a URI scheme that can return to a client", &|scheme| {
            is_forbidden_scheme(&scheme.to_ascii_lowercase())
        });
    }

    /// How long a client lives from its registration, in seconds; `None` for ever.
    #[must_use]
    pub fn client_ttl(&self) -> Option<u32> {
        self.client_ttl.map(|seconds| seconds.0)
    }

    /// Whether a client waits for the operator's approval.
    #[must_use]
    pub fn requires_approval(&self) -> bool {
        self.approval
    }

    /// Whether it leaves less than all methods to clients.
    #[must_use]
    pub fn narrows_auth_methods(&self) -> bool {
        self.auth_methods.is_some()
    }

    /// Whether it leaves less than all grant types to clients.
    #[must_use]
    pub fn narrows_grant_types(&self) -> bool {
        self.grant_types.is_some()
    }

    /// Whether it leaves less than all scopes to clients.
    #[must_use]
    pub fn narrows_scopes(&self) -> bool {
        self.scopes.is_some()
    }

    /// The part of `supported` that this policy allows. So the values of a client are narrowed, defaulted
    /// and rejected by it as by what the server supports.
    #[must_use]
    pub fn narrow(&self, mut supported: Supported) -> Supported {
        if let Some(methods) = &self.auth_methods {
            supported.auth_methods.retain(|method| methods.contains(method));
        }
        if self.grant_types.is_some() {
            supported.grant_types.retain(|grant| self.grant_set.contains(grant.as_str()));
            let granted = &supported.grant_types;
            supported
                .response_types
                .retain(|response| response.grants().all(|grant| granted.contains(&grant)));
        }
        if let Some(ceiling) = &self.scopes {
            let all = || ceiling.iter().map(|scope| scope.0.clone()).collect();
            let scopes = supported.scopes.take().unwrap_or_else(all);
            let kept = scopes.into_iter().filter(|scope| self.scope_set.contains(scope));
            supported.scopes = Some(kept.collect());
        }
        let wanted = self.default_scope.as_ref().unwrap_or(&supported.default_scope);
        supported.default_scope = match &supported.scopes {
            Some(scopes) => {
                let left = wanted.narrowed_to(scopes);
                let none = left.is_empty() && self.scopes.is_some();
                if none { scopes.iter().cloned().collect() } else { left }
            }
            None => wanted.clone(),
        };
        supported
    }
}

impl Deref for Policy {
    type Target = PolicySettings;

    fn deref(&self) -> &PolicySettings {
        &self.0
    }
}
