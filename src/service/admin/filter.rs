//! [`Filter`]: which clients are meant.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde_json::{Map, Value};

use crate::client::{FIRST_CLIENT, Mistake, Summary, UseRecording, name_software};

/// Which clients are meant: those that all of it holds for. Times are seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// The beginning of the identifier.
    #[serde(deserialize_with = "prefix")]
    pub prefix: String,
    /// A part of the name, in any case (of ASCII letters).
    #[serde(deserialize_with = "name")]
    pub name: Option<String>,
    /// Registered before.
    #[serde(deserialize_with = "time")]
    pub created_before: Option<u64>,
    /// Registered at this time or after.
    #[serde(deserialize_with = "time")]
    pub created_after: Option<u64>,
    /// Certainly not used since: last used a day before, which is how exactly uses are known, or never and registered
    /// before; and all its uses since then are recorded.
    #[serde(deserialize_with = "time")]
    pub unused_since: Option<u64>,
    /// Certainly never used, or used.
    #[serde(deserialize_with = "flag")]
    pub never_used: Option<bool>,
    /// Whether the client is self-asserted: registered without an initial access token.
    #[serde(deserialize_with = "flag")]
    pub self_asserted: Option<bool>,
    /// The issuer of the software statement that it came in with.
    #[serde(deserialize_with = "text")]
    pub statement_issuer: Option<String>,
    /// The `software_id` of that statement.
    #[serde(deserialize_with = "text")]
    pub software_id: Option<String>,
    /// Whether it is disabled.
    #[serde(deserialize_with = "flag")]
    pub disabled: Option<bool>,
    /// Whether it waits for approval.
    #[serde(deserialize_with = "flag")]
    pub pending: Option<bool>,
}

impl Filter {
    /// Notes a condition that holds for every client, which can only be a mistake, and one about uses that are not
    /// recorded. `sent` are the conditions, which errors call `path`.
    pub(super) fn check(
        &self,
        (path, sent): (&str, &Map<String, Value>),
        recording: UseRecording,
        now: u64,
        mistakes: &mut Vec<Mistake>,
    ) {
        let is_future = |time: Option<u64>| time.is_some_and(|time| time >= now);
        let past = "a time in the past: any other time matches all clients";
        let registered = "a time after 1435708800 (July 2015): any other time matches all clients";
        let recorded = "left out while uses are not recorded: set REGISTRATION.record_uses first";
        let off = !recording.is_on();
        for (name, is_wrong, expected) in [
            ("created_before", is_future(self.created_before), past),
            ("unused_since", is_future(self.unused_since), past),
            (
                "created_after",
                self.created_after.is_some_and(|time| time <= FIRST_CLIENT),
                registered,
            ),
            ("unused_since", off && self.unused_since.is_some(), recorded),
            ("never_used", off && self.never_used.is_some(), recorded),
        ] {
            if is_wrong {
                mistakes.push(Mistake::value(&format!("{path}{name}"), sent.get(name), expected));
            }
        }
    }

    /// Whether the client of `summary`, as an operator sees it, matches. The identifier is not compared here.
    #[must_use]
    pub fn holds(&self, summary: &Summary) -> bool {
        let name = summary.client_name.as_deref().unwrap_or_default();
        self.name.as_ref().is_none_or(|part| name.to_ascii_lowercase().contains(part))
            && self.created_before.is_none_or(|time| summary.issued_at < time)
            && self.created_after.is_none_or(|time| summary.issued_at >= time)
            && self.unused_since.is_none_or(|time| summary.unused_since(time))
            && self.never_used.is_none_or(|never| summary.never_used() == Some(never))
            && self.self_asserted.is_none_or(|wanted| summary.self_asserted == wanted)
            && (self.statement_issuer.is_none()
                || self.statement_issuer == summary.statement_issuer)
            && self
                .software_id
                .as_deref()
                .map(name_software)
                .is_none_or(|name| summary.software == Some(name))
            && self.disabled.is_none_or(|wanted| summary.disabled_at.is_some() == wanted)
            && self.pending.is_none_or(|wanted| summary.pending_since.is_some() == wanted)
    }
}

fn prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    scalar(deserializer, "the beginning of a client_id", |text| {
        let good = !text.is_empty() && text.len() <= 30 && text.bytes().all(sound);
        good.then(|| text.to_owned())
    })
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    scalar(deserializer, "text", |text| {
        (!text.trim().is_empty()).then(|| Some(text.to_ascii_lowercase()))
    })
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    scalar(deserializer, "text", |text| (!text.is_empty()).then(|| Some(text.to_owned())))
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    scalar(deserializer, "whole seconds since 1970", |text| text.parse().ok().map(Some))
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    scalar(deserializer, "true or false", |text| text.parse().ok().map(Some))
}

/// Reads a text, number, true or false as text: the parameters of a query have no types.
fn scalar<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = deserializer.deserialize_any(Scalar).ok();
    text.and_then(|text| parse(&text)).ok_or_else(|| Error::custom(expected))
}

struct Scalar;

impl Visitor<'_> for Scalar {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<String, E> {
        Ok(flag.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}
