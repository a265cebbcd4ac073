//! Reads what an operator wrote, JSON, into serde structs, and finds everything that is wrong with it.
//!
//! serde stops at the first error. [`read`] therefore notes the error with its path, and reads again without the
//! value that caused it, until nothing else is wrong.

use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use super::mistake::{Mistake, Reason};

/// Stop looking after this many mistakes: each costs another reading.
const MOST: usize = 100;

/// Reads `members`, which errors call `path`, with at most `most` entries in a list. Mistakes are added to `mistakes`;
/// the values that they are about are left out of the result.
pub fn read<'v, T: Deserialize<'v> + Default>(
    path: &str,
    members: &'v Map<String, Value>,
    most: usize,
    mistakes: &mut Vec<Mistake>,
) -> T {
    let mut wrong: Vec<&Value> = Vec::new();
    while wrong.len() < MOST {
        let reader = Reader { value: &Value::Null, wrong: &wrong, most };
        let members = Members { reader, rest: members.iter(), current: None };
        let failure = match T::deserialize(MapAccessDeserializer::new(members)) {
            Ok(read) => return read,
            Err(failure) => failure,
        };
        let Some(culprit) = failure.note(path, &wrong, mistakes) else { break };
        wrong.push(culprit);
    }
    T::default()
}

/// Whether `inner` is an entry or a member of `outer`.
fn is_within(inner: &Value, outer: &Value) -> bool {
    let is_it = |value: &Value| std::ptr::eq(value, inner);
    match outer {
        Value::Array(list) => list.iter().any(is_it),
        Value::Object(members) => members.values().any(is_it),
        _ => false,
    }
}

/// A value to read. What is in `wrong` is passed over.
#[derive(Clone, Copy)]
struct Reader<'v, 'r> {
    value: &'v Value,
    wrong: &'r [&'v Value],
    most: usize,
}

impl<'v> Reader<'v, '_> {
    fn of(self, value: &'v Value) -> Self {
        Self { value, ..self }
    }

    fn is_wrong(self, value: &Value) -> bool {
        self.wrong.iter().any(|wrong| std::ptr::eq(*wrong, value))
    }
}

/// Why reading stopped, and at which value. In a box: it is part of every result.
#[derive(Debug)]
struct Failure<'v>(Box<Stop<'v>>);

#[derive(Debug)]
struct Stop<'v> {
    path: String,
    value: Option<&'v Value>,
    wrong: Wrong,
}

#[derive(Debug)]
enum Wrong {
    Expected(String),
    Entries(usize),
    Unknown(&'static [&'static str]),
}

impl<'v> Failure<'v> {
    fn of(wrong: Wrong) -> Self {
        Self(Box::new(Stop { path: String::new(), value: None, wrong }))
    }

    fn expected(expected: &dyn fmt::Display) -> Self {
        Self::of(Wrong::Expected(expected.to_string()))
    }

    /// Adds this to `mistakes`, unless it only follows from what is `wrong` already; returns the value.
    fn note(self, path: &str, wrong: &[&Value], mistakes: &mut Vec<Mistake>) -> Option<&'v Value> {
        let culprit = self.0.value?;
        // A list whose entries are all wrong is empty without them: that is no mistake of its own.
        if !wrong.iter().any(|inner| is_within(inner, culprit)) {
            let reason = match self.0.wrong {
                Wrong::Expected(expected) => Reason::value(Some(culprit), expected),
                Wrong::Entries(count) => Reason::Entries(count),
                Wrong::Unknown(known) => Reason::Unknown(known),
            };
            let at = format!("{path}{}", self.0.path);
            let at = at.strip_prefix('.').unwrap_or(&at);
            mistakes.push(Mistake { path: at.to_owned(), reason });
        }
        Some(culprit)
    }

    /// The failure as the object sees it that has `value` as its member `name`.
    fn in_member(mut self, (name, value): (&'v str, &'v Value)) -> Self {
        self.0.path.insert_str(0, &format!(".{name}"));
        self.0.value.get_or_insert(value);
        self
    }

    /// The failure as the list sees it that has `value` at `index`.
    fn in_list(mut self, index: usize, value: &'v Value) -> Self {
        self.0.path.insert_str(0, &format!("[{index}]"));
        self.0.value.get_or_insert(value);
        self
    }
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.path)
    }
}

impl std::error::Error for Failure<'_> {}

impl de::Error for Failure<'_> {
    fn custom<T: fmt::Display>(expected: T) -> Self {
        Self::expected(&expected)
    }

    // The texts of serde show the value too, with a formatter of floats that nothing else needs.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(&expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(&expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::expected(&expected)
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::of(Wrong::Unknown(known))
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Self::of(Wrong::Unknown(known))
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::of(Wrong::Unknown(&[]))
    }
}

impl<'de> Deserializer<'de> for Reader<'de, '_> {
    type Error = Failure<'de>;

    /// For settings that are a text, a number or a flag: no list or table is one of several types.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match (self.value, self.value.as_u64()) {
            (Value::Bool(flag), _) => visitor.visit_bool(*flag),
            (Value::String(text), _) => visitor.visit_borrowed_str(text),
            (_, Some(number)) => visitor.visit_u64(number),
            _ => Err(Failure::expected(&(&visitor as &dyn Expected))),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.value {
            Value::Bool(flag) => visitor.visit_bool(*flag),
            _ => Err(Failure::expected(&"true or false")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.value.as_u64().map(u32::try_from) {
            Some(Ok(number)) => visitor.visit_u32(number),
            _ => Err(Failure::expected(&"a whole number")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            _ => Err(Failure::expected(&"a string")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.value {
            Value::Array(list) if list.len() > self.most => {
                Err(Failure::of(Wrong::Entries(list.len())))
            }
            Value::Array(list) => visitor.visit_seq(Entries { reader: self, list, at: 0 }),
            _ => Err(Failure::expected(&(&visitor as &dyn Expected))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.value {
            Value::Object(members) => {
                visitor.visit_map(Members { reader: self, rest: members.iter(), current: None })
            }
            _ => Err(Failure::expected(&TABLE)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.value {
            Value::String(name) if names.contains(&&**name) => {
                visitor.visit_enum(BorrowedStrDeserializer::new(name))
            }
            _ => Err(Failure::expected(&format!("\"{}\"", names.join("\" or \"")))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple
        tuple_struct map identifier
    }
}

/// The expected type of a table, as it completes the sentence "must be …".
pub const TABLE: &str = "a table (in JSON: an object)";

/// The entries of a list.
struct Entries<'v, 'r> {
    reader: Reader<'v, 'r>,
    list: &'v [Value],
    at: usize,
}

impl<'v> SeqAccess<'v> for Entries<'v, '_> {
    type Error = Failure<'v>;

    fn next_element_seed<T: DeserializeSeed<'v>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Self::Error> {
        while let Some(value) = self.list.get(self.at) {
            let at = self.at;
            self.at = at.saturating_add(1);
            if !self.reader.is_wrong(value) {
                let read = seed.deserialize(self.reader.of(value));
                return read.map(Some).map_err(|failure| failure.in_list(at, value));
            }
        }
        Ok(None)
    }
}

/// The members of an object.
struct Members<'v, 'r> {
    reader: Reader<'v, 'r>,
    rest: serde_json::map::Iter<'v>,
    current: Option<(&'v str, &'v Value)>,
}

impl<'v> Members<'v, '_> {
    /// Goes to the next member that is not passed over.
    fn advance(&mut self) -> Option<(&'v str, &'v Value)> {
        let reader = self.reader;
        let next = self.rest.find(|(_, value)| !reader.is_wrong(value));
        self.current = next.map(|(name, value)| (name.as_str(), value));
        self.current
    }
}

impl<'v> MapAccess<'v> for Members<'v, '_> {
    type Error = Failure<'v>;

    fn next_key_seed<K: DeserializeSeed<'v>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let Some(member) = self.advance() else { return Ok(None) };
        let key = seed.deserialize(BorrowedStrDeserializer::<Failure<'v>>::new(member.0));
        key.map(Some).map_err(|failure| failure.in_member(member))
    }

    fn next_value_seed<V: DeserializeSeed<'v>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let Some(member) = self.current else { return Err(Failure::expected(&"a value")) };
        let read = seed.deserialize(self.reader.of(member.1));
        read.map_err(|failure| failure.in_member(member))
    }
}
