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

/// Checks every URL in `value`, and every pattern in a list of hosts. `name` is what an error calls it.
///
/// # Errors
/// The first text with a name that is not read as it is written.
pub(super) fn check(name: &str, value: &Value, names: &dyn HostNames) -> Result<(), ConfigError> {
    match value {
        Value::String(text) if is_read_alike(name, text, names) => Ok(()),
        Value::String(_) => Err(ConfigError::value(name, value, EXPECTED)),
        Value::Array(list) => list.iter().try_for_each(|value| check(name, value, names)),
        Value::Object(members) => members.iter().try_for_each(|(key, value)| {
            let name = format!("{name}.{key}");
            // An entry of ISSUERS is called by an identifier.
            check(&name, &Value::from(key.as_str()), names)?;
            check(&name, value, names)
        }),
        _ => Ok(()),
    }
}

/// Whether `text` is no URL, nor a pattern in a list of hosts, or the runtime reads its host as it is.
fn is_read_alike(name: &str, text: &str, names: &dyn HostNames) -> bool {
    let uri = if name.ends_with("redirect_hosts") {
        WebUri::parse(&format!("https://{}/", text.trim_start_matches("*.")))
    } else {
        WebUri::parse(text)
    };
    uri.ok().is_none_or(|uri| uri.host().is_read_alike(names))
}
