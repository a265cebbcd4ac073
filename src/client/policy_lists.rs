//! The lists that a policy is made of.

use std::collections::BTreeSet;
use std::ops::Deref;

use serde::{Deserialize, Deserializer};

use super::reserved;
use super::setting::{List, ListItem, text};
use super::table::{self, Kind, Member};
use crate::vocabulary::{ApplicationType, AuthMethod, GrantType, Scope, insert_all};

/// Members, each once.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "List<&'static Member>")]
pub(super) struct Members(Vec<&'static Member>);

impl From<List<&'static Member>> for Members {
    fn from(list: List<&'static Member>) -> Self {
        let mut distinct: Vec<&'static Member> = Vec::new();
        for member in list.0 {
            if !distinct.iter().any(|known| known.place == member.place) {
                distinct.push(member);
            }
        }
        Self(distinct)
    }
}

impl Deref for Members {
    type Target = [&'static Member];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl ListItem for &'static Member {
    const MUST_BE: &'static str = "a client metadata member that a client may send";

    fn parse(text: &str) -> Option<Self> {
        table::find(text).filter(|member| member.kind != Kind::ServerAssigned)
    }
}

/// URI schemes in lower case (RFC 3986 §3.1).
#[derive(Debug, Default, Deserialize)]
#[serde(from = "List<Scheme>")]
pub(super) struct Schemes(BTreeSet<String>);

impl Schemes {
    pub fn contains(&self, scheme: &str) -> bool {
        self.0.contains(scheme)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<List<Scheme>> for Schemes {
    fn from(list: List<Scheme>) -> Self {
        Self(insert_all(list.0.into_iter().map(|scheme| scheme.0)))
    }
}

struct Scheme(String);

impl ListItem for Scheme {
    const MUST_BE: &'static str = "a URI scheme, without the colon";

    fn parse(text: &str) -> Option<Self> {
        let sound = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        sound.then(|| Self(text.to_ascii_lowercase()))
    }
}

/// A reserved name.
pub(super) struct ReservedName(pub String);

impl ListItem for ReservedName {
    const MUST_BE: &'static str = "a name with a letter or digit, of at most 64 characters";

    fn parse(text: &str) -> Option<Self> {
        reserved::is_reservable(text).then(|| Self(text.to_owned()))
    }
}

/// One token of a scope (RFC 6749 §3.3).
#[derive(Debug)]
pub(super) struct ScopeToken(pub String);

impl ListItem for ScopeToken {
    const MUST_BE: &'static str = "a scope token";

    fn parse(text: &str) -> Option<Self> {
        let scope = Scope::parse(text).ok()?;
        (scope.tokens().count() == 1).then(|| Self(text.to_owned()))
    }
}

impl ListItem for ApplicationType {
    const MUST_BE: &'static str = "\"web\" or \"native\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl ListItem for AuthMethod {
    const MUST_BE: &'static str = "a token endpoint authentication method";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl ListItem for GrantType {
    const MUST_BE: &'static str = "a grant type";

    fn parse(text: &str) -> Option<Self> {
        Some(Self::parse(text))
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "scope tokens separated by spaces", |text| Self::parse(text).ok())
    }
}
