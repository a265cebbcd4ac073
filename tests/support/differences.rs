//! The members in which two JSON values differ, so that a failing test prints only those.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

/// Lists what differs between `expected` and `found`, one line for each member; empty if they are equal. `at` names
/// the place of both values. A text with JSON in it is compared member by member too.
pub fn differences(at: &str, expected: &Value, found: &Value) -> String {
    let mut lines = String::new();
    list(at, Some(expected), Some(found), &mut lines);
    lines
}

fn list(at: &str, expected: Option<&Value>, found: Option<&Value>, lines: &mut String) {
    if expected == found {
        return;
    }
    let before = lines.len();
    if let (Some(expected), Some(found)) = (expected, found) {
        let (one, other) = (inner(expected), inner(found));
        let (one, other) = (one.as_ref().unwrap_or(expected), other.as_ref().unwrap_or(found));
        if let (Some(one), Some(other)) = (one.as_object(), other.as_object()) {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                list(&format!("{at}/{name}"), one.get(name), other.get(name), lines);
            }
        }
    }
    // Values that are not objects, and texts whose members are equal in another order or spelling.
    if lines.len() == before {
        let show = |value: Option<&Value>| value.map_or("absent".into(), Value::to_string);
        let (expected, found) = (show(expected), show(found));
        writeln!(lines, "{at}\n  expected: {expected}\n  found:    {found}").unwrap();
    }
}

/// The object that a text contains as JSON.
fn inner(value: &Value) -> Option<Value> {
    serde_json::from_str(value.as_str()?).ok().filter(Value::is_object)
}
