//! Policies that nobody can meet, and values of policies that the server does not support: at start-up, and when an
//! initial access token is made.

use rollcall::issuer::Config;
use rollcall::issuer::finding::Severity;
use rollcall_support::{ADMIN_TOKEN, Answer, Call, Server, settings, shipped_metadata};
use serde_json::{Value, json};

/// The values that the server supports in these tests.
fn metadata() -> Value {
    let mut metadata = shipped_metadata();
    metadata["scopes_supported"] = json!(["openid", "email"]);
    metadata["token_endpoint_auth_methods_supported"] =
        json!(["client_secret_basic", "none", "private_key_jwt"]);
    metadata["token_endpoint_auth_signing_alg_values_supported"] = json!(["ES256"]);
    metadata["grant_types_supported"] =
        json!(["authorization_code", "refresh_token", "client_credentials"]);
    metadata
}

fn parse(policy: &Value, anonymous: &Value) -> Result<Config, String> {
    let vars = json!({
        "METADATA": metadata(),
        "POLICY": policy,
        "ANONYMOUS_POLICY": anonymous,
        "REGISTRATION": {"mode": "tiered"},
    });
    Config::parse(settings(&vars)).map_err(|errors| errors.to_string())
}

/// Each policy is fatal, with the setting and the advice.
const FATAL: &[(&str, &str, &str)] = &[
    (r#"{"scopes": ["opnid"]}"#, "POLICY.scopes leaves nothing", "Did you mean openid?"),
    (
        r#"{"auth_methods": ["tls_client_auth"]}"#,
        "POLICY.auth_methods leaves nothing",
        "client_secret_basic, none, private_key_jwt",
    ),
    (
        r#"{"grant_types": ["authorisation_code"]}"#,
        "POLICY.grant_types leaves nothing",
        "Did you mean authorization_code?",
    ),
    (
        r#"{"required_members": ["jwks_uri"], "forbidden_members": ["jwks_uri"]}"#,
        "POLICY.required_members lists jwks_uri, which POLICY.forbidden_members forbids",
        "Take jwks_uri out of one",
    ),
    (
        r#"{"redirect_hosts": ["a.example", "*.b.example"], "denied_redirect_hosts": ["a.example", "*.b.example"]}"#,
        "POLICY.redirect_hosts has only hosts that denied_redirect_hosts denies",
        "Take at least one",
    ),
    (
        r#"{"redirect_hosts": ["x.b.example"], "denied_redirect_hosts": ["*.b.example"]}"#,
        "only hosts",
        "out of",
    ),
    (
        r#"{"redirect_hosts": ["*.x.b.example"], "denied_redirect_hosts": ["*.b.example"]}"#,
        "only hosts",
        "out of",
    ),
    (r#"{"grant_types": ["refresh_token"]}"#, "nothing but refresh_token", "authorization_code"),
    (r#"{"required_members": ["jwks", "jwks_uri"]}"#, "only one", "Take one of the two out"),
    (
        r#"{"auth_methods": ["private_key_jwt"], "forbidden_members": ["jwks", "jwks_uri"]}"#,
        "POLICY.forbidden_members lists jwks and jwks_uri",
        "auth_methods",
    ),
    (
        r#"{"grant_types": ["authorization_code"], "forbidden_members": ["redirect_uris"]}"#,
        "POLICY.forbidden_members lists redirect_uris",
        "grant_types",
    ),
    (
        r#"{"https_redirects": true, "redirect_schemes": ["http"]}"#,
        "POLICY.redirect_schemes leaves no scheme",
        "Allow",
    ),
    (
        r#"{"https_redirects": true, "denied_redirect_schemes": ["https"]}"#,
        "POLICY.https_redirects leaves",
        "Allow",
    ),
    (
        r#"{"redirect_schemes": ["cursor"], "reverse_dns_schemes": true}"#,
        "leaves no scheme",
        "Allow",
    ),
    (
        r#"{"redirect_schemes": ["http"], "denied_redirect_schemes": ["http"]}"#,
        "leaves no scheme",
        "Allow",
    ),
];

#[test]
fn policy_that_nobody_can_meet_is_fatal_at_start_up() {
    for (policy, wrong, advice) in FATAL {
        let error = parse(&serde_json::from_str(policy).unwrap(), &json!({})).unwrap_err();
        assert!(error.contains(wrong) && error.contains(advice), "{policy}: {error}");
        assert!(error.contains("no client can register"), "{error}");
    }
}

#[test]
fn policies_that_exclude_each_other_are_fatal_together() {
    for (policy, anonymous, wrong) in [
        (json!({"scopes": ["openid"]}), json!({"scopes": ["email"]}), "ANONYMOUS_POLICY.scopes"),
        (
            json!({"auth_methods": ["none"]}),
            json!({"auth_methods": ["private_key_jwt"]}),
            "auth_methods",
        ),
        (
            json!({"application_types": ["web"]}),
            json!({"application_types": ["native"]}),
            "ANONYMOUS_POLICY.application_types",
        ),
        (
            json!({"redirect_hosts": ["a.example"]}),
            json!({"redirect_hosts": ["*.a.example"]}),
            "ANONYMOUS_POLICY.redirect_hosts has no host in common",
        ),
        (
            json!({"redirect_hosts": ["x.a.example"]}),
            json!({"redirect_hosts": ["*.a.example"], "denied_redirect_hosts": ["x.a.example"]}),
            "only hosts",
        ),
        (
            json!({"required_members": ["client_name"]}),
            json!({"forbidden_members": ["client_name"]}),
            "POLICY.required_members lists client_name, which ANONYMOUS_POLICY.forbidden_members",
        ),
    ] {
        assert!(parse(&policy, &json!({})).is_ok(), "{policy}");
        let error = parse(&policy, &anonymous).unwrap_err();
        assert!(error.contains(wrong), "{error}");
    }
}

#[test]
fn unsupported_value_is_a_warning_with_the_nearest_supported_one() {
    for (policy, member, wrong, fix) in [
        (
            json!({"scopes": ["openid", "emial"]}),
            "POLICY.scopes",
            "lists emial",
            "Did you mean email?",
        ),
        (
            json!({"auth_methods": ["none", "tls_client_auth"]}),
            "POLICY.auth_methods",
            "lists tls_client_auth",
            "supported: client_secret_basic, none, private_key_jwt",
        ),
        (
            json!({"grant_types": ["authorization_code", "client_credential"]}),
            "POLICY.grant_types",
            "lists client_credential,",
            "Did you mean client_credentials?",
        ),
        (
            json!({"scopes": ["openid"], "default_scope": "openid email"}),
            "POLICY.default_scope",
            "lists email",
            "supported: openid",
        ),
    ] {
        let config = parse(&policy, &json!({})).unwrap();
        let profile = config.issuers()[0].own_profile().unwrap();
        let found = profile.findings.iter().find(|found| found.member == member).unwrap();
        assert_eq!(found.severity, Severity::Warning);
        assert!(found.wrong.contains(wrong) && found.fix.contains(fix), "{found}");
    }
}

#[test]
fn policy_that_a_client_can_meet_has_no_findings() {
    let config = parse(&json!({}), &json!({})).unwrap();
    let usual = config.issuers()[0].own_profile().unwrap().findings.len();
    for policy in [
        json!({"scopes": ["email"], "default_scope": "email"}),
        json!({"redirect_hosts": ["*.b.example"], "denied_redirect_hosts": ["x.b.example"]}),
        json!({"redirect_hosts": ["a.example"], "denied_redirect_hosts": ["*.a.example"]}),
        json!({"required_members": ["jwks_uri"], "forbidden_members": ["jwks"]}),
        json!({"auth_methods": ["private_key_jwt", "none"], "forbidden_members": ["jwks", "jwks_uri"]}),
        json!({"grant_types": ["client_credentials"], "forbidden_members": ["redirect_uris"]}),
        json!({"redirect_schemes": ["cursor", "com.example"], "reverse_dns_schemes": true}),
        json!({"https_redirects": true, "redirect_schemes": ["http", "https"]}),
    ] {
        let config = parse(&policy, &json!({})).unwrap_or_else(|error| panic!("{policy}: {error}"));
        let findings = &config.issuers()[0].own_profile().unwrap().findings;
        let of_policy = findings.iter().filter(|found| found.member.starts_with("POLICY."));
        assert_eq!(of_policy.count(), 0, "{policy}: {findings:?}");
        assert!(findings.len() >= usual.min(findings.len()));
    }
}

fn mint(server: &Server, policy: &Value) -> Answer {
    let call = Call::new("POST", "/admin/initial-access-tokens");
    let call = call.header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
    let call = call.header("content-type", "application/json");
    server.send(call.body(json!({"policy": policy}).to_string()))
}

#[test]
fn token_whose_policy_nobody_can_meet_is_not_made() {
    let vars = json!({"METADATA": metadata(), "POLICY": {"scopes": ["openid"]}});
    let server = Server::configured(settings(&vars));
    for (policy, wrong) in [
        (
            json!({"scopes": ["email"]}),
            "policy.scopes leaves nothing: it lists email, and what else is allowed is openid",
        ),
        (json!({"grant_types": ["authorisation_code"]}), "Did you mean authorization_code?"),
        (
            json!({"redirect_hosts": ["a.example"], "denied_redirect_hosts": ["a.example"]}),
            "policy.redirect_hosts",
        ),
    ] {
        let answer = mint(&server, &policy);
        assert_eq!(answer.status(), 400);
        let description = answer.json()["error_description"].to_string();
        assert!(description.contains(wrong), "{description}");
    }
    let made = mint(&server, &json!({"auth_methods": ["none", "tls_client_auth"]})).created();
    let warning = made["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("policy.auth_methods lists tls_client_auth"), "{warning}");
    assert_eq!(mint(&server, &json!({"scopes": ["openid"]})).created().get("warnings"), None);
}
