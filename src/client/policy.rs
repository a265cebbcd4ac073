//! [`Policy`]: what an operator allows beyond what the specs do. Each is read once, from
//! `[vars.POLICY]`, `[vars.ANONYMOUS_POLICY]` or an initial access token.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::host_patterns::HostPatterns;
use super::limits;
use super::reserved::{self, ReservedNames};
use super::supported::Supported;
use super::table::{self, Kind, Member};
use crate::vocabulary::{ApplicationType, AuthMethod, GrantType, Scope, is_forbidden_scheme};

/// What an operator allows. What is not set restricts nothing. To clone it costs nothing.
#[derive(Debug, Clone)]
pub struct Policy(Rc<Limits>);

/// The settings of a [`Policy`].
#[derive(Debug, Default)]
pub struct Limits {
    pub(super) redirect_hosts: Option<HostPatterns>,
    pub(super) denied_redirect_hosts: HostPatterns,
    pub(super) redirect_schemes: Option<BTreeSet<String>>,
    pub(super) denied_redirect_schemes: BTreeSet<String>,
    pub(super) https_redirects: bool,
    pub(super) https_links: bool,
    pub(super) reverse_dns_schemes: bool,
    pub(super) max_redirect_uris: Option<u64>,
    pub(super) application_types: Option<Vec<ApplicationType>>,
    pub(super) required: Vec<&'static Member>,
    pub(super) forbidden: Vec<&'static Member>,
    pub(super) reserved_names: ReservedNames,
    pub(super) logo: Logo,
    pub(super) auth_methods: Option<Vec<AuthMethod>>,
    pub(super) grant_types: Option<Vec<GrantType>>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) default_scope: Option<Scope>,
    pub(super) client_ttl: Option<u32>,
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

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyError {
    /// A setting that does not exist.
    Unknown {
        /// Its name.
        name: String,
    },
    /// A value that cannot be used.
    Value {
        /// The setting.
        name: String,
        /// Its value as JSON, shortened.
        value: String,
        /// What it has to be, as it completes the sentence "must be …".
        expected: &'static str,
    },
    /// A list with more than [`limits::ENTRIES`].
    Entries {
        /// The setting.
        name: String,
        /// How many entries it has.
        count: usize,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name } => write!(f, "{name} is not a setting that exists"),
            Self::Value { name, value, expected } => {
                write!(f, "{name} is {value}, but must be {expected}")
            }
            Self::Entries { name, count } => {
                write!(f, "{name} has {count} entries; a list may have {} at most", limits::ENTRIES)
            }
        }
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
    ("reserved_names", "a list of names of at most 64 characters with a letter or digit"),
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
    /// Reads a policy that an operator sets.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn parse(settings: &Map<String, Value>) -> Result<Self, PolicyError> {
        for (name, value) in settings {
            if let Some(count) = limits::entries_beyond(value) {
                return Err(PolicyError::Entries { name: name.clone(), count });
            }
            let names = value.as_array().filter(|_| name == "reserved_names").into_iter().flatten();
            let mut names = names.filter_map(Value::as_str);
            if let Some(long) = names.find(|name| name.chars().count() > reserved::LONGEST) {
                return Err(wrong(name, &long.into()));
            }
            // No client could ever have one of these.
            let allows = |scheme: &str| name == "redirect_schemes" && is_forbidden_scheme(scheme);
            if schemes(value).is_some_and(|schemes| schemes.iter().any(|scheme| allows(scheme))) {
                return Err(wrong(name, value));
            }
        }
        Self::parse_stored(settings)
    }

    /// Reads the policy of an initial access token, which was set when there may have been fewer limits.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn parse_stored(settings: &Map<String, Value>) -> Result<Self, PolicyError> {
        let mut limits = Limits::default();
        for (name, value) in settings {
            limits.set(name, value).ok_or_else(|| wrong(name, value))?;
        }
        Ok(Self(Rc::new(limits)))
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
            let left: BTreeSet<&str> = grants.iter().map(GrantType::as_str).collect();
            supported.grant_types.retain(|grant| left.contains(grant.as_str()));
            let granted = &supported.grant_types;
            supported
                .response_types
                .retain(|response| response.grants().all(|grant| granted.contains(&grant)));
        }
        if let Some(ceiling) = &self.scopes {
            let scopes = supported.scopes.take().unwrap_or_else(|| ceiling.clone());
            let left: BTreeSet<&str> = ceiling.iter().map(String::as_str).collect();
            let kept = scopes.into_iter().filter(|scope| left.contains(scope.as_str()));
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
    type Target = Limits;

    fn deref(&self) -> &Limits {
        &self.0
    }
}

impl Limits {
    fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "redirect_hosts" => self.redirect_hosts = Some(hosts(value)?),
            "denied_redirect_hosts" => self.denied_redirect_hosts = hosts(value)?,
            "redirect_schemes" => self.redirect_schemes = Some(schemes(value)?),
            "denied_redirect_schemes" => self.denied_redirect_schemes = schemes(value)?,
            "https_redirects" => self.https_redirects = value.as_bool()?,
            "https_links" => self.https_links = value.as_bool()?,
            "reverse_dns_schemes" => self.reverse_dns_schemes = value.as_bool()?,
            "max_redirect_uris" => {
                self.max_redirect_uris = Some(value.as_u64().filter(|n| (1..=100).contains(n))?);
            }
            "application_types" => {
                self.application_types = Some(each(value, ApplicationType::parse)?);
            }
            "required_members" => self.required = members(value)?,
            "forbidden_members" => self.forbidden = members(value)?,
            "reserved_names" => {
                let name = |name: &str| reserved::is_reservable(name).then(|| name.to_owned());
                self.reserved_names = ReservedNames::new(each(value, name)?);
            }
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
}

/// What is wrong with a setting that has this value.
fn wrong(name: &str, value: &Value) -> PolicyError {
    let known = SETTINGS.iter().find(|(known, _)| *known == name);
    let name = name.to_owned();
    match known {
        None => PolicyError::Unknown { name },
        Some((_, expected)) => PolicyError::Value { name, value: shortened(value), expected },
    }
}

/// A value as JSON, as long as a line of the log can bear.
pub(crate) fn shortened(value: &Value) -> String {
    const MOST: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Members, each once.
fn members(value: &Value) -> Option<Vec<&'static Member>> {
    let mut distinct: Vec<&'static Member> = Vec::new();
    for member in each(value, member)? {
        if !distinct.iter().any(|known| known.place == member.place) {
            distinct.push(member);
        }
    }
    Some(distinct)
}

fn each<T>(value: &Value, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    // An empty list could mean nothing or everything.
    let list = value.as_array().filter(|list| !list.is_empty())?;
    list.iter().map(|text| text.as_str().and_then(&parse)).collect()
}

fn hosts(value: &Value) -> Option<HostPatterns> {
    HostPatterns::parse(&each(value, |text| Some(text.to_ascii_lowercase()))?)
}

fn schemes(value: &Value) -> Option<BTreeSet<String>> {
    Some(each(value, scheme)?.into_iter().collect())
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
