//! Host names in the configuration with `xn--` labels: whether the runtime reads them as they are written.
//! Apart from the parser of the configuration, which needs no runtime.

use serde_json::Value;

use super::config_error::ConfigErrors;
use super::raw_settings::Settings;
use super::settings::table;
use crate::client::Mistake;
use crate::vocabulary::{HostNames, WebUri};

const EXPECTED: &str = "without host names whose xn-- labels do not decode";

impl Settings {
    /// Checks every host name in these settings.
    ///
    /// # Errors
    /// Every name that is not read as it is written.
    pub fn check_hosts(&self, names: &dyn HostNames) -> Result<(), ConfigErrors> {
        let issuer = Value::from(self.issuer.as_deref().unwrap_or_default());
        let mut mistakes = Vec::new();
        for (name, value) in [
            ("ISSUER", &issuer),
            ("ISSUERS", &self.issuers),
            ("METADATA", &self.metadata),
            ("REGISTRATION", &self.registration),
            ("DOCUMENTS", &self.documents),
            ("POLICY", &self.policy),
            ("ANONYMOUS_POLICY", &self.anonymous_policy),
            ("SOFTWARE_STATEMENTS", &self.software_statements),
            ("WEBHOOK", &self.webhook),
            ("UPSTREAM_METADATA", &self.upstream_metadata),
            ("DOCUMENT_BASE", &self.document_base),
        ] {
            match value {
                // A table can be given as JSON text; malformed text is reported by its reader.
                Value::String(text) if text.starts_with('{') => {
                    let table = table(name, value).unwrap_or_default();
                    check(name, &table.into(), names, &mut mistakes);
                }
                _ => check(name, value, names, &mut mistakes),
            }
        }
        ConfigErrors::from(mistakes).or(())
    }
}

/// Checks every URL in `value`, and every pattern in a list of hosts. `path` is what errors call it. The name of a
/// member can be a URL too: entries of `ISSUERS` are called by identifiers.
pub fn check(path: &str, value: &Value, names: &dyn HostNames, mistakes: &mut Vec<Mistake>) {
    match value {
        Value::String(text) => {
            let in_list = path.strip_suffix(']').and_then(|path| path.rsplit_once('['));
            let pattern = in_list.is_some_and(|(list, _)| list.ends_with("redirect_hosts"));
            let uri = if pattern {
                WebUri::parse(&format!("https://{}/", text.trim_start_matches("*.")))
            } else {
                WebUri::parse(text)
            };
            if uri.is_ok_and(|uri| !uri.host().is_read_alike(names)) {
                mistakes.push(Mistake::value(path, Some(value), EXPECTED));
            }
        }
        Value::Array(list) => {
            for (index, entry) in list.iter().enumerate() {
                check(&format!("{path}[{index}]"), entry, names, mistakes);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path == "ISSUERS" {
                    format!("{path}.\"{name}\"")
                } else {
                    format!("{path}.{name}")
                };
                check(&path, &name.as_str().into(), names, mistakes);
                check(&path, member, names, mistakes);
            }
        }
        _ => {}
    }
}
