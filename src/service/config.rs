//! Configuration: what an operator wrote, parsed once into what the service works with. A wrong
//! value fails closed and is named.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::config_error::ConfigError;
use super::credentials::{Lifetimes, Rotation};
use super::identifier::Identifier;
use super::issuer::{Issuer, Template};
use super::published::PUBLISHED;
use crate::vocabulary::Scope;

/// The variables as the runtime has them (`[vars]` in `wrangler.toml`).
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `ISSUER`: the issuer identifier; `None` on a developer's machine.
    pub issuer: Option<String>,
    /// `METADATA`: a table of authorization server metadata to publish.
    pub metadata: Value,
    /// `REGISTRATION`: a table of settings of the registrar itself.
    pub registration: Value,
}

/// A checked configuration.
#[derive(Debug)]
pub struct Config {
    template: Template,
    issuer: Option<Issuer>,
}

impl Config {
    /// Checks `settings`.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(settings: Settings) -> Result<Self, ConfigError> {
        let metadata = parse_metadata(&settings.metadata)?;
        let template = parse_registration(metadata, &settings.registration)?;
        let configured = settings.issuer.filter(|text| !text.is_empty());
        let identifier = configured.as_deref().map(Identifier::parse).transpose()?;
        // Built even without an issuer, so that what is wrong is said at the first request.
        let local = Identifier::parse("http://localhost")?;
        let issuer = Issuer::new(identifier.clone().unwrap_or(local), &template)?;
        Ok(Self { template, issuer: identifier.map(|_| issuer) })
    }

    /// The issuer that a request to `origin` (scheme, host and port) is for.
    ///
    /// # Errors
    /// [`ConfigError::NoIssuer`]: neither the `Host` header nor a forwarded one decides who we are,
    /// except on a developer's own machine.
    pub fn issuer(&self, origin: &str) -> Result<Cow<'_, Issuer>, ConfigError> {
        if let Some(issuer) = &self.issuer {
            return Ok(Cow::Borrowed(issuer));
        }
        let identifier = Identifier::parse(origin).map_err(|_| ConfigError::NoIssuer)?;
        if !identifier.is_loopback() {
            return Err(ConfigError::NoIssuer);
        }
        Issuer::new(identifier, &self.template).map(Cow::Owned)
    }
}

fn parse_metadata(metadata: &Value) -> Result<Map<String, Value>, ConfigError> {
    let members = table("METADATA", metadata)?;
    for (name, value) in &members {
        let qualified = format!("METADATA.{name}");
        match PUBLISHED.iter().find(|(known, _)| known == name) {
            None => return Err(ConfigError::Unknown { name: qualified }),
            Some((_, kind)) if !kind.admits(value) => {
                return Err(ConfigError::value(&qualified, value, kind.expected()));
            }
            Some(_) => {}
        }
    }
    Ok(members)
}

fn parse_registration(
    metadata: Map<String, Value>,
    registration: &Value,
) -> Result<Template, ConfigError> {
    let mut default_scope = None;
    let mut lifetimes = Lifetimes::default();
    for (name, value) in table("REGISTRATION", registration)? {
        let wrong =
            |expected| ConfigError::value(&format!("REGISTRATION.{name}"), &value, expected);
        match &*name {
            "default_scope" => {
                let scope = value.as_str().and_then(|text| Scope::parse(text).ok());
                default_scope = Some(scope.ok_or(wrong("scope tokens separated by spaces"))?);
            }
            "registration_access_token_rotation" => {
                let known = Rotation::ALL.iter().find(|(text, _)| value == *text);
                let (_, rotation) = known.ok_or(wrong("\"never\", \"on_update\" or \"always\""))?;
                lifetimes.rotation = *rotation;
            }
            "client_secret_lifetime" => {
                let seconds = value.as_u64().filter(|s| *s == 0 || LIFETIMES.contains(s));
                let expected = "0 (never expires), or whole seconds from 60 to 2147483647";
                lifetimes.client_secret = seconds.ok_or(wrong(expected))?;
            }
            _ => return Err(ConfigError::Unknown { name: format!("REGISTRATION.{name}") }),
        }
    }
    Ok(Template { metadata, default_scope, lifetimes })
}

/// Lifetimes that make sense, in seconds: what clients can renew in time and signed 32-bit readers
/// can hold.
const LIFETIMES: RangeInclusive<u64> = 60..=i32::MAX as u64;

/// A table variable; one given on the command line (`--var`) arrives as JSON text.
fn table(name: &str, value: &Value) -> Result<Map<String, Value>, ConfigError> {
    let parsed = match value {
        Value::Null => Value::Object(Map::new()),
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => value.clone(),
    };
    match parsed {
        Value::Object(members) => Ok(members),
        _ => Err(ConfigError::value(name, value, "a table")),
    }
}
