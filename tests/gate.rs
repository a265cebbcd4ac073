//! The gate: modes, policies, dry runs.

use rollcall::issuer::{Config, Settings};
use rollcall_support::gated::{body, gate, mint, unread, with};
use rollcall_support::{ADMIN_TOKEN, Call};
use serde_json::{Value, json};

/// RFC 7591 §3.
#[test]
fn registration_without_an_initial_access_token_gets_a_challenge_without_error() {
    let server = gate("token", |_| {});
    let answer = server.send_unread(unread());
    assert_eq!(answer.refusal(), (401, "invalid_token".into()));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"registration\""));
    for token in ["x", "iat_x", &format!("iat_{}", "A".repeat(43)), ""] {
        let call = unread().header("authorization", &format!("Bearer {token}"));
        let answer = server.send_unread(call);
        assert_eq!(answer.refusal(), (401, "invalid_token".into()), "{token}");
        let challenge = "Bearer realm=\"registration\", error=\"invalid_token\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
    assert_eq!(
        server.store.operations(),
        (0, 0),
        "nothing is read or written for a refused caller"
    );
    assert_eq!(server.booked.get(), 1, "only what could be a token is looked up");
}

/// R43.
#[test]
fn closed_issuer_rejects_registrations_publishes_no_endpoint_and_manages_existing_clients() {
    let open = gate("open", |_| {});
    let client = open.register(&body()).created();
    let server = gate("closed", |_| {});
    open.store.records().iter().for_each(|(key, value)| server.store.plant(key, value));
    let answer = server.send_unread(unread());
    assert_eq!(answer.refusal(), (403, "access_denied".into()));
    let document = server.get("/.well-known/oauth-authorization-server").json();
    assert_eq!(document.get("registration_endpoint"), None, "R43");
    assert_eq!(server.config.issuers()[0].own_profile().unwrap().findings.len(), 1);
    assert_eq!(server.read_back(&client).status(), 200);
}

/// R17.
#[test]
fn open_issuer_ignores_tokens() {
    let server = gate("open", |_| {});
    let call = Call::register(body().to_string()).header("authorization", "Bearer whatever");
    assert_eq!(server.send(call).status(), 201, "R17");
    assert_eq!(server.booked.get(), 0);
}

#[test]
fn token_brings_its_policy_and_its_clients_keep_it() {
    let server = gate("token", |_| {});
    let policy = json!({"scopes": ["openid"], "redirect_hosts": ["*.partner.example"],
        "auth_methods": ["private_key_jwt", "none"], "client_ttl": 3600});
    let token = mint(&server, &json!({"uses": 9, "label": "partner", "policy": policy}));
    let at = |host: &str| json!({"redirect_uris": [format!("https://{host}/cb")], "scope": "openid email"});
    assert_eq!(server.send(with(&token, &at("a.example"))).problems()[0].1, "policy_redirect_host");
    let client = server.send(with(&token, &at("app.partner.example"))).created();
    assert_eq!(client["scope"], "openid");
    assert_eq!(client["token_endpoint_auth_method"], "none", "no secret method is allowed");

    server.store.pass(1_000);
    assert_eq!(server.update(&client, &at("a.example")).problems()[0].1, "policy_redirect_host");
    let updated = server.update(&client, &at("new.partner.example"));
    assert_eq!((updated.status(), &updated.json()["scope"]), (200, &json!("openid")));

    let (key, record) = server.store.records()[0].clone();
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["provenance"]["self_asserted"], false);
    assert_eq!(record["provenance"]["token"], json!({"id": token["id"], "label": "partner"}));
    assert_eq!(record["provenance"]["token_policy"], policy);
    assert_eq!(record["expires_at"], record["issued_at"].as_u64().unwrap() + 3600);

    // It ends by itself, although it was updated; even where the store still has it.
    server.store.pass(3_598_000);
    assert_eq!(server.read_back(&client).status(), 200);
    server.store.pass(1_000);
    assert_eq!(server.read_back(&client).status(), 401);
    server.store.plant(&key, &record.to_string());
    assert_eq!(server.read_back(&client).status(), 401);
}

#[test]
fn tiered_those_without_a_token_get_less_and_a_wrong_token_is_no_anonymity() {
    let server = gate("tiered", |settings| {
        settings.anonymous_policy =
            json!({"scopes": ["openid"], "client_ttl": 86_400, "max_redirect_uris": 1});
        settings.policy = json!({"reverse_dns_schemes": true});
    });
    let anonymous = server.register(&body()).created();
    assert_eq!(anonymous["scope"], "openid");
    let two = json!({"redirect_uris": ["https://a.example/1", "https://a.example/2"]});
    assert_eq!(server.register(&two).problems()[0].1, "policy_redirect_uri_count");
    let token = mint(&server, &json!({"uses": 9}));
    let trusted = server.send(with(&token, &two)).created();
    assert_eq!(trusted.get("scope"), None, "no policy of theirs lists scopes");
    let plain = json!({"redirect_uris": ["cursor://x/cb"]});
    assert_eq!(
        server.send(with(&token, &plain)).problems()[0].1,
        "policy_reverse_dns_scheme",
        "POLICY holds for all"
    );
    let wrong = Call::register(body().to_string()).header("authorization", "Bearer wrong");
    assert_eq!(server.send(wrong).status(), 401);

    server.store.pass(1_000);
    assert_eq!(server.update(&anonymous, &two).problems()[0].1, "policy_redirect_uri_count");
    assert_eq!(server.update(&trusted, &two).status(), 200);
}

/// Threat 18.
#[test]
fn record_says_whether_the_client_is_self_asserted() {
    let server = gate("tiered", |_| {});
    let token = mint(&server, &json!({}));
    server.register(&body()).created();
    server.send(with(&token, &body())).created();
    let mut asserted: Vec<(bool, bool)> = server
        .store
        .records()
        .iter()
        .map(|(_, record)| {
            let record: Value = serde_json::from_str(record).unwrap();
            assert!(record["provenance"]["policy"].as_str().is_some_and(|name| name.len() == 12));
            let provenance = &record["provenance"];
            (provenance["self_asserted"].as_bool().unwrap(), provenance["token"].is_object())
        })
        .collect();
    asserted.sort_unstable();
    assert_eq!(asserted, [(false, true), (true, false)]);
}

#[test]
fn no_address_of_anybody_is_stored_or_logged() {
    let server = gate("open", |_| {});
    let call = Call::register(body().to_string()).from("203.0.113.77");
    let answer = server.send(call);
    let shown = format!("{:?} {:?}", server.store.records(), answer.0);
    assert_eq!(answer.status(), 201);
    assert!(!shown.contains("203.0.113"), "{shown}");
}

#[test]
fn dry_run_tells_what_would_be_and_writes_nothing() {
    let server = gate("tiered", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    let dry = |body: &Value| {
        Call::new("POST", "/reg?dry_run=true")
            .header("content-type", "application/json")
            .body(body.to_string())
    };
    let answer = server.send(dry(&body()));
    let response = answer.json();
    assert_eq!((answer.status(), answer.header("cache-control")), (200, Some("no-store")));
    for credential in ["client_id", "client_secret", "registration_access_token"] {
        assert_eq!(response.get(credential), None);
    }
    let bearer = format!("Bearer {}", token["initial_access_token"].as_str().unwrap());
    assert_eq!(server.send(dry(&body()).header("authorization", &bearer)).status(), 200);
    assert_eq!(server.store.operations(), (0, 0));
    let registered = server.send(with(&token, &body())).created();
    for (name, value) in response.as_object().unwrap() {
        assert_eq!(&registered[name], value, "{name}");
    }
    let refused = server.send(dry(&json!({"redirect_uris": ["/x"], "client_uri": "ftp://x"})));
    assert_eq!(refused.problems().len(), 2);
    assert_eq!(server.send(dry(&body()).header("authorization", &bearer)).status(), 401, "used up");
    assert_eq!(server.send(Call::new("POST", "/reg?dry_run=maybe")).refusal().0, 400);
    assert_eq!(server.store.operations(), (0, 1));
}

#[test]
fn settings_of_the_gate_that_cannot_be_used_are_named_and_no_secret_is_shown() {
    let base = |name: &str, value: Value| {
        let name = name.to_owned();
        move |variable: &str| if variable == name { value.clone() } else { Value::Null }
    };
    for (name, value, named) in [
        ("REGISTRATION", json!({"mode": "maybe"}), "REGISTRATION.mode is \"maybe\""),
        ("POLICY", json!({"scope": []}), "POLICY.scope is not known here"),
        ("POLICY", json!({"redirect_hosts": ["*"]}), "POLICY.redirect_hosts[0] is \"*\""),
        ("ANONYMOUS_POLICY", json!({"client_ttl": 5}), "ANONYMOUS_POLICY.client_ttl is 5"),
        ("LIMITS", json!({"exempt_networks": ["192.0.2.1/24"]}), "LIMITS.exempt_networks[0]"),
        ("LIMITS", json!({"exempt": true}), "LIMITS.exempt is not known here"),
        ("ADMIN_TOKEN", json!("s3cret"), "ADMIN_TOKEN must be a string of at least 32 bytes"),
    ] {
        let message =
            Config::parse(Settings::from_vars(base(name, value))).unwrap_err().to_string();
        assert!(message.contains(named) && !message.contains("s3cret"), "{message}");
    }
    let settings = Settings::from_vars(base("ADMIN_TOKEN", json!(ADMIN_TOKEN)));
    assert!(!format!("{settings:?}").contains(ADMIN_TOKEN));
}

#[test]
fn closing_the_gate_widens_nothing_for_those_who_are_in() {
    let narrow = |settings: &mut Settings| {
        settings.anonymous_policy = json!({"redirect_hosts": ["a.example"]});
    };
    let tiered = gate("tiered", narrow);
    let client = tiered.register(&body()).created();
    for mode in ["token", "closed"] {
        let server = gate(mode, narrow);
        tiered.store.records().iter().for_each(|(key, value)| server.store.plant(key, value));
        let elsewhere = json!({"redirect_uris": ["https://evil.example/cb"]});
        assert_eq!(
            server.update(&client, &elsewhere).problems()[0].1,
            "policy_redirect_host",
            "{mode}"
        );
    }
}

#[test]
fn opening_the_gate_frees_those_who_came_in_without_a_token() {
    let narrow = |settings: &mut Settings| {
        settings.anonymous_policy = json!({"redirect_hosts": ["a.example"]});
    };
    let tiered = gate("tiered", narrow);
    let client = tiered.register(&body()).created();
    let server = gate("open", narrow);
    tiered.store.records().iter().for_each(|(key, value)| server.store.plant(key, value));
    let elsewhere = json!({"redirect_uris": ["https://b.example/cb"]});
    assert_eq!(server.register(&elsewhere).status(), 201);
    assert_eq!(server.update(&client, &elsewhere).status(), 200);
}
