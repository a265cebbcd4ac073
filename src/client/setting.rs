//! The types that settings are made of. Each carries what it must be, as it completes the sentence "must be …".

use std::ops::{Deref, RangeInclusive};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

/// Reads a text that `parse` makes a value of.
///
/// # Errors
/// `expected`, for anything else.
pub fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = <&str>::deserialize(deserializer).ok();
    text.and_then(parse).ok_or_else(|| Error::custom(expected))
}

/// A whole number of `LEAST` to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count<const LEAST: u32, const MOST: u32>(pub u32);

/// Whole seconds, `LEAST` to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds<const LEAST: u32, const MOST: u32>(pub u32);

/// The longest lifetime, in seconds: what signed 32-bit readers can hold.
pub const LONGEST: u32 = i32::MAX.unsigned_abs();
/// The shortest lifetime, in seconds: what clients can renew in time.
pub const SHORTEST: u32 = 60;
/// A lifetime.
pub type Lifetime = Seconds<SHORTEST, LONGEST>;

/// Reads a whole number in `range`, or 0 where `zero` says what that means.
fn whole<'de, D: Deserializer<'de>>(
    deserializer: D,
    range: RangeInclusive<u32>,
    (zero, unit): (&str, &str),
) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer).ok();
    let good = |number: &u32| range.contains(number) || (*number == 0 && !zero.is_empty());
    let wrong = || format!("{zero}{unit} from {} to {}", range.start(), range.end());
    number.filter(good).ok_or_else(|| Error::custom(wrong()))
}

impl<'de, const LEAST: u32, const MOST: u32> Deserialize<'de> for Count<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole(deserializer, LEAST..=MOST, ("", "a whole number")).map(Self)
    }
}

impl<'de, const LEAST: u32, const MOST: u32> Deserialize<'de> for Seconds<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole(deserializer, LEAST..=MOST, ("", "whole seconds")).map(Self)
    }
}

/// Reads a lifetime in seconds, or 0 for one that never ends.
///
/// # Errors
/// The expected value.
pub fn lifetime_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let words = ("0 (for ever), or ", "whole seconds");
    whole(deserializer, SHORTEST..=LONGEST, words).map(u64::from)
}

/// An entry of a list of texts.
pub trait ListItem: Sized {
    /// The expected value, as it completes the sentence "must be …".
    const MUST_BE: &'static str;
    /// Whether a list may have none.
    const MAY_BE_EMPTY: bool = false;

    /// Reads one; `None` for a text that is none.
    fn parse(text: &str) -> Option<Self>;
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: ListItem> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut list = Vec::new();
        let mut take = |text: &str| T::parse(text).map(|item| list.push(item)).is_some();
        let (must_be, may_be_empty) = (T::MUST_BE, T::MAY_BE_EMPTY);
        deserializer.deserialize_seq(Items { must_be, may_be_empty, take: &mut take })?;
        Ok(Self(list))
    }
}

/// Reads the entries of a list of any type.
struct Items<'i> {
    must_be: &'static str,
    may_be_empty: bool,
    take: &'i mut dyn FnMut(&str) -> bool,
}

impl Items<'_> {
    fn expected(&self) -> String {
        let list = if self.may_be_empty { "a list" } else { "a list that is not empty" };
        format!("{list}; each entry is {}", self.must_be)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.expected())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut count = 0_usize;
        while list.next_element_seed(Item(&mut self))?.is_some() {
            count = count.saturating_add(1);
        }
        if count == 0 && !self.may_be_empty {
            return Err(Error::custom(self.expected()));
        }
        Ok(())
    }
}

struct Item<'a, 'i>(&'a mut Items<'i>);

impl<'de> DeserializeSeed<'de> for Item<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        text(deserializer, self.0.must_be, |text| (self.0.take)(text).then_some(()))
    }
}
