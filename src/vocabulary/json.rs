//! JSON values as text. To read a text, use `serde_json::from_slice`: `from_str` and `RawValue::from_string` would put a
//! second copy of the parser into the module.

use serde_json::Value;

/// `value` as compact JSON. `Display` of a value can also indent, which takes 7 KB more code.
#[must_use]
pub fn json_text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
