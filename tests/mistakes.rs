//! Everything that is wrong in what an operator writes is reported at once, each with its path, its value and what is
//! accepted: in the configuration, in request bodies and in queries.

use rollcall::issuer::{Config, Settings};
use rollcall_support::gated::{TOKENS, admin, gate};
use rollcall_support::{AS_TOKEN, Call, ORIGIN, Server, settings, shipped_metadata};
use serde_json::{Value, json};

/// The configuration's errors, without what each value must be.
fn config_errors(vars: &Value) -> Vec<String> {
    let errors = Config::parse(Settings::from_vars(|name| vars[name].clone())).unwrap_err();
    errors.iter().map(|error| without_expectation(&error.to_string())).collect()
}

fn without_expectation(sentence: &str) -> String {
    let end = [", but must be ", " must be ", "; known: ", " (did you mean"]
        .map(|text| sentence.find(text));
    sentence[..end.into_iter().flatten().min().unwrap_or(sentence.len())].to_owned()
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn configuration_reports_all_errors_at_once() {
    let other = "https://other.example";
    for (vars, expected) in [
        (
            json!({
                "ISSUER": "auth.example.com",
                "METADATA": {"token_endpoint": "t", "jwks_ur": "/jwks", "scopes_supported": [1]},
                "REGISTRATION": {"mode": "opne", "modes": 1, "idle_client_ttl": 59, "record_uses": "2026-02-30"},
                "DISCOVERY": {"max_age": 86_401},
                "AS": [],
                "ADMIN_TOKEN": "short",
                "WEBHOOK_SECRET": "short",
                "WEBHOOK": {"url": "http://a.example", "uri": ""},
            }),
            vec![
                "ADMIN_TOKEN",
                "WEBHOOK_SECRET",
                "WEBHOOK.uri is not known here",
                "WEBHOOK.url is \"http://a.example\"",
                "ISSUER is \"auth.example.com\"",
                "METADATA.jwks_ur is not known here",
                "METADATA.scopes_supported is [1]",
                "METADATA.token_endpoint is \"t\"",
                "AS is []",
                "DISCOVERY.max_age is 86401",
                "REGISTRATION.idle_client_ttl is 59",
                "REGISTRATION.mode is \"opne\"",
                "REGISTRATION.modes is not known here",
                "REGISTRATION.record_uses is \"2026-02-30\"",
            ],
        ),
        (
            json!({
                "POLICY": {
                    "redirect_hosts": ["a.example", "*", "b.example", 7],
                    "denied_redirect_hosts": [],
                    "redirect_schemes": ["https", "javascript", "my app"],
                    "https_redirects": "true",
                    "max_redirect_uris": 101,
                    "required_members": ["client_nam", "client_id"],
                    "reserved_names": ["Rollcall", "-", "n".repeat(65)],
                    "logo": "Drop",
                    "scopes": "openid",
                    "scope": ["openid"],
                },
                "ANONYMOUS_POLICY": {"client_ttl": 59, "description": 1},
                "LIMITS": {"exempt_networks": ["192.0.2.0/24", "192.0.2.1/24"], "exempt_token_holders": 1},
            }),
            vec![
                "ANONYMOUS_POLICY.client_ttl is 59",
                "ANONYMOUS_POLICY.description is 1",
                "LIMITS.exempt_networks[1] is \"192.0.2.1/24\"",
                "LIMITS.exempt_token_holders is 1",
                "POLICY.denied_redirect_hosts is []",
                "POLICY.https_redirects is \"true\"",
                "POLICY.logo is \"Drop\"",
                "POLICY.max_redirect_uris is 101",
                "POLICY.redirect_hosts[1] is \"*\"",
                "POLICY.redirect_hosts[3] is 7",
                "POLICY.redirect_schemes[2] is \"my app\"",
                "POLICY.required_members[0] is \"client_nam\"",
                "POLICY.required_members[1] is \"client_id\"",
                "POLICY.reserved_names[1] is \"-\"",
                "POLICY.scope is not known here",
                "POLICY.scopes is \"openid\"",
                "POLICY.reserved_names[2] is \"NAME\"",
                "POLICY.redirect_schemes[1] is \"javascript\"",
            ],
        ),
        (
            // An error of a shared setting is reported once, where it is written.
            json!({
                "REGISTRATION": {"mode": "maybe"},
                "METADATA": {"authorization_endpoint": "/a", "token_endpoint": "/t"},
                "POLICY": "{\"logo\": 1}",
                "ISSUERS": {
                    ORIGIN: {"POLICY": {"scopes": ["a b"]}, "METADTA": {}, "AS": 1},
                    other: {"REGISTRATION": {"default_scope": 1}},
                    "http://third.example": [],
                },
            }),
            vec![
                "ISSUERS.\"http://third.example\" is \"http://third.example\"",
                "ISSUERS.\"http://third.example\" is []",
                "POLICY.logo is 1",
                "REGISTRATION.mode is \"maybe\"",
                "ISSUERS.\"https://auth.example.com\".AS is 1",
                "ISSUERS.\"https://auth.example.com\".METADTA is not known here",
                "ISSUERS.\"https://auth.example.com\".POLICY.scopes[0] is \"a b\"",
                "ISSUERS.\"https://other.example\".REGISTRATION.default_scope is 1",
            ],
        ),
        (
            // Contradictions.
            json!({
                "ISSUER": ORIGIN,
                "AS_TOKEN": "short",
                "METADATA": {
                    "authorization_endpoint": "/a",
                    "token_endpoint": "/t",
                    "response_types_supported": ["code", "device", "id_token"],
                    "token_endpoint_auth_methods_supported": ["client_secret_jwt"],
                    "scopes_supported": ["openid"],
                },
                "REGISTRATION": {"default_scope": "openid admin"},
            }),
            vec![
                "AS_TOKEN",
                "METADATA.response_types_supported is \"device\"",
                "METADATA.response_types_supported is \"id_token\"",
                "METADATA.token_endpoint_auth_methods_supported is \"client_secret_jwt\"",
                "REGISTRATION.default_scope is \"openid admin\"",
            ],
        ),
    ] {
        let found: Vec<String> = config_errors(&vars)
            .into_iter()
            .map(|text| text.replace(&"n".repeat(65), "NAME"))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn configuration_without_endpoints_names_both() {
    let settings =
        Settings { issuer: Some(ORIGIN.into()), metadata: json!({}), ..Settings::default() };
    let errors = Config::parse(settings).unwrap_err().to_string();
    for name in ["authorization_endpoint is missing", "token_endpoint is missing"] {
        assert!(errors.contains(name), "{errors}");
    }
}

#[test]
fn long_list_is_reported_beside_other_errors_and_stays_readable_in_a_stored_policy() {
    let long = vec!["a.example"; 101];
    let vars = json!({
        "POLICY": {"redirect_hosts": long, "logo": 1},
        "METADATA": {"scopes_supported": long, "mtls_endpoint_aliases": {"x": long}},
    });
    let errors = config_errors(&vars).join("; ");
    for (name, text) in [
        ("POLICY.redirect_hosts", "has 101 entries; a list may have 100 at most"),
        ("METADATA.scopes_supported", "has 101 entries; a list may have 100 at most"),
        ("METADATA.mtls_endpoint_aliases.x", "has 101 entries; a list may have 100 at most"),
        ("POLICY.logo", "is 1"),
    ] {
        assert!(errors.contains(&format!("{name} {text}")), "{errors}");
    }
    let stored = json!({"redirect_hosts": long, "reserved_names": ["n".repeat(65)], "redirect_schemes": ["javascript"]});
    rollcall::client::Policy::parse_stored(stored.as_object().unwrap()).unwrap();
}

#[test]
fn thousands_of_errors_end_after_a_hundred() {
    let names: serde_json::Map<String, Value> =
        (0..5_000).map(|number| (format!("x{number}"), Value::Null)).collect();
    assert_eq!(config_errors(&json!({"REGISTRATION": names})).len(), 100);
}

/// The errors that an operator's request is answered with, without what each value must be.
fn request_errors(server: &Server, method: &str, path: &str, body: &Value) -> Vec<String> {
    let answer = admin(server, method, path, body);
    assert_eq!(answer.refusal_off_browsers(), (400, "invalid_request".into()), "{path} {body}");
    let text = answer.json()["error_description"].as_str().unwrap().to_owned();
    text.split("; ")
        .filter(|part| {
            !part.starts_with("it must be")
                && !part.starts_with("known:")
                && !part.starts_with("each entry")
        })
        .map(without_expectation)
        .collect()
}

#[test]
fn operators_request_reports_all_errors_at_once() {
    let server = gate("token", |settings| settings.metadata = shipped_metadata());
    let client = format!("/admin/clients/{}/rotate", "A".repeat(22));
    let future = server.now() + 1;
    let in_future = format!("filter.created_before is {future}");
    for (method, path, body, expected) in [
        (
            "POST",
            TOKENS,
            json!({
                "uses": 0,
                "expires_in": "week",
                "label": "a\nb",
                "lable": "x",
                "policy": {"scopes": ["openid", "a b"], "redirect_hosts": ["*.xn--a"], "redirect_schemes": ["data"], "x": 1},
            }),
            vec![
                "expires_in is \"week\"",
                "label is \"a\\nb\"",
                "lable is not known here",
                "policy.scopes[1] is \"a b\"",
                "policy.x is not known here",
                "uses is 0",
                "policy.redirect_schemes[0] is \"data\"",
                "policy.redirect_hosts[0] is \"*.xn--a\"",
            ],
        ),
        (
            "POST",
            client.as_str(),
            json!({"keep_former": "yes", "credentials": "client_secret"}),
            vec!["credentials is not known here", "keep_former is \"yes\"", "credential"],
        ),
        (
            "POST",
            "/admin/clients/delete",
            json!({
                "filter": {"prefix": "a b", "name": " ", "created_before": future, "disabled": "off", "nam": 1, "never_used": true},
                "limit": 1_001,
                "cursor": 1,
            }),
            vec![
                "cursor is 1",
                "filter.disabled is \"off\"",
                "filter.nam is not known here",
                "filter.name is \" \"",
                "filter.prefix is \"a b\"",
                "limit is 1001",
                in_future.as_str(),
                "filter.never_used is true",
                "dry_run",
            ],
        ),
        (
            "GET",
            "/admin/clients?limit=0&limit=1&prefix=%2f&created_after=now&colour=red&self_asserted=maybe",
            Value::Null,
            vec![
                "limit is 1",
                "colour is not known here",
                "created_after is \"now\"",
                "prefix is \"/\"",
                "self_asserted is \"maybe\"",
            ],
        ),
    ] {
        assert_eq!(request_errors(&server, method, path, &body), expected, "{path}");
    }
    assert_eq!(server.booked.get(), 0, "nothing was minted");
}

#[test]
fn authorization_servers_request_never_repeats_a_secret() {
    let server = Server::configured(settings(&json!({})));
    let call = Call::new("POST", "/as/clients/authenticate")
        .header("content-type", "application/json")
        .header("authorization", &format!("Bearer {AS_TOKEN}"))
        .body(json!({"client_id": 7, "client_secret": ["s3cret"], "secret": "s3cret"}).to_string());
    let answer = server.send(call);
    assert_eq!(answer.status(), 400);
    let text = answer.json()["error_description"].as_str().unwrap().to_owned();
    let known = "known: authorization, client_id, client_secret";
    let expected = format!(
        "client_id must be text; client_secret must be text; secret is not known here; {known}"
    );
    assert_eq!(text, expected);
    assert!(!format!("{:?}", answer.0).contains("s3cret"));
}
