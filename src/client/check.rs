//! One value against the kind of its member: type, bounds, syntax, and whether it is supported.

use std::collections::BTreeSet;

use serde_json::Value;

use super::hidden::{self, Fault};
use super::jwks;
use super::limits;
use super::problem::{Pointer, Problem, Problems};
use super::rule::Rule;
use super::supported::{Supported, listed};
use super::table::Kind;
use crate::vocabulary::{
    Algorithm, AuthMethod, Host, HostNames, RedirectUri, RedirectUriError, UriError, Use, WebUri,
    WebUriError,
};

/// Checks values and collects what is wrong with them.
pub(super) struct Checker<'s> {
    pub supported: &'s Supported,
    pub names: &'s dyn HostNames,
    pub problems: Problems,
    /// The other lists of redirect URIs: where they are, and what is in them.
    pub redirects: Vec<(Pointer, Vec<RedirectUri>)>,
}

impl Checker<'_> {
    /// Notes a problem; returns `None` so that it can end a check.
    pub fn refuse<T>(&mut self, at: Pointer, value: &str, rule: Rule) -> Option<T> {
        if !self.problems.is_beyond(&rule) {
            self.problems.push(Problem::new(at, value, rule));
        }
        None
    }

    /// A string within `limit` bytes.
    pub fn text<'v>(&mut self, at: &Pointer, value: &'v Value, limit: usize) -> Option<&'v str> {
        match value.as_str() {
            None => self.refuse(at.clone(), "", Rule::Type { expected: "a string" }),
            Some(text) if text.len() > limit => {
                self.refuse(at.clone(), text, Rule::Length { limit })
            }
            Some(text) => Some(text),
        }
    }

    /// A list of at most `count` distinct strings of at most `length` bytes, in their order.
    pub fn texts<'v>(
        &mut self,
        at: &Pointer,
        value: &'v Value,
        count: usize,
        length: usize,
    ) -> Option<Vec<(usize, &'v str)>> {
        let Some(list) = value.as_array() else {
            return self.refuse(at.clone(), "", Rule::Type { expected: "a list of strings" });
        };
        if list.len() > count {
            return self.refuse(at.clone(), "", Rule::Count { limit: count });
        }
        let mut distinct: Vec<(usize, &str)> = Vec::with_capacity(list.len());
        let mut known = BTreeSet::new();
        let mut sound = true;
        for (index, element) in list.iter().enumerate() {
            match self.text(&at.element(index), element, length) {
                None => sound = false,
                Some("") => {
                    self.refuse::<()>(at.element(index), "", Rule::Empty);
                    sound = false;
                }
                Some(text) if known.insert(text) => distinct.push((index, text)),
                Some(_) => {}
            }
        }
        sound.then_some(distinct)
    }

    /// A list of redirect URIs.
    pub fn redirect_uris(&mut self, at: &Pointer, value: &Value) -> Option<Vec<RedirectUri>> {
        let texts = self.texts(at, value, limits::REDIRECT_URIS, limits::URI)?;
        let mut uris = Vec::with_capacity(texts.len());
        let mut sound = true;
        for (index, text) in texts {
            let alike = |host: &Host| host.is_read_alike(self.names);
            let judged = match RedirectUri::parse(text) {
                Ok(uri) if !uri.host().is_none_or(alike) => {
                    Err(RedirectUriError::Uri(UriError::Host))
                }
                other => other,
            };
            match judged {
                Ok(uri) => uris.push(uri),
                Err(error) => {
                    self.refuse::<()>(at.element(index), text, Rule::RedirectUri(error));
                    sound = false;
                }
            }
        }
        sound.then_some(uris)
    }

    /// The value of a member that decides nothing by itself, as it will be stored.
    pub fn value(&mut self, kind: Kind, at: &Pointer, value: Value) -> Option<Value> {
        match kind {
            Kind::RedirectUriList => {
                let uris = self.redirect_uris(at, &value)?;
                let list = uris.iter().map(RedirectUri::as_str).collect();
                self.redirects.push((at.clone(), uris));
                Some(list)
            }
            Kind::Flag if value.is_boolean() => Some(value),
            Kind::Seconds => match value.as_u64() {
                Some(seconds) if seconds <= limits::SECONDS => Some(value),
                _ if value.is_number() => {
                    let shown = value.to_string();
                    self.refuse(at.clone(), &shown, Rule::Range { max: limits::SECONDS })
                }
                _ => self.refuse(at.clone(), "", Rule::Type { expected: kind.json_type() }),
            },
            Kind::Object if value.is_object() => self.without_object_keys(at, value),
            Kind::JwkSet => {
                let value = self.without_object_keys(at, value)?;
                let Some(set) = value.as_object() else {
                    return self.refuse(at.clone(), "", Rule::Type { expected: kind.json_type() });
                };
                // A set without keys says as little as none; libraries send it.
                if set.get("keys").and_then(Value::as_array).is_some_and(Vec::is_empty) {
                    return None;
                }
                match jwks::check(set) {
                    Ok(()) => Some(value),
                    Err((None, rule)) => self.refuse(at.clone(), "", rule),
                    Err((Some(index), rule)) => {
                        let keys = Pointer { inner: Some("keys"), ..at.clone() };
                        self.refuse(keys.element(index), "", rule)
                    }
                }
            }
            Kind::Flag | Kind::Object => {
                self.refuse(at.clone(), "", Rule::Type { expected: kind.json_type() })
            }
            Kind::DisplayTexts
            | Kind::Texts
            | Kind::SecureUris
            | Kind::EncList
            | Kind::Enums { .. }
            | Kind::Choices { .. } => {
                let texts = self.texts(at, &value, limits::LIST, length_limit(kind))?;
                let mut sound = true;
                for (index, text) in &texts {
                    if let Err(rule) = self.judge(kind, text) {
                        self.refuse::<()>(at.element(*index), text, rule);
                        sound = false;
                    }
                }
                sound.then(|| texts.into_iter().map(|(_, text)| text).collect())
            }
            _ => {
                let text = self.text(at, &value, length_limit(kind))?;
                match self.judge(kind, text) {
                    Ok(()) => Some(value),
                    Err(rule) => self.refuse(at.clone(), text, rule),
                }
            }
        }
    }

    /// Judges one string of a member that decides nothing by itself.
    fn judge(&self, kind: Kind, text: &str) -> Result<(), Rule> {
        match kind {
            // That some are https is a rule between members: a developer's loopback server may do.
            Kind::WebUri | Kind::SecureUri | Kind::SecureUris | Kind::LogoutUri => {
                let uri = WebUri::parse(text).map_err(Rule::WebUri)?;
                if !uri.host().is_read_alike(self.names) {
                    return Err(Rule::WebUri(WebUriError::Uri(UriError::Host)));
                }
                let logout = kind == Kind::LogoutUri;
                if logout && uri.has_fragment() { Err(Rule::Fragment) } else { Ok(()) }
            }
            _ => judge(kind, text, self.supported),
        }
    }

    /// `value`, if no object in it has a key that is a property of every JavaScript object: readers that
    /// merge objects would change more than their own.
    fn without_object_keys(&mut self, at: &Pointer, value: Value) -> Option<Value> {
        match object_key(&value) {
            None => Some(value),
            Some(key) => self.refuse(at.clone(), key, Rule::ObjectKey),
        }
    }
}

/// The properties of `Object.prototype`, and `prototype` of a function.
const OBJECT_KEYS: [&str; 13] = [
    "__proto__",
    "constructor",
    "prototype",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// The first of [`OBJECT_KEYS`] in `value`, at any depth, which `limits::DEPTH` bounds.
fn object_key(value: &Value) -> Option<&str> {
    match value {
        Value::Object(members) => members.iter().find_map(|(key, value)| {
            let own = OBJECT_KEYS.contains(&key.as_str()).then_some(key.as_str());
            own.or_else(|| object_key(value))
        }),
        Value::Array(list) => list.iter().find_map(object_key),
        _ => None,
    }
}

/// The longest string a member of this kind may hold, in bytes.
fn length_limit(kind: Kind) -> usize {
    match kind {
        Kind::DisplayText | Kind::DisplayTexts => limits::DISPLAY_TEXT,
        Kind::WebUri | Kind::SecureUri | Kind::SecureUris | Kind::LogoutUri => limits::URI,
        Kind::SoftwareStatement => limits::SOFTWARE_STATEMENT,
        _ => limits::OPAQUE,
    }
}

/// Judges one string: a whole value or an element of a list.
pub(super) fn judge(kind: Kind, text: &str, supported: &Supported) -> Result<(), Rule> {
    match kind {
        Kind::DisplayText | Kind::DisplayTexts => match hidden::fault(text) {
            Some(Fault::Hidden(c)) => Err(Rule::DisplayText(c)),
            Some(Fault::Marks) => Err(Rule::Marks),
            Some(Fault::Blank) => Err(Rule::Empty),
            None => Ok(()),
        },
        Kind::Text | Kind::Texts => match hidden::fault(text) {
            Some(Fault::Hidden(c)) => Err(Rule::DisplayText(c)),
            _ => Ok(()),
        },
        Kind::Jws { supported: list, none } => jws(text, none, supported.list(list)),
        Kind::AuthSigningAlg => match Algorithm::find(text).map(|alg| alg.purpose) {
            Some(Use::Signature | Use::Mac) => Ok(()),
            Some(Use::Unsecured) => Err(Rule::AlgorithmNone),
            _ => Err(Rule::Algorithm),
        },
        Kind::Jwe { supported: list } => match Algorithm::find(text).map(|alg| alg.purpose) {
            Some(Use::KeyWrap) => published(text, supported.list(list)),
            Some(Use::SharedKeyWrap) => Err(Rule::SharedKeyAlgorithm),
            _ => Err(Rule::Algorithm),
        },
        Kind::Enc { supported: list, .. } => {
            content_encryption(text)?;
            published(text, supported.list(list))
        }
        Kind::EncList => content_encryption(text),
        Kind::Enum { allowed, supported: list } => {
            one_of(text, allowed)?;
            published(text, list.and_then(|list| supported.list(list)))
        }
        Kind::Enums { allowed } => one_of(text, allowed),
        Kind::AuthMethod => match AuthMethod::parse(text) {
            Some(method) if supported.auth_methods.contains(&method) => Ok(()),
            _ => {
                let names = supported.auth_methods.iter().map(|method| method.as_str());
                Err(Rule::Unsupported { supported: listed(names) })
            }
        },
        Kind::SoftwareStatement => {
            let parts: Vec<&str> = text.split('.').collect();
            let base64url = |part: &&str| {
                part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            };
            let compact = parts.len() == 3 && parts.iter().all(base64url);
            let expected = "a JWS in compact form";
            if compact { Ok(()) } else { Err(Rule::Type { expected }) }
        }
        // What a client could choose from besides is its own business.
        _ => match text.chars().find(|c| !c.is_ascii_graphic() && *c != ' ') {
            Some(c) => Err(Rule::Opaque(c)),
            None => Ok(()),
        },
    }
}

fn jws(text: &str, none_allowed: bool, list: Option<&[String]>) -> Result<(), Rule> {
    match Algorithm::find(text).map(|algorithm| algorithm.purpose) {
        Some(Use::Signature) => published(text, list),
        Some(Use::Mac) => Err(Rule::SharedKeyAlgorithm),
        // Only an operator who lists it offers unsecured objects.
        Some(Use::Unsecured) if none_allowed && list.is_some() => published(text, list),
        Some(Use::Unsecured) => Err(Rule::AlgorithmNone),
        _ => Err(Rule::Algorithm),
    }
}

fn content_encryption(text: &str) -> Result<(), Rule> {
    match Algorithm::find(text).map(|algorithm| algorithm.purpose) {
        Some(Use::Content) => Ok(()),
        _ => Err(Rule::Algorithm),
    }
}

fn published(text: &str, list: Option<&[String]>) -> Result<(), Rule> {
    match list {
        Some(list) if !list.iter().any(|value| value == text) => {
            Err(Rule::Unsupported { supported: listed(list.iter().map(String::as_str)) })
        }
        _ => Ok(()),
    }
}

fn one_of(text: &str, allowed: &'static str) -> Result<(), Rule> {
    let known = allowed.split(", ").any(|value| value == text);
    if known { Ok(()) } else { Err(Rule::Value { allowed }) }
}
