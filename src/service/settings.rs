//! The settings of one issuer, from JSON to types.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::config_error::ConfigError;
use super::credentials::Rotation;
use super::gate::Mode;
use super::issuer::Template;
use super::limits::Network;
use super::published::{Kind, PUBLISHED};
use crate::client::Policy;
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
                Some(_) => {}
            }
        }
        for (name, value) in &self.registration {
            registration(&mut template, &format!("{prefix}REGISTRATION.{name}"), name, value)?;
        }
        for (name, value) in &self.discovery {
            let qualified = format!("{prefix}DISCOVERY.{name}");
            if name != "max_age" {
                return Err(ConfigError::Unknown { name: qualified });
            }
            let expected = "whole seconds from 0 to 86400";
            let seconds = value.as_u64().filter(|seconds| MAX_AGES.contains(seconds));
            let wrong = || ConfigError::value(&qualified, value, expected);
            template.max_age = Some(seconds.ok_or_else(wrong)?);
        }
        for (name, value) in &self.authorization_server {
            let qualified = format!("{prefix}AS.{name}");
            if name != "cache_ttl" {
                return Err(ConfigError::Unknown { name: qualified });
            }
            let seconds = value.as_u64().filter(|seconds| CACHE_TTLS.contains(seconds));
            let wrong = || ConfigError::value(&qualified, value, "whole seconds from 30 to 86400");
            template.cache_ttl = seconds.and_then(|seconds| u32::try_from(seconds).ok());
            template.cache_ttl.ok_or_else(wrong)?;
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
                let expected = "an https URL without a fragment (http on localhost)";
                let name = format!("{prefix}UPSTREAM_METADATA");
                return Err(ConfigError::value(&name, other, expected));
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
        for (name, value) in &self.limits {
            let qualified = format!("{prefix}LIMITS.{name}");
            let wrong = |expected| ConfigError::value(&qualified, value, expected);
            match &**name {
                "exempt_networks" => {
                    let networks = value.as_array().and_then(|list| {
                        list.iter().map(|text| text.as_str().and_then(Network::parse)).collect()
                    });
                    let expected = "a list of addresses and networks, like 192.0.2.0/24";
                    gate.limits.exempt_networks = networks.ok_or_else(|| wrong(expected))?;
                }
                "exempt_token_holders" => {
                    let exempt = value.as_bool().ok_or_else(|| wrong("true or false"))?;
                    gate.limits.count_token_holders = !exempt;
                }
                _ => return Err(ConfigError::Unknown { name: qualified }),
            }
        }
        Ok(())
    }
}

fn registration(
    template: &mut Template,
    qualified: &str,
    name: &str,
    value: &Value,
) -> Result<(), ConfigError> {
    let wrong = |expected| ConfigError::value(qualified, value, expected);
    match name {
        "mode" => {
            let known = Mode::ALL.iter().find(|(text, _)| value == *text);
            let expected = "\"open\", \"token\", \"tiered\" or \"closed\"";
            (_, template.gate.mode) = *known.ok_or_else(|| wrong(expected))?;
        }
        "default_scope" => {
            let scope = value.as_str().and_then(|text| Scope::parse(text).ok());
            let expected = "scope tokens separated by spaces";
            template.default_scope = Some(scope.ok_or_else(|| wrong(expected))?);
        }
        "registration_access_token_rotation" => {
            let known = Rotation::ALL.iter().find(|(text, _)| value == *text);
            let expected = "\"never\", \"on_update\" or \"always\"";
            (_, template.lifetimes.rotation) = *known.ok_or_else(|| wrong(expected))?;
        }
        "client_secret_lifetime" => template.lifetimes.client_secret = lifetime(qualified, value)?,
        "unused_client_ttl" => template.lifetimes.unused_client = lifetime(qualified, value)?,
        "idle_client_ttl" => template.lifetimes.idle_client = lifetime(qualified, value)?,
        _ => return Err(ConfigError::Unknown { name: qualified.to_owned() }),
    }
    Ok(())
}

fn lifetime(qualified: &str, value: &Value) -> Result<u64, ConfigError> {
    let seconds = value.as_u64().filter(|s| *s == 0 || LIFETIMES.contains(s));
    let expected = "0 (for ever), or whole seconds from 60 to 2147483647";
    seconds.ok_or_else(|| ConfigError::value(qualified, value, expected))
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
        _ => Err(ConfigError::value(name, value, "a table")),
    }
}
