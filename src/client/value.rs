//! [`MemberValue`]: the value of a member, under the type that its row in the table gives it.

use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::jwks::KeySet;
use crate::vocabulary::{
    Algorithm, ApplicationType, AuthMethod, GrantType, RedirectUri, ResponseType, Scope, WebUri,
};

/// The checked value of a member. `Checker::value` makes it from JSON; rules and policies only read it.
#[derive(Debug, Clone)]
pub(super) enum MemberValue {
    Flag(bool),
    Seconds(u64),
    Number(Number),
    Text(String),
    Texts(Vec<String>),
    Uri(WebUri),
    Uris(Vec<WebUri>),
    RedirectUris(Vec<RedirectUri>),
    GrantTypes(Vec<GrantType>),
    ResponseTypes(Vec<ResponseType>),
    AuthMethod(AuthMethod),
    ApplicationType(ApplicationType),
    Scope(Scope),
    Algorithm(Algorithm),
    Algorithms(Vec<Algorithm>),
    Keys(KeySet),
    Json(Map<String, Value>),
}

impl MemberValue {
    /// The URIs that a server calls or a browser opens, each with its index if they are a list.
    pub fn uris(&self) -> impl Iterator<Item = (Option<usize>, &WebUri)> {
        let (one, list) = match self {
            Self::Uri(uri) => (Some((None, uri)), &[][..]),
            Self::Uris(list) => (None, &list[..]),
            _ => (None, &[][..]),
        };
        one.into_iter().chain(list.iter().enumerate().map(|(index, uri)| (Some(index), uri)))
    }
}

/// As it is stored and answered. URIs are written byte for byte as they were sent.
impl Serialize for MemberValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Seconds(seconds) => serializer.serialize_u64(*seconds),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Texts(texts) => serializer.collect_seq(texts),
            Self::Uri(uri) => serializer.serialize_str(uri.as_str()),
            Self::Uris(uris) => serializer.collect_seq(uris.iter().map(WebUri::as_str)),
            Self::RedirectUris(uris) => serializer.collect_seq(uris),
            Self::GrantTypes(grants) => serializer.collect_seq(grants),
            Self::ResponseTypes(responses) => serializer.collect_seq(responses),
            Self::AuthMethod(method) => method.serialize(serializer),
            Self::ApplicationType(kind) => kind.serialize(serializer),
            Self::Scope(scope) => scope.serialize(serializer),
            Self::Algorithm(algorithm) => serializer.serialize_str(algorithm.name),
            Self::Algorithms(list) => serializer.collect_seq(list.iter().map(|alg| alg.name)),
            Self::Keys(keys) => keys.json().serialize(serializer),
            Self::Json(object) => object.serialize(serializer),
        }
    }
}
