//! [`Policy`]: what an operator allows beyond what the specs do. Each is read once, from
//! `[vars.POLICY]`, `[vars.ANONYMOUS_POLICY]` or an initial access token.

use std::fmt;

use serde_json::{Map, Value};

use super::names::Reserved;
use super::supported::Supported;
use super::table::{self, Kind, Member};
use crate::vocabulary::{
    ApplicationType, AuthMethod, GrantType, Host, Scope, WebUri, is_forbidden_scheme,
};

/// What an operator allows. What is not set restricts nothing.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub(super) redirect_hosts: Option<Vec<HostPattern>>,
    pub(super) denied_redirect_hosts: Vec<HostPattern>,
    pub(super) redirect_schemes: Option<Vec<String>>,
    pub(super) denied_redirect_schemes: Vec<String>,
    pub(super) https_redirects: bool,
    pub(super) https_links: bool,
    pub(super) reverse_dns_schemes: bool,
    pub(super) max_redirect_uris: Option<u64>,
    pub(super) application_types: Option<Vec<ApplicationType>>,
    pub(super) required: Vec<&'static Member>,
    pub(super) forbidden: Vec<&'static Member>,
    pub(super) reserved_names: Vec<Reserved>,
    pub(super) logo: Logo,
    auth_methods: Option<Vec<AuthMethod>>,
    grant_types: Option<Vec<GrantType>>,
    pub(super) scopes: Option<Vec<String>>,
    default_scope: Option<Scope>,
    client_ttl: Option<u32>,
}

/// What becomes of a `logo_uri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Logo {
    /// It is kept.
    #[default]
    Allow,
    /// It is left out, as if it had not been sent.
    Drop,
    /// It has to be on the site of `client_uri`.
    SameSite,
}

/// A host, or all hosts below one (`*.example.com`, at label boundaries).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostPattern {
    name: String,
    below: bool,
}

impl HostPattern {
    fn parse(text: &str) -> Option<Self> {
        let (name, below) = text.strip_prefix("*.").map_or((text, false), |name| (name, true));
        // As it is in a URI, so that it can match; a loopback address is judged by its scheme.
        let uri = WebUri::parse(&format!("https://{name}/")).ok()?;
        let canonical = uri.host().to_string() == name.to_ascii_lowercase();
        let sound = canonical && !uri.host().is_loopback();
        sound.then(|| Self { name: name.to_ascii_lowercase(), below })
    }

    /// Whether `host` is one of them.
    pub fn covers(&self, host: &Host) -> bool {
        let host = host.to_string();
        if !self.below {
            return host == self.name;
        }
        host.strip_suffix(&*self.name).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The setting.
    pub name: String,
    /// Its value as JSON; empty for a name that nobody knows.
    pub value: String,
    /// What it has to be, as it completes the sentence "must be …".
    pub expected: &'static str,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.value.is_empty() {
            return write!(f, "{} is not a setting that exists", self.name);
        }
        write!(f, "{} is {}, but must be {}", self.name, self.value, self.expected)
    }
}

/// Every setting, and what it has to be. `docs/policy.md` says what each does.
pub const SETTINGS: [(&str, &str); 19] = [
    ("redirect_hosts", HOSTS),
    ("denied_redirect_hosts", HOSTS),
    ("redirect_schemes", "a list of URI schemes, without the colon, that can return to a client"),
    ("denied_redirect_schemes", SCHEMES),
    ("https_redirects", FLAG),
    ("https_links", FLAG),
    ("reverse_dns_schemes", FLAG),
    ("max_redirect_uris", "a number from 1 to 100"),
    ("application_types", "a list of: web, native"),
    ("required_members", MEMBERS),
    ("forbidden_members", MEMBERS),
    ("reserved_names", "a list of names with at least one letter or digit"),
    ("logo", "\"allow\", \"drop\" or \"same_site\""),
    ("auth_methods", "a list of token endpoint authentication methods"),
    ("grant_types", "a list of grant types"),
    ("scopes", "a list of scope tokens"),
    ("default_scope", "scope tokens separated by spaces"),
    ("client_ttl", "whole seconds from 60 to 2147483647"),
    ("description", "a string"),
];
const HOSTS: &str = "a list of host names, or *.host.name for all below one";
const SCHEMES: &str = "a list of URI schemes, without the colon";
const FLAG: &str = "true or false";
const MEMBERS: &str = "a list of client metadata members that clients send";

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn parse(settings: &Map<String, Value>) -> Result<Self, PolicyError> {
        let mut policy = Self::default();
        for (name, value) in settings {
            let known = SETTINGS.iter().find(|(known, _)| known == name);
            let Some((name, expected)) = known else {
                return Err(PolicyError { name: name.clone(), value: String::new(), expected: "" });
            };
            policy.set(name, value).ok_or_else(|| PolicyError {
                name: (*name).to_owned(),
                value: value.to_string(),
                expected,
            })?;
        }
        Ok(policy)
    }

    fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "redirect_hosts" => self.redirect_hosts = Some(each(value, HostPattern::parse)?),
            "denied_redirect_hosts" => {
                self.denied_redirect_hosts = each(value, HostPattern::parse)?;
            }
            "redirect_schemes" => {
                let schemes = each(value, scheme)?;
                // No client could ever have one of these.
                let sound = !schemes.iter().any(|scheme| is_forbidden_scheme(scheme));
                self.redirect_schemes = Some(sound.then_some(schemes)?);
            }
            "denied_redirect_schemes" => self.denied_redirect_schemes = each(value, scheme)?,
            "https_redirects" => self.https_redirects = value.as_bool()?,
            "https_links" => self.https_links = value.as_bool()?,
            "reverse_dns_schemes" => self.reverse_dns_schemes = value.as_bool()?,
            "max_redirect_uris" => {
                self.max_redirect_uris = Some(value.as_u64().filter(|n| (1..=100).contains(n))?);
            }
            "application_types" => {
                self.application_types = Some(each(value, ApplicationType::parse)?);
            }
            "required_members" => self.required = each(value, member)?,
            "forbidden_members" => self.forbidden = each(value, member)?,
            "reserved_names" => self.reserved_names = each(value, Reserved::parse)?,
            "logo" => {
                self.logo = match value.as_str()? {
                    "allow" => Logo::Allow,
                    "drop" => Logo::Drop,
                    "same_site" => Logo::SameSite,
                    _ => return None,
                };
            }
            "auth_methods" => {
                self.auth_methods = Some(each(value, AuthMethod::parse)?);
            }
            "grant_types" => {
                self.grant_types = Some(each(value, |text| Some(GrantType::parse(text)))?);
            }
            "scopes" => {
                let token = |text: &str| {
                    let scope = Scope::parse(text).ok()?;
                    (scope.tokens().count() == 1).then(|| text.to_owned())
                };
                self.scopes = Some(each(value, token)?);
            }
            "default_scope" => self.default_scope = Some(Scope::parse(value.as_str()?).ok()?),
            "client_ttl" => {
                let seconds = u32::try_from(value.as_u64()?).ok()?;
                let sane = (60..=i32::MAX.unsigned_abs()).contains(&seconds);
                self.client_ttl = Some(sane.then_some(seconds)?);
            }
            // For people: it restricts nothing.
            "description" => drop(value.as_str()?),
            _ => return None,
        }
        Some(())
    }

    /// How long a client lives from its registration, in seconds; `None` for ever.
    #[must_use]
    pub fn client_ttl(&self) -> Option<u32> {
        self.client_ttl
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

    /// What is left of `supported` under this policy. So the values of a client are narrowed, defaulted
    /// and refused by it as by what the server supports.
    #[must_use]
    pub fn narrow(&self, mut supported: Supported) -> Supported {
        if let Some(methods) = &self.auth_methods {
            supported.auth_methods.retain(|method| methods.contains(method));
        }
        if let Some(grants) = &self.grant_types {
            supported.grant_types.retain(|grant| grants.contains(grant));
            let granted = &supported.grant_types;
            supported
                .response_types
                .retain(|response| response.grants().all(|grant| granted.contains(&grant)));
        }
        if let Some(ceiling) = &self.scopes {
            let scopes = supported.scopes.take().unwrap_or_else(|| ceiling.clone());
            supported.scopes = Some(scopes.into_iter().filter(|s| ceiling.contains(s)).collect());
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

fn each<T>(value: &Value, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    // An empty list could mean nothing or everything.
    let list = value.as_array().filter(|list| !list.is_empty())?;
    list.iter().map(|text| text.as_str().and_then(&parse)).collect()
}

/// A scheme in lower case (RFC 3986 §3.1).
fn scheme(text: &str) -> Option<String> {
    let sound = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    sound.then(|| text.to_ascii_lowercase())
}

fn member(name: &str) -> Option<&'static Member> {
    table::find(name).filter(|member| member.kind != Kind::ServerAssigned)
}
