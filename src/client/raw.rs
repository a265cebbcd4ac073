//! Bytes to [`RawMetadata`]: strict about JSON, indifferent to what the members mean.
//!
//! Unknown members are ignored (RFC 7591 §2), `null` and `""` mean absent, and so does an empty
//! list. A repeated key is rejected wherever it stands: two readers would see two clients.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::map::Entry;

use super::extension::Extensions;
use super::limits;
use super::problem::{Pointer, Problem};
use super::rule::Rule;
use super::table::{self, Kind, Member};

/// The members of a request that this server knows, as JSON, in the order of the table.
#[derive(Debug, Clone, Default)]
pub struct RawMetadata {
    pub(super) members: Vec<RawMember>,
    /// Extension members by name, in the order of arrival.
    pub(super) extensions: Vec<(String, Value)>,
    /// The server-assigned members with a value that means absent, like `null`.
    empty_assigned: Vec<&'static str>,
}

/// One member as it arrived.
#[derive(Clone)]
pub(super) struct RawMember {
    pub row: &'static Member,
    /// The language of a `member#language` form (OIDC Dynamic Client Registration 1.0 §2.1).
    pub language: Option<String>,
    pub value: Value,
}

impl RawMember {
    /// The place where the client wrote it.
    pub fn pointer(&self) -> Pointer {
        Pointer::of(self.row.name, self.language.as_deref())
    }
}

/// The name alone: an update brings its client secret along.
impl fmt::Debug for RawMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row.name)
    }
}

impl RawMetadata {
    /// Reads a request body; without extension members.
    ///
    /// # Errors
    /// As [`Self::parse_with`].
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        Self::parse_with(body, &Extensions::default())
    }

    /// Reads a request body, in which `extensions` are known too.
    ///
    /// # Errors
    /// The first fault that makes the body no metadata object at all.
    pub fn parse_with(body: &[u8], extensions: &Extensions) -> Result<Self, Problem> {
        let reading = Reading::default();
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let parsed = Object { reading: &reading, extensions }
            .deserialize(&mut deserializer)
            .and_then(|raw| deserializer.end().map(|()| raw));
        parsed.map_err(|error| {
            reading.fault.into_inner().unwrap_or_else(|| {
                let (line, column) = (error.line(), error.column());
                // All other faults of data are recorded while reading.
                if error.is_data() {
                    return Problem::new(Pointer::to(""), "", Rule::Object);
                }
                // serde_json has no other way to tell this one: it is valid JSON that no float holds.
                let rule = if error.to_string().starts_with("number out of range") {
                    Rule::NumberRange { line, column }
                } else {
                    Rule::Json { line, column }
                };
                Problem::new(Pointer::to(""), "", rule)
            })
        })
    }

    /// The single-valued member `name`, if it was sent.
    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        let found = self.members.iter().find(|m| m.row.name == name && m.language.is_none());
        found.map(|member| &member.value)
    }

    /// `sector_identifier_uri` as it was sent, if it is text.
    #[must_use]
    pub fn sector_identifier_uri(&self) -> Option<&str> {
        self.find("sector_identifier_uri").and_then(Value::as_str)
    }

    /// Whether the server-assigned member `name` was sent, with any value, even `null`.
    pub(super) fn has_assigned(&self, name: &str) -> bool {
        self.empty_assigned.contains(&name) || self.find(name).is_some()
    }

    /// Takes the member `name` out, as if it had not been sent.
    pub(super) fn remove(&mut self, name: &str) {
        self.members.retain(|member| member.row.name != name);
    }

    /// Puts `value` in the place of the member of `row`, sent or not.
    pub(super) fn replace(&mut self, row: &'static Member, value: Value) {
        self.remove(row.name);
        self.insert(RawMember { row, language: None, value });
    }

    /// Keeps the order of the table, and within a row the order of arrival.
    pub(super) fn insert(&mut self, member: RawMember) {
        let place = member.row.place;
        let at = self.members.partition_point(|known| known.row.place <= place);
        self.members.insert(at, member);
    }
}

/// Whether `value` means that its member is absent.
pub(super) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// The state of reading a body.
#[derive(Default)]
struct Reading {
    /// The fault beyond JSON itself; serde's own error has no room for it.
    fault: RefCell<Option<Problem>>,
    /// The values so far, however deep.
    values: Cell<usize>,
}

impl Reading {
    fn fail<E: serde::de::Error>(&self, member: &str, rule: Rule) -> E {
        self.fault.borrow_mut().get_or_insert_with(|| Problem::new(Pointer::to(member), "", rule));
        E::custom("refused")
    }

    /// Counts one more value, before anything is kept for it.
    fn count<E: serde::de::Error>(&self, member: &str) -> Result<(), E> {
        let values = self.values.get().saturating_add(1);
        self.values.set(values);
        if values > limits::VALUES {
            return Err(self.fail(member, Rule::ValueCount));
        }
        Ok(())
    }
}

/// The metadata object itself.
struct Object<'f> {
    reading: &'f Reading,
    extensions: &'f Extensions,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = RawMetadata;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = RawMetadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut raw = RawMetadata::default();
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            // Language tags are case-insensitive (RFC 5646 §2.1.1): #en and #EN are one member.
            let identity = match key.split_once('#') {
                Some((name, language)) => format!("{name}#{}", language.to_ascii_lowercase()),
                None => key.clone(),
            };
            if seen.len() >= limits::METADATA_MEMBERS && !seen.contains(&identity) {
                return Err(self.reading.fail("", Rule::MemberCount));
            }
            if !seen.insert(identity) {
                return Err(self.reading.fail(&key, Rule::DuplicateMember));
            }
            let value =
                map.next_value_seed(Strict { reading: self.reading, member: &key, depth: 2 })?;
            if is_absent(&value) {
                let row = table::find(&key).filter(|row| row.kind == Kind::ServerAssigned);
                raw.empty_assigned.extend(row.map(|row| row.name));
                continue;
            }
            if let Some((row, language)) = table::find_localized(&key) {
                let language = language.map(str::to_owned);
                raw.insert(RawMember { row, language, value });
            } else if self.extensions.contains(&key) {
                raw.extensions.push((key, value));
            }
        }
        Ok(raw)
    }
}

/// Reads a JSON object in which no key is repeated, within the bounds of a body; `None` for anything else.
pub(super) fn parse_object(bytes: &[u8]) -> Option<serde_json::Map<String, Value>> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let strict = Strict { reading: &Reading::default(), member: "", depth: 1 };
    let value = strict.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    if let Value::Object(members) = value { Some(members) } else { None }
}

/// Any JSON value without repeated keys and not too deep.
#[derive(Clone, Copy)]
struct Strict<'f> {
    reading: &'f Reading,
    member: &'f str,
    /// How deep an object or array found here would be.
    depth: usize,
}

impl Strict<'_> {
    fn inner<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth > limits::DEPTH {
            return Err(self.reading.fail(self.member, Rule::Depth));
        }
        Ok(Strict { depth: self.depth.saturating_add(1), ..*self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.reading.count(self.member)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let Entry::Vacant(place) = object.entry(key) else {
                return Err(self.reading.fail(self.member, Rule::DuplicateMember));
            };
            place.insert(map.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}
