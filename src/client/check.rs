//! One value against the kind of its member: type, bounds, syntax, and whether it is supported.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::encoded_hosts::EncodedHosts;
use super::grants;
use super::judge::{algorithm, auth_method, judge};
use super::jwks::KeySet;
use super::limits;
use super::problem::{Pointer, Problem, Problems};
use super::rule::{KeyFault, Rule};
use super::supported::Supported;
use super::table::Kind;
use super::value::MemberValue;
use crate::vocabulary::{
    ApplicationType, AuthMethod, RedirectUri, RedirectUriError, Scope, UriError, WebUri,
    WebUriError, json_text,
};

/// Checks values and collects what is wrong with them.
pub(super) struct Checker<'s> {
    pub supported: &'s Supported,
    pub hosts: EncodedHosts<'s>,
    pub problems: Problems,
}

impl Checker<'_> {
    /// Notes a problem; returns `None` so that it can end a check.
    pub fn reject<T>(&mut self, at: Pointer, value: &str, rule: Rule) -> Option<T> {
        if !self.problems.is_beyond(&rule) {
            self.problems.push(Problem::new(at, value, rule));
        }
        None
    }

    /// The value of a member, under the type of its kind: the only place where one is made from what a client sent.
    /// `None` if something is wrong with it, or if it says as little as nothing.
    pub fn value(&mut self, kind: Kind, at: &Pointer, value: Value) -> Option<MemberValue> {
        let supported = self.supported;
        let limit = length_limit(kind);
        Some(match kind {
            Kind::RedirectUris | Kind::RedirectUriList => MemberValue::RedirectUris(self.each(
                at,
                &value,
                (limits::REDIRECT_URIS, limit),
                Self::redirect_uri,
            )?),
            Kind::GrantTypes => {
                let texts = self.texts(at, &value, limits::LIST, limit)?;
                MemberValue::GrantTypes(grants::narrow_grants(self, at, &texts)?)
            }
            Kind::ResponseTypes => {
                let texts = self.texts(at, &value, limits::LIST, limit)?;
                MemberValue::ResponseTypes(grants::narrow_responses(self, at, &texts)?)
            }
            Kind::AuthMethod => {
                let read = |_: &Self, text: &str| auth_method(AuthMethod::parse(text), supported);
                MemberValue::AuthMethod(self.one(at, &value, limit, read)?)
            }
            Kind::ApplicationType => {
                let rule = Rule::Value { allowed: "web, native" };
                let read = |_: &Self, text: &str| ApplicationType::parse(text).ok_or(rule);
                MemberValue::ApplicationType(self.one(at, &value, limit, read)?)
            }
            Kind::Scope => {
                let read = |_: &Self, text: &str| Scope::parse(text).map_err(Rule::Scope);
                MemberValue::Scope(self.one(at, &value, limit, read)?)
            }
            Kind::Flag => MemberValue::Flag(value.as_bool().or_else(|| self.mistyped(kind, at))?),
            Kind::Seconds => match value.as_u64() {
                Some(seconds) if seconds <= limits::SECONDS => MemberValue::Seconds(seconds),
                _ if value.is_number() => {
                    let rule = Rule::Range { max: limits::SECONDS };
                    return self.reject(at.clone(), &json_text(&value), rule);
                }
                _ => return self.mistyped(kind, at),
            },
            Kind::Object if !value.is_object() => return self.mistyped(kind, at),
            Kind::Object => MemberValue::Json(self.object(kind, at, value)?),
            Kind::JwkSet => {
                let set = self.object(kind, at, value)?;
                // A set without keys says as little as none; libraries send it.
                if set.get("keys").and_then(Value::as_array).is_some_and(Vec::is_empty) {
                    return None;
                }
                MemberValue::Keys(match self.keys(set) {
                    Ok(keys) => keys,
                    Err((None, rule)) => return self.reject(at.clone(), "", rule),
                    Err((Some(index), rule)) => {
                        let keys = Pointer { inner: Some("keys"), ..at.clone() };
                        return self.reject(keys.element(index), "", rule);
                    }
                })
            }
            Kind::WebUri | Kind::SecureUri | Kind::LogoutUri => {
                let read = |checker: &Self, text: &str| checker.web_uri(kind, text);
                MemberValue::Uri(self.one(at, &value, limit, read)?)
            }
            Kind::SecureUris => {
                let read = |checker: &Self, text: &str| checker.web_uri(kind, text);
                MemberValue::Uris(self.each(at, &value, (limits::LIST, limit), read)?)
            }
            Kind::Jws { .. } | Kind::AuthSigningAlg | Kind::Jwe { .. } | Kind::Enc { .. } => {
                let read = |_: &Self, text: &str| algorithm(kind, text, supported);
                MemberValue::Algorithm(self.one(at, &value, limit, read)?)
            }
            Kind::EncList => {
                let read = |_: &Self, text: &str| algorithm(kind, text, supported);
                MemberValue::Algorithms(self.each(at, &value, (limits::LIST, limit), read)?)
            }
            Kind::DisplayTexts | Kind::Texts | Kind::Enums { .. } | Kind::Choices { .. } => {
                let read =
                    |_: &Self, text: &str| judge(kind, text, supported).map(|()| text.to_owned());
                MemberValue::Texts(self.each(at, &value, (limits::LIST, limit), read)?)
            }
            Kind::DisplayText
            | Kind::Text
            | Kind::Opaque
            | Kind::Enum { .. }
            | Kind::SoftwareStatement
            | Kind::ServerAssigned => {
                self.one(at, &value, limit, |_, text| judge(kind, text, supported))?;
                let Value::String(text) = value else { return None };
                MemberValue::Text(text)
            }
        })
    }

    /// A string within `limit` bytes.
    fn text<'v>(&mut self, at: &Pointer, value: &'v Value, limit: usize) -> Option<&'v str> {
        match value.as_str() {
            None => self.reject(at.clone(), "", Rule::Type { expected: "a string" }),
            Some(text) if text.len() > limit => {
                self.reject(at.clone(), text, Rule::Length { limit })
            }
            Some(text) => Some(text),
        }
    }

    /// A list of at most `count` distinct strings of at most `length` bytes, in their order.
    fn texts<'v>(
        &mut self,
        at: &Pointer,
        value: &'v Value,
        count: usize,
        length: usize,
    ) -> Option<Vec<(usize, &'v str)>> {
        let Some(list) = value.as_array() else {
            return self.reject(at.clone(), "", Rule::Type { expected: "a list of strings" });
        };
        if list.len() > count {
            return self.reject(at.clone(), "", Rule::Count { limit: count });
        }
        let mut distinct: Vec<(usize, &str)> = Vec::with_capacity(list.len());
        let mut known = BTreeSet::new();
        let mut sound = true;
        for (index, element) in list.iter().enumerate() {
            match self.text(&at.element(index), element, length) {
                None => sound = false,
                Some("") => {
                    self.reject::<()>(at.element(index), "", Rule::Empty);
                    sound = false;
                }
                Some(text) if known.insert(text) => distinct.push((index, text)),
                Some(_) => {}
            }
        }
        sound.then_some(distinct)
    }

    /// One string, as `read` types it.
    fn one<T>(
        &mut self,
        at: &Pointer,
        value: &Value,
        limit: usize,
        read: impl FnOnce(&Self, &str) -> Result<T, Rule>,
    ) -> Option<T> {
        let text = self.text(at, value, limit)?;
        read(self, text).map_or_else(|rule| self.reject(at.clone(), text, rule), Some)
    }

    /// Each string of a list, as `read` types it.
    fn each<T>(
        &mut self,
        at: &Pointer,
        value: &Value,
        (count, length): (usize, usize),
        read: impl Fn(&Self, &str) -> Result<T, Rule>,
    ) -> Option<Vec<T>> {
        let texts = self.texts(at, value, count, length)?;
        let mut values = Vec::with_capacity(texts.len());
        let mut sound = true;
        for (index, text) in texts {
            match read(self, text) {
                Ok(value) => values.push(value),
                Err(rule) => {
                    self.reject::<()>(at.element(index), text, rule);
                    sound = false;
                }
            }
        }
        sound.then_some(values)
    }

    fn redirect_uri(&self, text: &str) -> Result<RedirectUri, Rule> {
        self.hosts.count(text)?;
        let uri = RedirectUri::parse(text).map_err(Rule::RedirectUri)?;
        if let Some(host) = uri.host()
            && !self.hosts.is_read_alike(host)
        {
            return Err(Rule::RedirectUri(RedirectUriError::Uri(UriError::Host)));
        }
        Ok(uri)
    }

    /// Whether it must be https is a rule between members, since a developer's loopback server may use http.
    fn web_uri(&self, kind: Kind, text: &str) -> Result<WebUri, Rule> {
        self.hosts.count(text)?;
        let uri = WebUri::parse(text).map_err(Rule::WebUri)?;
        if !self.hosts.is_read_alike(uri.host()) {
            return Err(Rule::WebUri(WebUriError::Uri(UriError::Host)));
        }
        let bad_fragment = kind == Kind::LogoutUri && uri.has_fragment();
        if bad_fragment { Err(Rule::Fragment) } else { Ok(uri) }
    }

    /// A set of sound keys. An `x5u` is held to the same rules as `jwks_uri`: both may be fetched.
    fn keys(&self, set: Map<String, Value>) -> Result<KeySet, (Option<usize>, Rule)> {
        let keys = KeySet::read(set)?;
        for (index, uri) in keys.certificate_uris() {
            if !self.is_fetchable(uri) {
                return Err((Some(index), Rule::Key(KeyFault::CertificateUri)));
            }
        }
        Ok(keys)
    }

    /// Whether `value` is an `https` URI on a host that an authorization server may call.
    fn is_fetchable(&self, value: &Value) -> bool {
        let text = value.as_str().filter(|text| text.len() <= limits::URI);
        let uri = text.and_then(|text| self.web_uri(Kind::SecureUri, text).ok());
        let is_public = |uri: &WebUri| self.supported.development || !uri.host().is_special_use();
        uri.is_some_and(|uri| uri.is_https() && is_public(&uri))
    }

    fn mistyped<T>(&mut self, kind: Kind, at: &Pointer) -> Option<T> {
        self.reject(at.clone(), "", Rule::Type { expected: kind.json_type() })
    }

    /// An object in which no key, at any depth, is a property of every JavaScript object: readers that merge objects
    /// would change more than their own.
    fn object(&mut self, kind: Kind, at: &Pointer, value: Value) -> Option<Map<String, Value>> {
        if let Some(key) = object_key(&value) {
            return self.reject(at.clone(), key, Rule::ObjectKey);
        }
        match value {
            Value::Object(object) => Some(object),
            _ => self.mistyped(kind, at),
        }
    }
}

/// The properties of `Object.prototype`, and `prototype` of a function.
#[rustfmt::skip]
const OBJECT_KEYS: [&str; 13] = [
    "__proto__", "constructor", "prototype", "__defineGetter__", "__defineSetter__", "__lookupGetter__",
    "__lookupSetter__", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString",
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
        Kind::RedirectUris
        | Kind::RedirectUriList
        | Kind::WebUri
        | Kind::SecureUri
        | Kind::SecureUris
        | Kind::LogoutUri => limits::URI,
        // It has a rule of its own for its length.
        Kind::SoftwareStatement => limits::BODY,
        Kind::Scope => limits::SCOPE,
        _ => limits::OPAQUE,
    }
}
