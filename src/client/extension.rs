//! [`Extensions`]: members beyond the registered ones that an operator lets clients register.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::check::Checker;
use super::problem::Pointer;
use super::rule::Rule;
use super::table::{self, Kind};
use super::value::MemberValue;

/// The most members of this kind: each is looked for in every request.
const MOST: usize = 20;
/// The longest name, in bytes.
const NAME: usize = 40;
/// The largest whole number that every reader of JSON keeps as it is: 2^53 - 1.
const SAFE: u64 = 9_007_199_254_740_991;

/// The requirement for a table of extension members, as it completes the sentence "must be …".
pub const EXPECTED: &str = "a table of at most 20 members; each name has at most 40 characters (lower-case letters, digits \
     and _), begins with a letter and is not a registered member, and each value is \"text\", \"flag\", \"number\" or \"texts\"";

/// The type of an extension member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExtensionKind {
    /// Text without control characters.
    Text,
    /// True or false.
    Flag,
    /// A number.
    Number,
    /// A list of texts.
    Texts,
}

/// Extension members by name. To clone them costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Extensions(Rc<BTreeMap<String, ExtensionKind>>);

impl<'de> Deserialize<'de> for Extensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("", &[], ExtensionTable)
    }
}

/// Reads the table as a whole: what is wrong with one member is an error of the table.
struct ExtensionTable;

impl<'de> Visitor<'de> for ExtensionTable {
    type Value = Extensions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extensions, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, Kinds(kind))) = map.next_entry::<String, Kinds>()? {
            let kind = kind.filter(|_| is_sound(&name) && members.len() < MOST);
            members.insert(name, kind.ok_or_else(|| A::Error::custom(EXPECTED))?);
        }
        Ok(Extensions(Rc::new(members)))
    }
}

/// A type, or none of them.
struct Kinds(Option<ExtensionKind>);

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(ExtensionKind::deserialize(deserializer).ok()))
    }
}

fn is_sound(name: &str) -> bool {
    let characters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= NAME
        && name.bytes().all(characters)
        && table::find(name).is_none()
        // Every JavaScript object has these properties.
        && name != "constructor"
        && name != "prototype"
}

impl Extensions {
    /// Whether `name` is one.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The checked value of the member `name`; `None` if something is wrong with it, which `checker` notes.
    pub(super) fn value(
        &self,
        name: &str,
        value: Value,
        checker: &mut Checker<'_>,
    ) -> Option<MemberValue> {
        let at = Pointer::to(name.to_owned());
        match self.0.get(name)? {
            ExtensionKind::Text => checker.value(Kind::Text, &at, value),
            ExtensionKind::Texts => checker.value(Kind::Texts, &at, value),
            ExtensionKind::Flag => checker.value(Kind::Flag, &at, value),
            ExtensionKind::Number => match value {
                Value::Number(number) => {
                    let whole = number.as_u64().or_else(|| Some(number.as_i64()?.unsigned_abs()));
                    if whole.is_none_or(|whole| whole <= SAFE) {
                        return Some(MemberValue::Number(number));
                    }
                    checker.reject(at, &number.to_string(), Rule::Range { max: SAFE })
                }
                _ => checker.reject(at, "", Rule::Type { expected: "a number" }),
            },
        }
    }
}
