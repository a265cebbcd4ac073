//! Conditions about extension members (`REGISTRATION.extension_members`). Lists do not show these members, so each
//! client is read.

use serde_json::{Map, Value};

use crate::client::{Extensions, Mistake, Record};
use crate::vocabulary::json_text;

/// How such a condition is named: `member.NAME`.
const PREFIX: &str = "member.";

/// Which values extension members have; all of them hold together.
#[derive(Debug, Default)]
pub(super) struct MemberConditions(Vec<(String, String)>);

impl MemberConditions {
    /// Takes these conditions out of `conditions`, which errors call `path`.
    pub fn take(
        path: &str,
        conditions: &mut Map<String, Value>,
        extensions: &Extensions,
        mistakes: &mut Vec<Mistake>,
    ) -> Self {
        let mut taken = Vec::new();
        conditions.retain(|name, value| {
            let Some(member) = name.strip_prefix(PREFIX) else { return true };
            let wanted = match value {
                Value::String(text) => Some(text.clone()),
                Value::Bool(_) | Value::Number(_) => Some(json_text(value)),
                _ => None,
            };
            match wanted {
                Some(wanted) if extensions.contains(member) => {
                    taken.push((member.to_owned(), wanted));
                }
                Some(_) => {
                    let expected = "about a member of REGISTRATION.extension_members";
                    mistakes.push(Mistake::value(&format!("{path}{name}"), None, expected));
                }
                None => {
                    let expected = "text, a number, true or false";
                    mistakes.push(Mistake::value(&format!("{path}{name}"), Some(value), expected));
                }
            }
            false
        });
        Self(taken)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the client of `record` is meant.
    pub fn hold(&self, record: &Record) -> bool {
        self.0.iter().all(|(name, wanted)| record.has_member(name, wanted))
    }
}
