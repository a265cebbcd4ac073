//! `REGISTRATION.allowed_origins`: the pages that may register clients.

use serde_json::Value;

/// The most origins of a list.
const MOST: usize = 100;

/// Origins as browsers send them (RFC 6454 §6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Reads a list; `None` if it is none, or something in it can never be the origin of a page.
    pub(super) fn parse(value: &Value) -> Option<Self> {
        let list = value.as_array().filter(|list| list.len() <= MOST)?;
        let texts = list.iter().map(|text| text.as_str().filter(|text| is_origin(text)));
        texts.map(|text| text.map(str::to_owned)).collect::<Option<_>>().map(Self)
    }

    /// Whether a page on `origin` may register clients.
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }
}

/// Whether a browser writes an origin like this: `scheme://host[:port]` in lower case, without a default port. Apps
/// have schemes of their own.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let in_scheme =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
    let in_host = |c: char| {
        c.is_ascii_lowercase()
            || c.is_ascii_digit()
            || matches!(c, '-' | '.' | '_' | ':' | '[' | ']')
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let default = match scheme {
        "https" => "443",
        "http" => "80",
        _ => "",
    };
    let is_port = |port: &str| {
        port != default
            && port.starts_with(|c| matches!(c, '1'..='9'))
            && port.parse::<u16>().is_ok()
    };
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(in_scheme)
        && !host.is_empty()
        && host.contains(':') == host.starts_with('[')
        && host.chars().all(in_host)
        && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_taken_only_as_browsers_write_it() {
        for (text, good) in [
            ("https://app.example", true),
            ("https://app.example:8443", true),
            ("http://localhost:5173", true),
            ("http://[::1]:3000", true),
            ("http://[::1]", true),
            ("https://xn--bcher-kva.example", true),
            ("capacitor://localhost", true),
            ("chrome-extension://abcdefghijklmnop", true),
            ("https://app.example/", false),
            ("https://app.example/path", false),
            ("https://app.example?x", false),
            ("https://App.example", false),
            ("HTTPS://app.example", false),
            ("https://app.example:443", false),
            ("http://app.example:80", false),
            ("https://app.example:", false),
            ("https://app.example:08", false),
            ("https://app.example:65536", false),
            ("https://app.example:+80", false),
            ("https://a@app.example", false),
            ("https://*.example", false),
            ("https://b\u{fc}cher.example", false),
            ("https://a b", false),
            ("https://::1", false),
            ("https://", false),
            ("://app.example", false),
            ("app.example", false),
            ("null", false),
            ("*", false),
            ("", false),
        ] {
            assert_eq!(Origins::parse(&serde_json::json!([text])).is_some(), good, "{text}");
        }
        let list = |length: usize| Value::from(vec!["https://app.example"; length]);
        assert!(Origins::parse(&list(0)).is_some() && Origins::parse(&list(MOST)).is_some());
        assert_eq!(Origins::parse(&list(MOST + 1)), None);
        for value in [Value::Null, "https://app.example".into(), serde_json::json!([1])] {
            assert_eq!(Origins::parse(&value), None, "{value}");
        }
    }
}
