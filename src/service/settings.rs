//! The settings of one issuer, from JSON to types.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::config_error::ConfigError;
use super::credentials::Rotation;
use super::gate::Mode;
use super::issuer::Template;
use super::limits::Network;
use super::origins::Origins;
use super::published::{Kind, PUBLISHED};
use super::reference;
use crate::client::{Policy, UseRecording};
use crate::vocabulary::{Digest, Scope};

/// Lifetimes that make sense, in seconds: what clients can renew in time and signed 32-bit readers
/// can hold.
const LIFETIMES: RangeInclusive<u64> = 60..=i32::MAX as u64;
/// How long a document may be kept, in seconds: up to a day.
const MAX_AGES: RangeInclusive<u64> = 0..=86_400;
/// How long a location may answer a look-up from what it has read, in seconds: what KV takes, up to a day.
const CACHE_TTLS: RangeInclusive<u64> = 30..=86_400;

/// The variables that concern one issuer, unchecked.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    pub metadata: Map<String, Value>,
    pub registration: Map<String, Value>,
    pub discovery: Map<String, Value>,
    pub policy: Map<String, Value>,
    pub anonymous_policy: Map<String, Value>,
    pub limits: Map<String, Value>,
    pub authorization_server: Map<String, Value>,
    pub upstream: Value,
}

impl Source {
    /// These settings with an entry of `ISSUERS` laid over them, member by member.
    pub fn overlaid(&self, name: &str, entry: &Value) -> Result<Self, ConfigError> {
        let mut source = self.clone();
        let entry = table(name, entry)?;
        // The shared members are for issuers without a document of their own.
        if entry.get("UPSTREAM_METADATA").is_some_and(|url| *url != "") {
            source.metadata = Map::new();
        }
        for (key, value) in entry {
            let qualified = format!("{name}.{key}");
            match &*key {
                "METADATA" => source.metadata.extend(table(&qualified, &value)?),
                "REGISTRATION" => source.registration.extend(table(&qualified, &value)?),
                "DISCOVERY" => source.discovery.extend(table(&qualified, &value)?),
                "POLICY" => source.policy.extend(table(&qualified, &value)?),
                "ANONYMOUS_POLICY" => source.anonymous_policy.extend(table(&qualified, &value)?),
                "LIMITS" => source.limits.extend(table(&qualified, &value)?),
                "AS" => source.authorization_server.extend(table(&qualified, &value)?),
                "UPSTREAM_METADATA" => source.upstream = value,
                _ => return Err(ConfigError::Unknown { name: qualified }),
            }
        }
        Ok(source)
    }

    /// Checks everything. `prefix` is what names begin with in an error.
    pub fn template(&self, prefix: &str) -> Result<Template, ConfigError> {
        let mut template = Template { metadata: self.metadata.clone(), ..Template::default() };
        for (name, value) in &self.metadata {
            let qualified = format!("{prefix}METADATA.{name}");
            match PUBLISHED.iter().find(|(known, _)| known == name) {
                None => return Err(ConfigError::Unknown { name: qualified }),
                Some((_, kind)) if !kind.admits(value) => {
                    return Err(ConfigError::value(&qualified, value, kind.expected()));
                }
                Some(_) => ConfigError::if_too_long(&qualified, value)?,
            }
        }
        for (table, members) in [
            ("REGISTRATION", &self.registration),
            ("DISCOVERY", &self.discovery),
            ("LIMITS", &self.limits),
            ("AS", &self.authorization_server),
        ] {
            for (member, value) in members {
                let name = format!("{table}.{member}");
                let qualified = format!("{prefix}{name}");
                let Some(expected) = reference::expected(&name) else {
                    return Err(ConfigError::Unknown { name: qualified });
                };
                ConfigError::if_too_long(&qualified, value)?;
                let set = set(&mut template, &name, value);
                set.ok_or_else(|| ConfigError::value(&qualified, value, expected))?;
            }
        }
        self.gate(prefix, &mut template)?;
        template.upstream = match &self.upstream {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text)
                if !text.starts_with('/') && Kind::Endpoint.admits(&self.upstream) =>
            {
                Some(text.clone())
            }
            other => {
                let name = format!("{prefix}UPSTREAM_METADATA");
                return Err(ConfigError::value(&name, other, reference::ABSOLUTE));
            }
        };
        Ok(template)
    }
}

impl Source {
    fn gate(&self, prefix: &str, template: &mut Template) -> Result<(), ConfigError> {
        let policy = |name: &str, settings: &Map<String, Value>| {
            let read = Policy::parse(settings);
            let named = |error| ConfigError::Policy { name: format!("{prefix}{name}"), error };
            read.map(|policy| (!settings.is_empty()).then_some(policy)).map_err(named)
        };
        let gate = &mut template.gate;
        gate.policy = policy("POLICY", &self.policy)?;
        gate.anonymous_policy = policy("ANONYMOUS_POLICY", &self.anonymous_policy)?;
        let text = json!([self.policy, self.anonymous_policy]).to_string();
        gate.version = Digest::of(&text).short_name();
        Ok(())
    }
}

/// Sets what the member of a table says; `None` if it is not what it has to be.
fn set(template: &mut Template, name: &str, value: &Value) -> Option<()> {
    let seconds = |range: &RangeInclusive<u64>| value.as_u64().filter(|n| range.contains(n));
    let lifetime = || value.as_u64().filter(|n| *n == 0 || LIFETIMES.contains(n));
    let gate = &mut template.gate;
    let lifetimes = &mut template.lifetimes;
    match name {
        "DISCOVERY.max_age" => template.max_age = Some(seconds(&MAX_AGES)?),
        "REGISTRATION.mode" => gate.mode = named(&Mode::ALL, value)?,
        "REGISTRATION.default_scope" => {
            template.default_scope = Some(Scope::parse(value.as_str()?).ok()?);
        }
        "REGISTRATION.registration_access_token_rotation" => {
            lifetimes.rotation = named(&Rotation::ALL, value)?;
        }
        "REGISTRATION.client_secret_lifetime" => lifetimes.client_secret = lifetime()?,
        "REGISTRATION.unused_client_ttl" => lifetimes.unused_client = lifetime()?,
        "REGISTRATION.idle_client_ttl" => lifetimes.idle_client = lifetime()?,
        "REGISTRATION.record_uses" => lifetimes.recorded_uses = recorded_uses(value)?,
        "REGISTRATION.allowed_origins" => template.allowed_origins = Some(Origins::parse(value)?),
        "LIMITS.exempt_networks" => {
            let networks = value.as_array()?.iter();
            let networks = networks.map(|text| text.as_str().and_then(Network::parse));
            gate.limits.exempt_networks = networks.collect::<Option<_>>()?;
        }
        "LIMITS.exempt_token_holders" => gate.limits.count_token_holders = !value.as_bool()?,
        "AS.cache_ttl" => template.cache_ttl = Some(u32::try_from(seconds(&CACHE_TTLS)?).ok()?),
        _ => return None,
    }
    Some(())
}

/// Whether uses are recorded. A day counts from its end on: it is the one on which recording began.
fn recorded_uses(value: &Value) -> Option<UseRecording> {
    match value {
        Value::Bool(true) => Some(UseRecording::On),
        Value::Bool(false) => Some(UseRecording::Off),
        Value::String(text) => end_of_day(text).map(UseRecording::Since),
        _ => None,
    }
}

/// The end of a day like `2026-11-28` (RFC 3339 §5.6, `full-date`) in UTC, in seconds since 1970.
fn end_of_day(text: &str) -> Option<u64> {
    let fields: Vec<&str> = text.split('-').collect();
    let [year, month, day] = *fields.as_slice() else { return None };
    let number = |text: &str, length: usize| {
        let digits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| digits)
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month).ok()?.checked_sub(1)?;
    let exists = year >= 1970 && (1..=*months.get(before)?).contains(&day);
    let years: u64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: u64 = months.iter().take(before).sum();
    let days = years.saturating_add(months).saturating_add(day);
    exists.then(|| days.saturating_mul(24 * 60 * 60))
}

/// The one of `all` that has this name.
fn named<T: Copy>(all: &[(&str, T)], value: &Value) -> Option<T> {
    all.iter().find(|(name, _)| value == *name).map(|(_, named)| *named)
}

/// A table variable; one given on the command line (`--var`) arrives as JSON text.
pub(super) fn table(name: &str, value: &Value) -> Result<Map<String, Value>, ConfigError> {
    let parsed = match value {
        Value::Null => Value::Object(Map::new()),
        Value::String(text) => serde_json::from_slice(text.as_bytes()).unwrap_or_default(),
        _ => value.clone(),
    };
    match parsed {
        Value::Object(members) => Ok(members),
        _ => Err(ConfigError::value(name, value, reference::TABLE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_calendar_ends_at_its_next_midnight() {
        for (text, end) in [
            ("1970-01-01", Some(86_400)),
            ("2000-02-29", Some(951_868_800)),
            ("2026-11-28", Some(1_795_910_400)),
            ("2100-02-28", Some(4_107_542_400)),
            ("2100-02-29", None),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-00-01", None),
            ("2026-01-00", None),
            ("2026-1-01", None),
            ("+026-01-01", None),
            ("1969-12-31", None),
            ("2026-01-01T00:00:00Z", None),
            ("2026-01", None),
            ("", None),
        ] {
            assert_eq!(end_of_day(text), end, "{text}");
        }
    }
}
