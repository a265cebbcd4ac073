//! Shared clients: public clients without keys, of which all with equal metadata are one client.
//!
//! Anybody can send the same metadata, so a shared client has no registration access token: its requesters can read it by
//! registering again, and only the operator can end it.

use serde_json::{Map, Value};

use super::metadata::ClientMetadata;
use super::record::Record;
use crate::vocabulary::{AuthMethod, insert_all, json_text};

/// The members with keys, whose holder is one party.
const KEYS: [&str; 3] = ["jwks", "jwks_uri", "signed_jwks_uri"];
/// Versions of one program are one client.
const SOFTWARE_VERSION: &str = "software_version";
/// The one list whose order means something (OIDC Dynamic Client Registration 1.0 §2: "in order of preference").
const ORDERED: &str = "default_acr_values";

impl ClientMetadata {
    /// The text that is the same for all clients with equal metadata; `None` for a client that is not shared: one with a
    /// secret, or with keys.
    ///
    /// # Errors
    /// If the metadata cannot be written as JSON.
    pub fn shared_form(&self) -> Result<Option<String>, serde_json::Error> {
        let has_keys = KEYS.iter().any(|name| self.passive.has(name));
        if self.auth_method() != AuthMethod::None || has_keys {
            return Ok(None);
        }
        let value = serde_json::to_value(self)?;
        // The members of a map are in the order of their names.
        let mut members: Map<String, Value> = value.as_object().cloned().unwrap_or_default();
        members.remove(SOFTWARE_VERSION);
        for (name, value) in &mut members {
            match value {
                Value::Array(list) if name != ORDERED => sort(list),
                Value::String(scope) if name == "scope" => {
                    let mut tokens: Vec<&str> = scope.split(' ').collect();
                    tokens.sort_unstable();
                    *scope = tokens.join(" ");
                }
                _ => {}
            }
        }
        serde_json::to_string(&members).map(Some)
    }
}

/// Sorts a list that is a set.
fn sort(list: &mut Vec<Value>) {
    let by_text: Map<String, Value> =
        insert_all(list.drain(..).map(|value| (json_text(&value), value)));
    list.extend(by_text.into_values());
}

impl Record {
    /// Makes it a shared client: there is no token to manage it.
    pub fn share(&mut self) {
        self.tokens.clear();
        self.shared = true;
        self.set_version();
    }

    /// Whether it is a shared client.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared
    }
}
