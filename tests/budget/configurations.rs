//! Configurations whose lists are as long as they may be, so that each rule takes its longest way.

use serde_json::{Map, Value, json};

use super::support::shipped_metadata;

/// The entries that a list of the configuration may have.
const ENTRIES: usize = 100;

/// Every configuration, by name.
pub fn all() -> Vec<(&'static str, Value)> {
    let passing = json!({"POLICY": lists(), "ANONYMOUS_POLICY": lists(), "METADATA": metadata()});
    let mut refusing = lists();
    for (name, value) in refusals() {
        refusing.insert(name.into(), value);
    }
    let refusing =
        json!({"POLICY": refusing, "ANONYMOUS_POLICY": refusing, "METADATA": metadata()});
    let tiered = |mut vars: Value| {
        vars["REGISTRATION"] = json!({"mode": "tiered"});
        vars
    };
    let (passing, refusing) = (tiered(passing), tiered(refusing));
    vec![("no policy", Value::Null), ("passing", passing), ("refusing", refusing)]
}

/// `ENTRIES` values, the last of which is `last`.
fn filled(last: &str, other: impl Fn(usize) -> String) -> Value {
    (1..ENTRIES).map(|n| Value::from(other(n))).chain([last.into()]).collect()
}

/// Lists that let the shapes pass, with what they match at their end. All entries have their beginnings in common
/// with what is compared to them.
fn lists() -> Map<String, Value> {
    let settings = json!({
        "redirect_hosts": filled("*.example.com", |n| format!("*.{n}.app.example.com")),
        "denied_redirect_hosts": filled("denied.example.com", |n| format!("*.{n}.denied.example.com")),
        "redirect_schemes": filled("https", |n| match n {
            1..90 => format!("com.example.app{n}"),
            _ => ["http", "com.example.app"][n % 2].into(),
        }),
        "denied_redirect_schemes": filled("com.example.denied", |n| format!("com.example.denied{n}")),
        "required_members": filled("redirect_uris", |_| "redirect_uris".into()),
        "forbidden_members": filled("jwks_uri", |_| "introspection_encrypted_response_enc".into()),
        "reserved_names": filled("Zlaude", |n| match n % 4 {
            0 => format!("{}{n}", "a".repeat(60)),
            1 => format!("{}{n}", "alalal".repeat(10)),
            2 => format!("Ж{}{n}", "\u{430}1".repeat(20)),
            _ => format!("{}{n}", "\u{4e00}\u{ac01}".repeat(10)),
        }),
        "scopes": filled("openid", |n| format!("scope{n}")),
        "application_types": filled("web", |_| "native".into()),
        "auth_methods": filled("client_secret_basic", |n| match n {
            1..98 => "self_signed_tls_client_auth".into(),
            _ => "private_key_jwt".into(),
        }),
        "grant_types": filled("authorization_code", |n| match n {
            99 => "refresh_token".into(),
            _ => format!("urn:example:grant:{n}"),
        }),
        "logo": "same_site",
        "max_redirect_uris": 100,
    });
    let Value::Object(settings) = settings else { unreachable!() };
    settings
}

/// Settings that most shapes break, each as often as it can be.
fn refusals() -> [(&'static str, Value); 8] {
    let members = |_| String::from("introspection_encrypted_response_enc");
    [
        ("redirect_hosts", filled("other.example.org", |n| format!("*.{n}.app.example.com"))),
        ("redirect_schemes", filled("http", |n| format!("https{n}"))),
        ("required_members", filled("software_statement", members)),
        ("forbidden_members", filled("client_name", members)),
        ("https_redirects", true.into()),
        ("https_links", true.into()),
        ("reverse_dns_schemes", true.into()),
        ("max_redirect_uris", 1.into()),
    ]
}

/// The shipped metadata with lists that are as long as they may be.
fn metadata() -> Value {
    let mut metadata = shipped_metadata();
    metadata["scopes_supported"] = filled("openid", |n| format!("scope{n}"));
    metadata["grant_types_supported"] = filled("authorization_code", |n| match n {
        99 => "refresh_token".into(),
        _ => format!("urn:example:grant:{n}"),
    });
    for name in ["subject_types_supported", "acr_values_supported"] {
        metadata[name] = filled("public", |_| "pairwise".into());
    }
    metadata
}
