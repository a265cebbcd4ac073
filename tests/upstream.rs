//! An authorization server's own document with ours laid over it: `UPSTREAM_METADATA`.

use rollcall::issuer::finding::Severity;
use rollcall::issuer::{Config, Settings};
use rollcall::runtime::FetchError;
use rollcall_support::{Call, ORIGIN, Server, answered, served};
use serde_json::{Value, json};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const URL: &str = "https://auth.example.com/.well-known/openid-configuration";

fn document() -> Value {
    json!({
        "issuer": ORIGIN,
        "authorization_endpoint": "https://auth.example.com/auth",
        "token_endpoint": "https://auth.example.com/token",
        "jwks_uri": "https://auth.example.com/jwks",
        "registration_endpoint": "https://auth.example.com/old",
        "scopes_supported": ["openid", "api"],
        "response_types_supported": ["code", "code token", "none", "id_token"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_jwt", "private_key_jwt", "none"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ML-DSA-44"],
        "pqc_experiment": {"x": 1},
        "op_tos_uri": "",
        "service_documentation": null,
    })
}

fn overlay(operator: Value) -> Server {
    Server::configured(Settings {
        issuer: Some(ORIGIN.into()),
        metadata: operator,
        upstream_metadata: URL.into(),
        ..Settings::default()
    })
}

fn publish(server: &Server, document: &Value) {
    server.web.borrow_mut().insert(URL.into(), served(document.to_string()));
}

#[test]
fn ours_is_their_document_with_the_registration_endpoint_and_no_empty_member() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    let mut expected = document();
    expected["registration_endpoint"] = format!("{ORIGIN}/reg").into();
    expected
        .as_object_mut()
        .unwrap()
        .retain(|name, _| name != "op_tos_uri" && name != "service_documentation");
    for path in [OAUTH, "/.well-known/openid-configuration"] {
        let answer = server.get(path);
        assert_eq!((answer.status(), answer.json()), (200, expected.clone()), "{path}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        let tag = answer.header("etag").unwrap();
        assert_eq!(server.send(Call::new("GET", path).header("if-none-match", tag)).status(), 304);
    }
    assert_eq!(server.fetched.get(), 1, "asked once");
}

#[test]
fn operators_own_members_win() {
    let server = overlay(
        json!({"scopes_supported": ["openid"], "op_tos_uri": "https://auth.example.com/tos"}),
    );
    publish(&server, &document());
    let published = server.get(OAUTH).json();
    assert_eq!(published["scopes_supported"], json!(["openid"]));
    assert_eq!(published["op_tos_uri"], "https://auth.example.com/tos");
}

#[test]
fn registration_accepts_what_their_document_supports() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    let uris = json!(["https://a.example/cb"]);
    let client = server.register(&json!({"redirect_uris": uris})).created();
    assert_eq!(
        client["token_endpoint_auth_method"], "none",
        "there is no secret method to default to"
    );
    assert_eq!(client.get("scope"), None, "the authorization server decides");
    for (members, rule) in [
        (json!({"token_endpoint_auth_method": "client_secret_basic"}), "unsupported"),
        (json!({"token_endpoint_auth_method": "client_secret_jwt"}), "unsupported"),
        (json!({"response_types": ["code token"]}), "unsupported"),
        (json!({"response_types": ["id_token"]}), "unsupported"),
        (json!({"grant_types": ["client_credentials"]}), "unsupported"),
    ] {
        let mut body = members.clone();
        body["redirect_uris"] = uris.clone();
        assert_eq!(server.register(&body).problems()[0].1, rule, "{members}");
    }
}

/// RFC 8414 §2.
#[test]
fn member_absent_from_an_upstream_document_keeps_its_default_and_is_not_written() {
    let server = overlay(Value::Null);
    let mut short = document();
    for member in [
        "grant_types_supported",
        "token_endpoint_auth_methods_supported",
        "code_challenge_methods_supported",
    ] {
        short.as_object_mut().unwrap().remove(member);
    }
    publish(&server, &short);
    let published = server.get(OAUTH).json();
    assert!(
        published.get("grant_types_supported").is_none()
            && published.get("code_challenge_methods_supported").is_none()
    );
    let client = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    let public =
        json!({"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "none"});
    assert_eq!(server.register(&public).problems()[0].1, "unsupported");
}

/// RFC 8414 §2: a list that is left out means more than the policy allows, so it is written.
#[test]
fn list_that_is_left_out_is_published_where_the_policy_excludes_its_meaning() {
    let mut short = document();
    for member in ["grant_types_supported", "token_endpoint_auth_methods_supported"] {
        short.as_object_mut().unwrap().remove(member);
    }
    for (policy, member, expected) in [
        (
            json!({"grant_types": ["authorization_code"]}),
            "grant_types_supported",
            json!(["authorization_code"]),
        ),
        (
            json!({"auth_methods": ["client_secret_basic"]}),
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_basic"]),
        ),
    ] {
        let server = Server::configured(Settings {
            issuer: Some(ORIGIN.into()),
            policy,
            upstream_metadata: URL.into(),
            ..Settings::default()
        });
        publish(&server, &short);
        assert_eq!(server.get(OAUTH).json()[member], expected);
    }
}

/// The document is served: what is wrong is the operator's policy, which the log and the doctor name.
#[test]
fn policy_that_their_document_makes_impossible_is_a_fatal_finding() {
    let settings = |policy| Settings {
        issuer: Some(ORIGIN.into()),
        policy,
        upstream_metadata: URL.into(),
        ..Settings::default()
    };
    let config = Config::parse(settings(json!({"scopes": ["opnid"]}))).unwrap();
    let profile = config.issuers()[0].profile_with(&document().to_string()).unwrap().unwrap();
    let found = profile.findings.iter().find(|found| found.member == "POLICY.scopes").unwrap();
    assert_eq!((found.severity, &*found.fix), (Severity::Fatal, "Did you mean openid?"));
    let contradictory =
        json!({"redirect_hosts": ["a.example"], "denied_redirect_hosts": ["a.example"]});
    let error = Config::parse(settings(contradictory)).unwrap_err().to_string();
    assert!(error.contains("POLICY.redirect_hosts has only hosts"), "{error}");
}

#[test]
fn change_of_theirs_shows_when_the_copy_is_five_minutes_old() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    server.get(OAUTH);
    let mut changed = document();
    changed["scopes_supported"] = json!(["new"]);
    publish(&server, &changed);
    assert_eq!(server.get(OAUTH).json()["scopes_supported"], json!(["openid", "api"]));
    server.store.pass(300_000);
    assert_eq!(server.get(OAUTH).json()["scopes_supported"], json!(["new"]));
    let body = json!({"redirect_uris": ["https://a.example/cb"], "scope": "api new"});
    assert_eq!(server.register(&body).created()["scope"], "new");
}

#[test]
fn whatever_is_wrong_with_theirs_the_last_good_copy_is_served_and_the_log_says_why() {
    let lying = |name: &str, value: Value| {
        let mut document = document();
        document[name] = value;
        served(document.to_string())
    };
    for (answer, why) in [
        (Err(FetchError::Failed("timed out".into())), "cannot be fetched: timed out"),
        (answered(503), "was answered with status 503"),
        (answered(302), "is a redirect (302), which is not followed"),
        (answered(508), "leads back to this Worker"),
        (Err(FetchError::TooLarge), "is too large"),
        (served("<html>"), "is no JSON object"),
        (served("[]"), "is no JSON object"),
        (served([0xff]), "is no JSON object"),
        (
            lying("issuer", json!("https://evil.example\n")),
            "another issuer, https://evil.example\\n",
        ),
        (lying("issuer", json!("https://auth.example.com/")), "another issuer"),
        (lying("issuer", Value::Null), "another issuer"),
        (
            lying("token_endpoint", json!("http://auth.example.com/token")),
            "token_endpoint is not https",
        ),
        (lying("authorization_endpoint", Value::Null), "authorization_endpoint is missing"),
        (lying("scopes_supported", json!("openid")), "scopes_supported has another type"),
        (
            lying("token_endpoint_auth_methods_supported", json!(["client_secret_jwt"])),
            "at least one method",
        ),
    ] {
        // Without a copy nothing can be served, and no client be registered.
        let server = overlay(Value::Null);
        server.web.borrow_mut().insert(URL.into(), answer.clone());
        let refused = server.get(OAUTH);
        assert_eq!(refused.refusal(), (503, "temporarily_unavailable".into()), "{why}");
        assert_eq!(refused.header("retry-after"), Some("10"));
        let detail = refused.0.event.detail.unwrap();
        assert!(detail.contains(why), "{detail} instead of {why}");
        let registration = server.register(&json!({"redirect_uris": ["https://a.example/cb"]}));
        assert_eq!(registration.refusal().0, 503, "{why}");

        // This isolate has one.
        publish(&server, &document());
        server.store.pass(10_000);
        let good = server.get(OAUTH).json();
        server.web.borrow_mut().insert(URL.into(), answer.clone());
        server.store.pass(300_000);
        let stale = server.get(OAUTH);
        assert_eq!((stale.status(), stale.json()), (200, good.clone()), "{why}");
        let detail = stale.0.event.detail.unwrap();
        assert!(
            detail.contains(why) && detail.ends_with("the last good copy is served"),
            "{detail}"
        );

        // Another isolate has never seen the server, and finds it in the store.
        let fresh = overlay(Value::Null);
        for (key, value) in server.store.records() {
            fresh.store.plant(&key, &value);
        }
        fresh.web.borrow_mut().insert(URL.into(), answer.clone());
        assert_eq!(fresh.get(OAUTH).json(), good, "{why}");
        assert_eq!(
            fresh.register(&json!({"redirect_uris": ["https://a.example/cb"]})).status(),
            201
        );
    }
}

#[test]
fn server_that_is_down_is_asked_again_after_ten_seconds_and_not_for_every_request() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    server.get(OAUTH);
    server.web.borrow_mut().insert(URL.into(), answered(500));
    server.store.pass(300_000);
    for _ in 0..5 {
        assert_eq!(server.get(OAUTH).status(), 200);
    }
    assert_eq!(server.fetched.get(), 2);
    server.store.pass(10_000);
    server.get(OAUTH);
    assert_eq!(server.fetched.get(), 3);
}

#[test]
fn store_is_written_only_when_their_document_is_another() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    for _ in 0..3 {
        server.get(OAUTH);
        server.store.pass(300_000);
    }
    assert_eq!((server.fetched.get(), server.store.operations()), (3, (1, 1)));
    let kept: Value = serde_json::from_str(&server.store.records()[0].1).unwrap();
    assert_eq!(kept, json!({"v": 1, "document": document()}));
    assert!(server.store.records()[0].0.starts_with("u:"));
    // A new isolate compares with what is there.
    let fresh = overlay(Value::Null);
    fresh.store.plant(&server.store.records()[0].0, &server.store.records()[0].1);
    publish(&fresh, &document());
    fresh.get(OAUTH);
    assert_eq!(fresh.store.operations(), (1, 0));
}

#[test]
fn registrations_are_managed_while_the_server_is_down() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    let client = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    let fresh = overlay(Value::Null);
    for (key, value) in server.store.records().iter().filter(|(key, _)| key.starts_with("c:")) {
        fresh.store.plant(key, value);
    }
    assert_eq!(fresh.read_back(&client).status(), 200);
    assert_eq!(
        fresh.update(&client, &json!({"redirect_uris": ["https://a.example/cb"]})).status(),
        503
    );
    assert_eq!(fresh.delete(&client).status(), 204);
}

#[test]
fn our_own_request_that_comes_back_to_us_is_508() {
    let server = overlay(Value::Null);
    let call = Call::new("GET", OAUTH).header("rollcall-upstream", "1");
    assert_eq!(server.send(call).refusal(), (508, "server_error".into()));
    assert_eq!(server.fetched.get(), 0);
}

#[test]
fn url_that_cannot_be_used_is_named() {
    for (url, issuer, named) in [
        (
            json!("http://as.example/m"),
            Some(ORIGIN),
            "UPSTREAM_METADATA is \"http://as.example/m\"",
        ),
        (json!("/.well-known/x"), Some(ORIGIN), "UPSTREAM_METADATA is"),
        (json!(1), Some(ORIGIN), "UPSTREAM_METADATA is 1"),
        (json!("https://as.example/m#x"), Some(ORIGIN), "UPSTREAM_METADATA is"),
        (json!("https://as.example/m"), None, "ISSUER is missing; UPSTREAM_METADATA needs it"),
    ] {
        let issuer = issuer.map(str::to_owned);
        let settings = Settings { issuer, upstream_metadata: url, ..Settings::default() };
        let message = Config::parse(settings).unwrap_err().to_string();
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn upstream_members_that_contradict_ours_are_dropped() {
    let server = overlay(Value::Null);
    let mut theirs = document();
    theirs["signed_metadata"] = json!("a.b.c");
    theirs["error"] = json!("none");
    theirs["mtls_endpoint_aliases"] = json!({
        "token_endpoint": "https://mtls.example.com/token",
        "registration_endpoint": "https://mtls.example.com/old",
        "revocation_endpoint": null,
    });
    publish(&server, &theirs);
    let published = server.get(OAUTH).json();
    assert_eq!((published.get("signed_metadata"), published.get("error")), (None, None));
    let aliases = json!({"token_endpoint": "https://mtls.example.com/token"});
    assert_eq!(published["mtls_endpoint_aliases"], aliases);

    theirs["mtls_endpoint_aliases"] = json!({"token_endpoint": "http://mtls.example.com/token"});
    let server = overlay(Value::Null);
    publish(&server, &theirs);
    let refused = server.get(OAUTH);
    assert_eq!(refused.status(), 503);
    assert!(
        refused
            .0
            .event
            .detail
            .unwrap()
            .contains("mtls_endpoint_aliases.token_endpoint is not https")
    );
}

#[test]
fn shared_metadata_are_not_laid_over_a_servers_own_document() {
    let server = Server::configured(Settings {
        metadata: json!({"authorization_endpoint": "/authorize", "token_endpoint": "/token"}),
        issuers: json!({
            ORIGIN: {"UPSTREAM_METADATA": URL, "METADATA": {"ui_locales_supported": ["de"]}},
            "https://other.example": {},
        }),
        ..Settings::default()
    });
    publish(&server, &document());
    let published = server.get(OAUTH).json();
    assert_eq!(published["token_endpoint"], document()["token_endpoint"]);
    assert_eq!(published["authorization_endpoint"], document()["authorization_endpoint"]);
    assert_eq!(published["ui_locales_supported"], json!(["de"]));
}

#[test]
fn server_without_rs256_keeps_its_openid_configuration() {
    let server = overlay(Value::Null);
    let mut theirs = document();
    theirs["id_token_signing_alg_values_supported"] = json!(["ES256"]);
    publish(&server, &theirs);
    let answer = server.get("/.well-known/openid-configuration");
    assert_eq!(answer.status(), 200);
    let noted = answer.0.event.detail.unwrap();
    assert!(noted.contains("id_token_signing_alg_values_supported lacks RS256"), "{noted}");
    assert_eq!(server.get(OAUTH).0.event.detail, None, "said once");
}

#[test]
fn without_a_copy_a_server_that_is_down_is_asked_every_ten_seconds_too() {
    let server = overlay(Value::Null);
    for _ in 0..5 {
        assert_eq!(server.get(OAUTH).status(), 503);
    }
    assert_eq!(server.fetched.get(), 1);
    publish(&server, &document());
    server.store.pass(10_000);
    assert_eq!(server.get(OAUTH).status(), 200);
}

/// Threat 30.
#[test]
fn unauthenticated_request_is_401_whatever_the_authorization_server_does() {
    let server = overlay(Value::Null);
    let call = Call::new("PUT", "/reg/AAAAAAAAAAAAAAAAAAAAAA")
        .header("authorization", "Bearer wrong")
        .header("content-type", "application/json")
        .body("{}");
    assert_eq!(server.send(call).status(), 401);
}

#[test]
fn upstream_byte_order_mark_is_ignored_and_an_unsupported_default_scope_is_dropped() {
    let server = Server::configured(Settings {
        issuer: Some(ORIGIN.into()),
        upstream_metadata: URL.into(),
        registration: json!({"default_scope": "admin"}),
        ..Settings::default()
    });
    let text = format!("\u{feff}{}", document());
    server.web.borrow_mut().insert(URL.into(), served(text));
    let client = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    assert_eq!(client.get("scope"), None, "R13");
    assert_eq!(server.store.records().len(), 2, "the copy is kept without it");
}

/// One request asks; the others wait on their own timers.
#[test]
fn requests_that_come_while_the_first_copy_is_fetched_cause_no_fetch_of_their_own() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    server.stalled.set(true);
    let mut first = server.begin(Call::new("GET", OAUTH));
    // No document arrives for as long as they wait.
    for call in
        [Call::new("GET", OAUTH), Call::register(r#"{"redirect_uris":["https://a.example/cb"]}"#)]
    {
        let started = server.store.clock.get();
        let refused = server.send(call);
        assert_eq!(refused.refusal(), (503, "temporarily_unavailable".into()));
        assert_eq!(refused.header("retry-after"), Some("10"));
        let detail = refused.0.event.detail.unwrap();
        assert!(detail.contains("UPSTREAM_METADATA is being fetched"), "{detail}");
        assert_eq!(server.store.clock.get() - started, 4_000);
    }
    assert_eq!((server.fetched.get(), server.store.operations()), (1, (0, 0)));
    // It arrives while one waits.
    let waited = server.send_waiting(Call::new("GET", OAUTH), || {
        server.stalled.set(false);
        assert_eq!(first.poll().unwrap().status(), 200);
    });
    assert_eq!((waited.status(), server.fetched.get()), (200, 1));
}

#[test]
fn request_that_was_fetching_when_it_was_cancelled_blocks_no_other() {
    for dropped in [true, false] {
        let server = overlay(Value::Null);
        publish(&server, &document());
        server.stalled.set(true);
        let first = server.begin(Call::new("GET", OAUTH));
        server.stalled.set(false);
        if dropped {
            drop(first);
        } else {
            // The runtime has forgotten it, and never says so.
            assert_eq!(server.get(OAUTH).status(), 503);
            server.store.pass(10_000);
            std::mem::forget(first);
        }
        assert_eq!(server.get(OAUTH).status(), 200, "dropped: {dropped}");
        assert_eq!(server.fetched.get(), 2);
    }
}

#[test]
fn copy_that_is_too_old_is_served_while_a_new_one_is_fetched() {
    let server = overlay(Value::Null);
    publish(&server, &document());
    server.get(OAUTH);
    server.store.pass(300_000);
    server.stalled.set(true);
    let mut first = server.begin(Call::new("GET", OAUTH));
    for _ in 0..5 {
        assert_eq!(server.get(OAUTH).status(), 200);
    }
    server.stalled.set(false);
    assert_eq!(first.poll().unwrap().status(), 200);
    assert_eq!(server.fetched.get(), 2);
}

#[test]
fn absence_of_a_copy_is_remembered_for_ten_seconds() {
    let server = overlay(Value::Null);
    for _ in 0..5 {
        assert_eq!(server.get(OAUTH).status(), 503);
    }
    assert_eq!((server.fetched.get(), server.store.operations()), (1, (1, 0)));
    server.store.pass(10_000);
    assert_eq!(server.get(OAUTH).status(), 503);
    assert_eq!((server.fetched.get(), server.store.operations()), (2, (2, 0)));
}

#[test]
fn long_list_of_theirs_is_shortened_and_the_log_says_so() {
    let server = overlay(json!({}));
    let mut theirs = document();
    let long = |count: usize| (0..count).map(|n| format!("scope{n}")).collect::<Vec<_>>();
    theirs["scopes_supported"] = json!(long(150));
    theirs["claims_supported"] = json!(long(150));
    theirs["acr_values_supported"] = json!(long(100));
    publish(&server, &theirs);
    let answer = server.get(OAUTH);
    let published = answer.json();
    assert_eq!(published["scopes_supported"], json!(long(100)));
    assert_eq!(published["acr_values_supported"], theirs["acr_values_supported"]);
    assert_eq!(published["claims_supported"], theirs["claims_supported"], "no client has claims");
    let told = answer.0.event.detail.unwrap();
    assert!(
        told.contains(
            "UPSTREAM_METADATA: scopes_supported has more than 100 entries: only the first"
        ),
        "{told}"
    );
    assert_eq!(told.matches("more than 100").count(), 1, "{told}");
    let scope = |scope: &str| {
        let client = json!({
            "redirect_uris": ["https://a.example/cb"], "scope": scope,
            "token_endpoint_auth_method": "none",
        });
        server.register(&client).created()["scope"].clone()
    };
    assert_eq!(scope("scope99"), "scope99");
    assert_eq!(scope("scope100"), Value::Null, "what is not published cannot be registered");

    let own = overlay(json!({"scopes_supported": ["scope120"]}));
    publish(&own, &theirs);
    let answer = own.get(OAUTH);
    assert_eq!(answer.json()["scopes_supported"], json!(["scope120"]));
    assert!(!answer.0.event.detail.unwrap_or_default().contains("more than 100"));
}
