//! JSON values as text.

use serde_json::Value;

/// `value` as compact JSON. Its `Display` can also indent, and takes 7 KB of code.
#[must_use]
pub fn json_text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
