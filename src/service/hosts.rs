//! Host names in the configuration with `xn--` labels: whether the runtime reads them as they are written.
//! Apart from the parser of the configuration, which needs no runtime.

use serde_json::Value;

use super::config::Settings;
use super::config_error::ConfigError;
use super::settings::table;
use crate::vocabulary::{HostNames, WebUri};

const EXPECTED: &str = "without host names whose xn-- labels do not decode";

impl Settings {
    /// Checks every host name in these settings.
    ///
    /// # Errors
    /// The first value with a name that is not read as it is written.
    pub fn check_hosts(&self, names: &dyn HostNames) -> Result<(), ConfigError> {
        let issuer = Value::from(self.issuer.as_deref().unwrap_or_default());
        for (name, value) in [
            ("ISSUER", &issuer),
            ("ISSUERS", &self.issuers),
            ("METADATA", &self.metadata),
            ("POLICY", &self.policy),
            ("ANONYMOUS_POLICY", &self.anonymous_policy),
            ("WEBHOOK", &self.webhook),
            ("UPSTREAM_METADATA", &self.upstream_metadata),
        ] {
            match value {
                // A table can be given as JSON text.
                Value::String(text) if text.starts_with('{') => {
                    check(name, &table(name, value)?.into(), names)?;
                }
                _ => check(name, value, names)?,
            }
        }
        Ok(())
    }
}

/// Checks every URL in `value`, and every pattern in a list of hosts. `name` is what an error calls all of it.
///
/// # Errors
/// The first text with a name that is not read as it is written.
pub(super) fn check(name: &str, value: &Value, names: &dyn HostNames) -> Result<(), ConfigError> {
    let misread = misread(value, false, names);
    misread.map_or(Ok(()), |text| Err(ConfigError::value(name, &text.into(), EXPECTED)))
}

/// The first URL, or pattern in a list of those, with a host that is not read as it is written. The name of
/// a member can be one too: entries of `ISSUERS` are called by identifiers.
fn misread<'v>(value: &'v Value, patterns: bool, names: &dyn HostNames) -> Option<&'v str> {
    let wrong = |text: &str| {
        let uri = if patterns {
            WebUri::parse(&format!("https://{}/", text.trim_start_matches("*.")))
        } else {
            WebUri::parse(text)
        };
        uri.is_ok_and(|uri| !uri.host().is_read_alike(names))
    };
    match value {
        Value::String(text) => wrong(text).then_some(text),
        Value::Array(list) => list.iter().find_map(|value| misread(value, patterns, names)),
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let inner = || misread(value, name.ends_with("redirect_hosts"), names);
            wrong(name).then_some(&**name).or_else(inner)
        }),
        _ => None,
    }
}
