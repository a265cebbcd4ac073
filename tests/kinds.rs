//! The kind of a client and how it stays: its method in updates, its grants, its scope.

use rollcall_support::registering::{accepted, client, everything, refused};
use rollcall_support::{Call, Server, profiles};
use serde_json::{Value, json};

const METHOD: &str = "token_endpoint_auth_method";

/// The answer to an update of a client that registered with `first`, to `second`.
#[track_caller]
fn updated(server: &Server, first: &Value, second: &Value) -> rollcall_support::Answer {
    let registered = server.register(&client(first)).created();
    server.store.pass(2_000);
    server.update(&registered, &client(second))
}

/// RFC 7592 §2.2.
#[test]
fn auth_method_left_out_of_an_update_is_kept() {
    let server = everything();
    let keys = profiles::keys();
    for (method, members) in [
        ("none", json!({})),
        ("client_secret_post", json!({})),
        ("client_secret_basic", json!({})),
        ("private_key_jwt", json!({"jwks": keys})),
        ("tls_client_auth", json!({"tls_client_auth_san_dns": "a.example"})),
    ] {
        let mut first = members.clone();
        first[METHOD] = method.into();
        for omitted in [None, Some(Value::Null), Some(json!(""))] {
            let mut second = members.clone();
            if let Some(value) = omitted {
                second[METHOD] = value;
            }
            let answer = updated(&server, &first, &second);
            assert_eq!(answer.status(), 200, "{method}: {}", answer.json());
            assert_eq!(answer.json()[METHOD], method, "the answer shows it");
            assert_eq!(answer.json().get("client_secret"), None, "{method}: its secret stays");
        }
    }
    let answer = updated(&server, &json!({METHOD: "none"}), &json!({METHOD: "client_secret_post"}));
    assert!(answer.json()["client_secret"].is_string(), "a method that is sent counts");
}

#[test]
fn kept_method_is_held_to_what_it_needs_and_to_what_is_supported() {
    let server = everything();
    let first = json!({METHOD: "private_key_jwt", "jwks": profiles::keys()});
    let answer = updated(&server, &first, &json!({}));
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.problems(), [("/jwks".to_owned(), "keys_required".to_owned())]);

    // The operator no longer offers it: the client has to say what it wants to be.
    let shipped = Server::new();
    let public = shipped.register(&client(&json!({METHOD: "none"}))).created();
    let narrower = Server::with(json!({
        "authorization_endpoint": "/a", "token_endpoint": "/t",
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }));
    for (key, record) in shipped.store.records() {
        narrower.store.plant(&key, &record);
    }
    let answer = narrower.update(&public, &client(&json!({})));
    assert_eq!(answer.problems(), [(format!("/{METHOD}"), "unsupported".to_owned())]);
    let answer = narrower.update(&public, &client(&json!({METHOD: "client_secret_basic"})));
    assert_eq!(answer.status(), 200);
}

#[test]
fn kept_method_counts_as_left_out_to_policies_and_gives_way_to_choices_without_it() {
    let policy = json!({"forbidden_members": [METHOD]});
    let vars = json!({"POLICY": policy});
    let server = Server::configured(rollcall_support::settings(&vars));
    let registered = server.register(&client(&json!({}))).created();
    server.store.pass(2_000);
    assert_eq!(server.update(&registered, &client(&json!({}))).status(), 200);

    let server = everything();
    let first = json!({METHOD: "client_secret_post"});
    for (choices, method) in [
        (json!(["client_secret_basic", "client_secret_post"]), "client_secret_post"),
        (json!(["client_secret_basic"]), "client_secret_basic"),
    ] {
        let second = json!({"token_endpoint_auth_methods_supported": choices});
        let answer = updated(&server, &first, &second);
        assert_eq!(answer.json()[METHOD], method, "{choices}");
    }
}

/// RFC 6749 §4.4.
#[test]
fn public_client_has_no_client_credentials() {
    let public = |grants: Value| json!({METHOD: "none", "grant_types": grants});
    refused(public(json!(["client_credentials"])), "/grant_types", "public_client_credentials");
    refused(
        public(json!(["client_credentials", "refresh_token"])),
        "/grant_types",
        "refresh_token_alone",
    );
    let narrowed = accepted(public(json!(["authorization_code", "client_credentials"])));
    assert_eq!(narrowed["grant_types"], json!(["authorization_code"]));
    let confidential = accepted(json!({"grant_types": ["client_credentials"]}));
    assert_eq!(confidential["grant_types"], json!(["client_credentials"]));

    let server = everything();
    let grants = json!({"grant_types": ["client_credentials"]});
    let answer = updated(&server, &grants, &public(json!(["client_credentials"])));
    assert_eq!(answer.problems()[0].1, "public_client_credentials");
    let answer = updated(&server, &json!({METHOD: "none"}), &grants);
    assert_eq!(answer.problems()[0].1, "public_client_credentials", "its kept method counts");

    // If the server offers no other grant, the default cannot be used either.
    let machines = Server::with(json!({
        "token_endpoint": "/t", "grant_types_supported": ["client_credentials"],
        "authorization_endpoint": "/a", "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
    }));
    let answer = machines.register(&json!({METHOD: "none"}));
    assert_eq!(answer.problems()[0].1, "public_client_credentials");
}

#[test]
fn refresh_token_is_not_left_alone() {
    let server = Server::new();
    for grants in [json!(["password", "refresh_token"]), json!(["refresh_token"])] {
        let answer = server.register(&client(&json!({"grant_types": grants})));
        assert_eq!(answer.refusal(), (400, "invalid_client_metadata".into()), "{grants}");
        assert_eq!(answer.problems(), [("/grant_types".into(), "refresh_token_alone".into())]);
    }
    accepted(
        json!({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]}),
    );
}

#[test]
fn client_without_scope_gets_the_default_of_a_policy_or_the_issuer_and_no_other() {
    let scope = |vars: &Value, sent: Value| {
        let server = Server::configured(rollcall_support::settings(vars));
        server.register(&client(&json!({"scope": sent}))).created().get("scope").cloned()
    };
    for (vars, kept) in [
        (json!({}), None),
        (json!({"REGISTRATION": {"default_scope": "openid"}}), Some("openid")),
        (json!({"POLICY": {"default_scope": "email"}}), Some("email")),
        (
            json!({"POLICY": {"default_scope": "email"}, "REGISTRATION": {"default_scope": "openid"}}),
            Some("email"),
        ),
        (json!({"POLICY": {"scopes": ["email", "profile"]}}), Some("profile email")),
        (
            json!({"POLICY": {"scopes": ["email", "openid"]}, "REGISTRATION": {"default_scope": "openid"}}),
            Some("openid"),
        ),
    ] {
        for sent in [Value::Null, json!("mcp:tools")] {
            assert_eq!(scope(&vars, sent), kept.map(Value::from), "{vars}");
        }
        let asked = json!("openid offline_access");
        assert!(
            scope(&vars, asked).is_some_and(|kept| kept != "email"),
            "what is supported is kept"
        );
    }
}

#[test]
fn uri_that_the_authorization_server_fetches_is_on_a_public_host() {
    for member in [
        "jwks_uri",
        "signed_jwks_uri",
        "sector_identifier_uri",
        "backchannel_logout_uri",
        "backchannel_client_notification_endpoint",
        "request_uris",
    ] {
        let list = member == "request_uris";
        let value = |uri: &str| if list { json!([uri]) } else { json!(uri) };
        let place = if list { "/0" } else { "" };
        for host in [
            "169.254.169.254",
            "10.0.0.1",
            "0.0.0.0",
            "192.168.1.4",
            "127.0.0.1",
            "[fd00::]",
            "[::1]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:7f00:1::]",
            "localhost",
            "a.localhost",
            "printer.local",
            "metadata.google.internal",
            "intranet",
            "keys.corp",
        ] {
            let uri = format!("https://{host}/x");
            refused(json!({member: value(&uri)}), &format!("/{member}{place}"), "uri_special_use");
        }
        accepted(json!({member: value("https://1.1.1.1/x")}));
        accepted(json!({member: value("https://a.example/x")}));
    }
    // A browser goes there, from where its user is.
    accepted(
        json!({"initiate_login_uri": "https://10.0.0.1/x", "client_uri": "https://printer.local/"}),
    );
    // On a developer's machine everything is local.
    let local =
        json!({"redirect_uris": ["http://localhost/cb"], "jwks_uri": "http://localhost:1/jwks"});
    let config = rollcall::issuer::Settings::default();
    let development = Server::configured(config);
    let call = Call::register(local.to_string()).origin("http://localhost:8787");
    assert_eq!(development.send(call).status(), 201);
}

#[test]
fn key_that_every_javascript_object_has_is_rejected_at_any_depth() {
    for key in ["__proto__", "constructor", "prototype", "toString"] {
        for value in [json!({key: 1}), json!({"a": [{key: {"x": 1}}]})] {
            refused(json!({"vp_formats_supported": value}), "/vp_formats_supported", "object_key");
            let mut keys = profiles::keys();
            keys["keys"][0]["extra"] = value.clone();
            refused(json!({"jwks": keys}), "/jwks", "object_key");
            refused(json!({"jwks": [value]}), "/jwks", "object_key");
            refused(json!({"vp_formats_supported": [value]}), "/vp_formats_supported", "type");
            let ignored = accepted(json!({"unknown": value, key: value}));
            assert!(ignored.get("unknown").is_none() && ignored.get(key).is_none());
        }
    }
}

#[test]
fn strings_that_are_unicode_by_their_specification_hold_letters_of_any_script() {
    for (member, text) in [
        ("tls_client_auth_subject_dn", "CN=api.banco.example,L=São Paulo,C=BR"),
        ("software_id", "カレンダー"),
        ("software_version", "έκδοση 2"),
    ] {
        assert_eq!(accepted(json!({member: text}))[member], text);
    }
    let lists =
        json!({"default_acr_values": ["niveau élevé"], "authorization_details_types": ["決済"]});
    let client = accepted(lists.clone());
    assert_eq!(client["default_acr_values"], lists["default_acr_values"]);
    assert_eq!(client["authorization_details_types"], lists["authorization_details_types"]);
}

#[test]
fn error_text_names_the_cause() {
    let server = Server::new();
    let text = |body: &str| {
        let answer = server.send(Call::register(body));
        assert_eq!(answer.status(), 400, "{body}");
        answer.json()["error_description"].as_str().unwrap().to_owned()
    };
    let underscore = text(r#"{"redirect_uris": ["my_app://cb"]}"#);
    assert!(underscore.contains("has '_' in its scheme"), "{underscore}");
    let number = text(r#"{"redirect_uris": ["https://a.example/"], "ignored": 1e999}"#);
    assert!(number.contains("a number that is out of range (at line 1, column"), "{number}");
    let required = text("{}");
    assert!(required.ends_with("that redirect: authorization_code"), "{required}");
    let name = text(r#"{"redirect_uris": ["urn:ietf:wg:oauth:2.0:oob"]}"#);
    assert!(name.contains("http://127.0.0.1/"), "{name}");
}

#[test]
fn policy_that_allows_a_scheme_which_no_client_can_have_is_rejected() {
    for scheme in ["javascript", "ms-word", "urn"] {
        let vars = json!({"POLICY": {"redirect_schemes": ["https", scheme]}});
        let why = rollcall::issuer::Config::parse(rollcall_support::settings(&vars)).unwrap_err();
        assert!(why.to_string().contains("that can return to a client"), "{why}");
    }
    let vars =
        json!({"POLICY": {"redirect_schemes": ["ms-app"], "denied_redirect_schemes": ["irc"]}});
    Server::configured(rollcall_support::settings(&vars));
}
