//! An operator's policy: the values that it rejects, narrows and drops, and the abuse cases that it ends.

use rollcall::issuer::{Config, Settings};
use rollcall_support::{Call, ORIGIN, Server, served, settings, shipped_metadata};
use serde_json::{Map, Value, json};

fn under(policy: Value) -> Server {
    Server::configured(Settings {
        issuer: Some(ORIGIN.into()),
        metadata: shipped_metadata(),
        policy,
        ..Settings::default()
    })
}

fn client(members: &Value) -> Value {
    let mut client = json!({"redirect_uris": ["https://a.example/cb"]});
    client.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    client
}

/// A policy, a client it is fine with, one it is not, and the problem it has.
type Case = (Value, Value, Value, &'static str, &'static str);

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    let uris = |list: &[&str]| json!({"redirect_uris": list});
    vec![
        (
            json!({"redirect_hosts": ["a.example"]}),
            uris(&["https://a.example/cb", "http://127.0.0.1/cb", "com.a:/cb"]),
            uris(&["https://b.a.example/cb"]),
            "/redirect_uris/0",
            "policy_redirect_host",
        ),
        (
            json!({"redirect_hosts": ["*.a.example"]}),
            uris(&["https://x.y.A.example/cb"]),
            uris(&["https://a.example/cb"]),
            "/redirect_uris/0",
            "policy_redirect_host",
        ),
        (
            json!({"redirect_hosts": ["*.a.example", "a.example"]}),
            uris(&["https://a.example/cb"]),
            uris(&["https://evila.example/cb"]),
            "/redirect_uris/0",
            "policy_redirect_host",
        ),
        (
            json!({"redirect_hosts": ["a.example"]}),
            uris(&["https://localhost:3000/cb", "http://127.0.0.1/cb", "app:/cb"]),
            uris(&["https://b.example/cb"]),
            "/redirect_uris/0",
            "policy_redirect_host",
        ),
        (
            json!({"denied_redirect_hosts": ["*.a.example"]}),
            uris(&["https://xa.example/cb"]),
            uris(&["https://ok.example/", "https://x.a.example/"]),
            "/redirect_uris/1",
            "policy_redirect_host",
        ),
        (
            json!({"redirect_schemes": ["https", "Cursor"]}),
            uris(&["https://a.example/", "cursor://x/cb"]),
            uris(&["http://localhost/cb"]),
            "/redirect_uris/0",
            "policy_redirect_scheme",
        ),
        (
            json!({"denied_redirect_schemes": ["cursor"]}),
            uris(&["vscode://x/cb"]),
            uris(&["cursor://x/cb"]),
            "/redirect_uris/0",
            "policy_redirect_scheme",
        ),
        (
            json!({"https_redirects": true}),
            uris(&["https://a.example/"]),
            uris(&["http://[::1]/cb"]),
            "/redirect_uris/0",
            "policy_https_redirect",
        ),
        (
            json!({"https_redirects": true}),
            uris(&["https://a.example/"]),
            uris(&["com.a.app:/cb"]),
            "/redirect_uris/0",
            "policy_https_redirect",
        ),
        (
            json!({"max_redirect_uris": 2}),
            uris(&["https://a.example/1", "https://a.example/2"]),
            uris(&["https://a.example/1", "https://a.example/2", "https://a.example/3"]),
            "/redirect_uris",
            "policy_redirect_uri_count",
        ),
        (
            json!({"application_types": ["native"]}),
            uris(&["com.a.app:/cb"]),
            uris(&["https://a.example/"]),
            "/application_type",
            "policy_application_type",
        ),
        (
            json!({"required_members": ["client_name", "contacts"]}),
            client(&json!({"client_name": "A", "contacts": ["x@a.example"]})),
            client(&json!({"client_name": "A"})),
            "/contacts",
            "policy_required_member",
        ),
        (
            json!({"required_members": ["client_name"]}),
            client(&json!({"client_name": "A"})),
            client(&json!({"client_name": ""})),
            "/client_name",
            "policy_required_member",
        ),
        (
            json!({"forbidden_members": ["jwks_uri"]}),
            client(&json!({})),
            client(&json!({"jwks_uri": "https://a.example/k"})),
            "/jwks_uri",
            "policy_forbidden_member",
        ),
        (
            json!({"forbidden_members": ["require_auth_time"]}),
            client(&json!({})),
            client(&json!({"require_auth_time": false})),
            "/require_auth_time",
            "policy_forbidden_member",
        ),
        (
            json!({"https_links": true}),
            client(&json!({"client_uri": "https://a.example"})),
            client(&json!({"tos_uri#de": "http://a.example"})),
            "/tos_uri#de",
            "policy_https_link",
        ),
    ]
}

#[test]
fn every_rule_rejects_what_it_is_for_and_nothing_else() {
    for (policy, good, bad, at, rule) in cases() {
        let server = under(policy.clone());
        let accepted = server.register(&good);
        assert_eq!(accepted.status(), 201, "{policy} {}", accepted.json());
        let refused = server.register(&bad);
        let code = if at.starts_with("/redirect_uris") {
            "invalid_redirect_uri"
        } else {
            "invalid_client_metadata"
        };
        assert_eq!(refused.refusal(), (400, code.into()), "{policy}");
        assert_eq!(refused.problems(), [(at.to_owned(), rule.to_owned())], "{policy}");
        // The same engine for an update.
        let registered = accepted.json();
        server.store.pass(1_000);
        assert_eq!(server.update(&registered, &bad).problems(), refused.problems(), "{policy}");
        assert_eq!(server.update(&registered, &good).status(), 200, "{policy}");
        assert_eq!(Server::new().register(&bad).status(), 201, "without the policy it is fine");
    }
}

#[test]
fn clamps_narrow_as_what_the_server_supports_does() {
    let server = under(json!({
        "auth_methods": ["none", "private_key_jwt"],
        "grant_types": ["authorization_code"],
        "scopes": ["openid", "email"],
        "default_scope": "openid",
    }));
    let plain = server.register(&client(&json!({}))).created();
    assert_eq!(
        (&plain["token_endpoint_auth_method"], &plain["scope"]),
        (&json!("none"), &json!("openid"))
    );
    let asked =
        json!({"grant_types": ["authorization_code", "refresh_token"], "scope": "email profile"});
    let narrowed = server.register(&client(&asked)).created();
    assert_eq!(
        (&narrowed["grant_types"], &narrowed["scope"]),
        (&json!(["authorization_code"]), &json!("email"))
    );
    for members in [
        json!({"token_endpoint_auth_method": "client_secret_basic"}),
        json!({"grant_types": ["client_credentials"]}),
    ] {
        assert_eq!(server.register(&client(&members)).problems()[0].1, "unsupported", "{members}");
    }
}

#[test]
fn response_type_goes_with_the_grant_it_needs() {
    let server = Server::configured(Settings {
        issuer: Some(ORIGIN.into()),
        metadata: rollcall_support::profiles::everything(),
        policy: json!({"grant_types": ["authorization_code"]}),
        ..Settings::default()
    });
    let asked = json!({"response_types": ["code id_token", "id_token", "code"]});
    let narrowed = server.register(&client(&asked)).created();
    assert_eq!(
        (&narrowed["grant_types"], &narrowed["response_types"]),
        (&json!(["authorization_code"]), &json!(["code"]))
    );
}

#[test]
fn client_lives_as_long_as_the_policy_says() {
    let server = under(json!({"client_ttl": 120}));
    let registered = server.register(&client(&json!({}))).created();
    server.store.pass(100_000);
    assert_eq!(server.update(&registered, &client(&json!({}))).status(), 200);
    server.store.pass(19_000);
    assert_eq!(server.read_back(&registered).status(), 200);
    server.store.pass(1_000);
    assert_eq!(server.read_back(&registered).status(), 401);
    server.store.pass(300_000);
    assert_eq!(server.store.records(), [], "the store forgets it");
}

/// Threat 9.
#[test]
fn markup_in_a_name_stays_plain_text() {
    let name = "<b onclick=alert(1)>Ünïcode & Co</b>";
    let registered = Server::new().register(&client(&json!({"client_name": name}))).created();
    assert_eq!(registered["client_name"], name, "kept as the text it is: consumers escape");
    for (name, rule) in [
        ("a\u{0}b".to_owned(), "display_text"),
        ("a\u{1b}[31m".to_owned(), "display_text"),
        ("x".repeat(1025), "length"),
    ] {
        let refused = Server::new().register(&client(&json!({"client_name": name})));
        assert_eq!(refused.problems()[0].1, rule);
    }
}

/// Threat 10.
#[test]
fn reserved_names_are_rejected_in_disguise_and_in_every_language() {
    let server = under(json!({"reserved_names": ["Claude", "ChatGPT"]}));
    for (member, name, rule) in [
        ("client_name", "Claude", "policy_reserved_name"),
        ("client_name", "\u{ff23}laude", "policy_reserved_name"),
        ("client_name", "ChatGPT Desktop", "policy_reserved_name"),
        ("client_name#de", "claude", "policy_reserved_name"),
        ("client_name", "Cl\u{430}ude", "mixed_alphabets"),
    ] {
        let problems = server.register(&client(&json!({member: name}))).problems();
        assert_eq!(problems[0], (format!("/{member}"), rule.to_owned()), "{name}");
    }
    // A name that is Cyrillic as a whole mixes no alphabets.
    let apple = under(json!({"reserved_names": ["Apple"]}));
    let cyrillic = json!({"client_name": "\u{410}\u{440}\u{440}\u{4cf}\u{435}"});
    assert_eq!(
        apple.register(&client(&cyrillic)).problems(),
        [("/client_name".into(), "policy_reserved_name".into())]
    );
    assert_eq!(server.register(&client(&json!({"client_name": "Claudette"}))).status(), 201);
}

#[test]
fn text_of_which_nothing_can_be_seen_is_no_name() {
    for name in
        [" ", "\u{2800}\u{a0}", "\u{3000}", "\u{13441}", "\u{16fe4}", "\u{1d159}", "\u{1f3fb}"]
    {
        let refused = Server::new().register(&client(&json!({"client_name": name})));
        assert_eq!(refused.problems(), [("/client_name".to_owned(), "empty".to_owned())], "{name}");
    }
}

/// Threat 11.
#[test]
fn bidi_zero_width_mixed_alphabets_and_many_marks_are_rejected() {
    for (name, rule) in [
        ("safe\u{202e}live", "display_text"),
        ("Cla\u{200b}ude", "display_text"),
        ("Cla\u{ad}ude", "display_text"),
        ("\u{200e}Claude", "display_text"),
        ("Claude\u{180b}", "display_text"),
        ("Claude\u{fe0f}", "display_text"),
        ("Claude\u{e0061}", "display_text"),
        ("Claude\u{e000}", "display_text"),
        ("C\u{5d5}aude", "mixed_alphabets"),
        ("C\u{7c1}aude", "mixed_alphabets"),
        ("ᑕᒪᗩᑌᗪE", "mixed_alphabets"),
        ("p\u{430}ypal", "mixed_alphabets"),
        ("Z\u{301}\u{301}\u{301}\u{301}", "marks"),
        ("Z\u{735}\u{735}\u{735}\u{735}", "marks"),
    ] {
        let refused = Server::new().register(&client(&json!({"client_name": name})));
        assert_eq!(refused.problems(), [("/client_name".to_owned(), rule.to_owned())], "{name}");
    }
    for name in [
        "Яндекс Браузер",
        "日本語アプリ",
        "Việt Nam",
        "👩‍💻 Dev",
        "Ελληνικά app",
        "אפליקציה (API)\u{200f}",
        "هـ\u{200d}",
        "LINEβ版",
    ] {
        let answer = Server::new().register(&client(&json!({"client_name": name})));
        assert_eq!(answer.status(), 201, "{name}");
    }
}

/// Threat 12.
#[test]
fn hosts_beyond_ascii_are_rejected_and_never_matched() {
    let server = under(json!({"redirect_hosts": ["bank.example"]}));
    for uri in ["https://b\u{430}nk.example/cb", "https://bank\u{ff0e}example/cb"] {
        assert_eq!(
            server.register(&json!({"redirect_uris": [uri]})).problems()[0].1,
            "uri_character"
        );
    }
    let punycode = json!({"redirect_uris": ["https://xn--bnk-6cd.example/cb"]});
    assert_eq!(server.register(&punycode).problems()[0].1, "policy_redirect_host");
}

/// Threat 13.
#[test]
fn logo_is_dropped_or_on_the_clients_own_site() {
    let logo =
        |logo: &str| client(&json!({"client_uri": "https://www.a.example", "logo_uri": logo}));
    let drop = under(json!({"logo": "drop"}));
    let registered = drop.register(&logo("https://evil.example/claude.png")).created();
    assert_eq!(registered.get("logo_uri"), None);
    let same = under(json!({"logo": "same_site"}));
    assert_eq!(same.register(&logo("https://cdn.a.example/l.png")).status(), 201);
    for bad in [
        logo("https://evil.example/l.png"),
        client(&json!({"logo_uri": "https://a.example/l.png"})),
    ] {
        assert_eq!(
            same.register(&bad).problems(),
            [("/logo_uri".into(), "policy_logo_site".into())]
        );
    }
    assert_eq!(same.register(&client(&json!({}))).status(), 201);
}

/// Threat 17.
#[test]
fn policy_can_require_private_use_schemes_in_reverse_domain_form() {
    let server = under(json!({"reverse_dns_schemes": true}));
    let uris = |uri: &str| json!({"redirect_uris": [uri]});
    assert_eq!(server.register(&uris("com.example.app:/cb")).status(), 201);
    let refused = server.register(&uris("cursor://anysphere/cb"));
    assert_eq!(
        refused.problems(),
        [("/redirect_uris/0".into(), "policy_reverse_dns_scheme".into())]
    );
}

/// Threat 16.
#[test]
fn strict_policy_rejects_a_web_client_on_the_local_machine() {
    let server = under(json!({"https_redirects": true}));
    let local = json!({"application_type": "web", "redirect_uris": ["http://localhost:3000/cb"]});
    assert_eq!(server.register(&local).problems()[0].1, "policy_https_redirect");
    assert_eq!(
        Server::new().register(&local).status(),
        201,
        "for the code flow it is fine by default"
    );
}

/// Threat 22.
#[test]
fn page_cannot_register_a_client_with_a_simple_request() {
    let body = client(&json!({})).to_string();
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
    {
        let call = Call::register(body.clone()).header("content-type", media_type);
        assert_eq!(Server::new().send(call).refusal().0, 415, "{media_type}");
    }
    let answer = Server::new().send(Call::register(body).header("cookie", "session=x"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("set-cookie"), None);
}

/// Threat 28.
#[test]
fn client_cannot_assign_itself_a_privilege() {
    let privileges: Map<String, Value> = [
        ("client_id", json!("mine")),
        ("client_secret", json!("mine")),
        ("client_secret_expires_at", json!(9_999_999_999_u64)),
        ("registration_access_token", json!("mine")),
        ("skip_consent", json!(true)),
        ("provenance", json!({"self_asserted": false})),
        ("scope", json!("openid admin")),
        (
            "grant_types",
            json!(["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let server = Server::new();
    let registered = server.register(&client(&Value::Object(privileges))).created();
    assert_eq!(
        (&registered["scope"], &registered["grant_types"]),
        (&json!("openid"), &json!(["authorization_code"]))
    );
    assert_eq!(registered["client_secret_expires_at"], 0);
    assert!(registered.get("skip_consent").is_none() && registered.get("provenance").is_none());
    let record: Value = serde_json::from_str(&server.store.records()[0].1).unwrap();
    assert_eq!(record["provenance"]["self_asserted"], true);
    server.store.pass(1_000);
    let update = client(&json!({"client_secret_expires_at": 1, "scope": "admin"}));
    assert_eq!(server.update(&registered, &update).problems()[0].1, "server_assigned");
}

/// Threat 36.
#[test]
fn response_never_redirects_and_a_trailing_slash_is_ignored() {
    let server = Server::new();
    let body = client(&json!({})).to_string();
    let slash = Call::new("POST", "/reg/").header("content-type", "application/json").body(body);
    assert_eq!(server.send(slash).status(), 201);
    for path in [
        "/reg",
        "/reg/",
        "/register/",
        "//reg",
        "/reg//",
        "/REG",
        "/.well-known/openid-configuration/",
    ] {
        for method in ["GET", "POST", "PUT"] {
            let answer = server.send(Call::new(method, path));
            assert!(!(300..400).contains(&answer.status()), "{method} {path}");
            assert_eq!(answer.header("location"), None, "{method} {path}");
        }
    }
}

/// Policies that nobody can meet are an error at start-up, unless the authorization server's own document makes them so.
#[test]
fn policy_that_leaves_nothing_of_their_document_registers_nobody() {
    const URL: &str = "https://auth.example.com/.well-known/openid-configuration";
    let mut document = shipped_metadata();
    for (member, value) in [
        ("issuer", ORIGIN.to_owned()),
        ("authorization_endpoint", format!("{ORIGIN}/authorize")),
        ("token_endpoint", format!("{ORIGIN}/token")),
        ("jwks_uri", format!("{ORIGIN}/jwks")),
    ] {
        document[member] = value.into();
    }
    let under = |policy| {
        let server = Server::configured(Settings {
            issuer: Some(ORIGIN.into()),
            policy,
            upstream_metadata: URL.into(),
            ..Settings::default()
        });
        server.web.borrow_mut().insert(URL.into(), served(document.to_string()));
        server
    };
    for (policy, at) in [
        (json!({"scopes": ["other"]}), "/scope"),
        (json!({"auth_methods": ["tls_client_auth"]}), "/token_endpoint_auth_method"),
        (json!({"grant_types": ["implicit"]}), "/grant_types"),
    ] {
        let refused = under(policy).register(&client(&json!({})));
        assert_eq!(refused.problems(), [(at.to_owned(), "unsupported".to_owned())]);
    }
}

#[test]
fn redirects_after_a_logout_are_held_to_the_same_policy() {
    let server =
        under(json!({"redirect_hosts": ["a.example"], "denied_redirect_schemes": ["cursor"]}));
    for (uri, rule) in [
        ("https://evil.example/", "policy_redirect_host"),
        ("cursor://x", "policy_redirect_scheme"),
    ] {
        let refused = server
            .register(&client(&json!({"post_logout_redirect_uris": ["https://a.example/", uri]})));
        assert_eq!(refused.problems(), [("/post_logout_redirect_uris/1".into(), rule.into())]);
    }
}

#[test]
fn users_are_sent_to_allowed_hosts_alone_to_log_in_and_to_log_out() {
    let server = under(json!({"redirect_hosts": ["a.example"]}));
    for member in ["initiate_login_uri", "frontchannel_logout_uri"] {
        let at = |uri: &str| client(&json!({member: uri}));
        assert_eq!(server.register(&at("https://a.example/")).status(), 201, "{member}");
        let refused = server.register(&at("https://evil.example/"));
        let problem = (format!("/{member}"), "policy_redirect_host".to_owned());
        assert!(refused.problems().contains(&problem), "{}", refused.json());
    }
}

#[test]
fn required_member_must_have_a_value_and_forbidden_one_is_rejected_in_every_form() {
    for (policy, members, at) in [
        (json!({"required_members": ["jwks"]}), json!({"jwks": {"keys": []}}), "/jwks"),
        (
            json!({"required_members": ["client_name"]}),
            json!({"client_name#zz": "A"}),
            "/client_name",
        ),
        (json!({"required_members": ["client_name"]}), json!({"client_name": " "}), "/client_name"),
        (
            json!({"forbidden_members": ["id_token_signed_response_alg"]}),
            json!({"id_token_signing_alg_values_supported": ["ES256"]}),
            "/id_token_signed_response_alg",
        ),
        (
            json!({"reserved_names": ["Claude"]}),
            json!({"organization_name": "Claude"}),
            "/organization_name",
        ),
    ] {
        let refused = under(policy.clone()).register(&client(&members));
        assert_eq!(refused.problems()[0].0, at, "{policy}");
    }
}

#[test]
fn secret_does_not_outlive_its_client() {
    let server = under(json!({"client_ttl": 120}));
    let registered = server.register(&client(&json!({}))).created();
    assert_eq!(registered["client_secret_expires_at"], server.now() + 120);
}

#[test]
fn host_that_can_never_match_and_a_list_of_nothing_are_no_settings() {
    for policy in [
        json!({"denied_redirect_hosts": ["a.example."]}),
        json!({"denied_redirect_hosts": ["a.example:443"]}),
        json!({"denied_redirect_hosts": ["[2001:DB8:0::1]"]}),
        json!({"denied_redirect_hosts": ["localhost"]}),
        json!({"redirect_hosts": []}),
        json!({"auth_methods": []}),
    ] {
        let settings = Settings { policy: policy.clone(), ..Settings::default() };
        let error = rollcall::issuer::Config::parse(settings).unwrap_err().to_string();
        assert!(error.starts_with("POLICY."), "{error}");
    }
}

/// R12.
#[test]
fn values_that_a_policy_rejects_are_not_advertised() {
    let server = under(
        json!({"auth_methods": ["none"], "grant_types": ["authorization_code"], "scopes": ["openid"]}),
    );
    let document = server.get("/.well-known/oauth-authorization-server").json();
    let free = Server::new().get("/.well-known/oauth-authorization-server").json();
    for (member, left) in [
        ("token_endpoint_auth_methods_supported", json!(["none"])),
        ("grant_types_supported", json!(["authorization_code"])),
        ("scopes_supported", json!(["openid"])),
        ("response_types_supported", json!(["code"])),
    ] {
        assert_eq!(document[member], left, "{member}");
        assert!(free[member].as_array().unwrap().len() >= left.as_array().unwrap().len());
    }
    assert_ne!(free["scopes_supported"], document["scopes_supported"]);
    for method in document["token_endpoint_auth_methods_supported"].as_array().unwrap() {
        let metadata = client(&json!({"token_endpoint_auth_method": method}));
        assert_eq!(server.register(&metadata).status(), 201, "{method}");
    }
}

#[test]
fn list_of_a_policy_with_more_than_100_entries_is_an_error_at_start() {
    let names = |count: usize| (0..count).map(|n| format!("a{n}")).collect::<Vec<_>>();
    for (vars, name) in [
        (json!({"POLICY": {"reserved_names": names(101)}}), "POLICY.reserved_names"),
        (json!({"ANONYMOUS_POLICY": {"scopes": names(101)}}), "ANONYMOUS_POLICY.scopes"),
        (
            json!({"METADATA": {"acr_values_supported": names(101)}}),
            "METADATA.acr_values_supported",
        ),
        (json!({"METADATA": {"jwks": {"keys": names(101)}}}), "METADATA.jwks.keys"),
        (json!({"LIMITS": {"exempt_networks": vec!["192.0.2.1"; 101]}}), "LIMITS.exempt_networks"),
    ] {
        let error = Config::parse(settings(&vars)).unwrap_err().to_string();
        assert_eq!(error, format!("{name} has 101 entries; a list may have 100 at most"));
    }
    assert!(Config::parse(settings(&json!({"POLICY": {"reserved_names": names(100)}}))).is_ok());
    for name in [&*"a".repeat(65), "", " ", "!?", "\u{200d}"] {
        let vars = json!({"POLICY": {"reserved_names": [name]}});
        assert!(Config::parse(settings(&vars)).is_err(), "{name}");
    }
}

#[test]
fn value_of_a_setting_is_shortened_in_its_error() {
    let vars = json!({"POLICY": {"redirect_hosts": ["x".repeat(10_000)]}});
    let error = Config::parse(settings(&vars)).unwrap_err().to_string();
    assert!(error.len() < 400 && error.starts_with("POLICY.redirect_hosts[0] is \"xxx"), "{error}");
}

#[test]
fn answer_and_log_do_not_grow_with_the_mistakes_of_a_caller() {
    // Characters that take twelve bytes each when they are shown.
    let wrong: Vec<String> = (0..60).map(|n| format!("{n}{}", "\u{1f600}".repeat(100))).collect();
    let bells: Vec<String> = (0..60).map(|n| format!("{n}\u{7}")).collect();
    let mut body = json!({"redirect_uris": wrong, "contacts": bells});
    for n in 0..100 {
        body[format!("client_name#x-{n}")] = json!([n]);
    }
    let refused = Server::new().send(Call::register(body.to_string()));
    let answer = refused.json();
    assert_eq!(refused.problems().len(), 50);
    assert_eq!(answer["more_errors"], 60 + 100 + 60 - 50);
    assert!(answer.to_string().len() < 32 * 1024, "{}", answer.to_string().len());
    let detail = refused.0.event.detail.clone().unwrap();
    assert_eq!(detail, "uri_character type display_text");
    // If all problems fit, no others are counted.
    let one = Server::new().register(&json!({"redirect_uris": ["x"]}));
    assert_eq!(one.json().get("more_errors"), None);
}

#[test]
fn names_of_all_languages_together_have_a_limit() {
    let mut body = client(&json!({}));
    for n in 0..5 {
        body[format!("client_name#x-{n}")] = "a".repeat(1000).into();
    }
    assert_eq!(
        Server::new().register(&body).problems(),
        [("/client_name#x-3".to_owned(), "names_length".to_owned())]
    );
}
