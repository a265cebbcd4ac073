//! Software statements: which are trusted, what their claims change, and how often one can be used.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use proptest::prelude::*;
use rollcall::client::table::{Kind, MEMBERS};
use rollcall::client::{Rejection, Summary};
use rollcall_support::apis::{id, operator, operator_post};
use rollcall_support::gated::{mint, with};
use rollcall_support::kv::Fault;
use rollcall_support::signing::{jws, key, sign};
use rollcall_support::statements::{
    ISS, KEYS, dry_run, issuer, issuer_key, laid, signed, statement, trusting, with_statement,
    with_vars,
};
use rollcall_support::{Answer, Call, NOW, Server, served, settings};
use serde_json::{Map, Value, json};

fn rule_of(answer: &Answer) -> (String, String) {
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    (error, answer.problems().remove(0).1)
}

/// The code and the rule of the rejection of a registration with `statement`.
fn fault(server: &Server, statement: &str) -> (String, String) {
    let answer = server.register(&with_statement(statement, &json!({})));
    assert_eq!(answer.status(), 400, "{}", answer.json());
    assert_eq!(answer.problems()[0].0, "/software_statement");
    rule_of(&answer)
}

fn invalid(rule: &str) -> (String, String) {
    ("invalid_software_statement".into(), rule.into())
}

fn record_of(server: &Server, client: &Value) -> Value {
    server.send(operator("GET", &format!("/{}", id(client)))).json()
}

fn notes(client: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let notes = client["software_statement_notes"].as_array().cloned().unwrap_or_default();
    notes.iter().map(|note| (text(&note["member"]), text(&note["rule"]))).collect()
}

/// RFC 7591, section 3.1.1: the values of a trusted statement take precedence.
#[test]
fn claims_of_a_trusted_statement_win_over_members() {
    let server = trusting(&json!({}));
    let claims = json!({
        "client_name": "My Bank",
        "client_name#de": "Meine Bank",
        "scope": "openid",
        "logo_uri": "https://a.example/logo.png",
        "redirect_uris": ["https://a.example/cb", "https://a.example/other"],
        "software_roles": ["AISP"],
    });
    let text = statement(&claims);
    let body = with_statement(
        &text,
        &json!({"client_name": "Your Bank", "client_name#fr": "Banque", "scope": "openid email"}),
    );
    let client = server.register(&body).created();
    assert_eq!(client["software_statement"], json!(text), "RFC 7591, section 3.2.1: unmodified");
    assert_eq!(client["client_name"], "My Bank");
    assert_eq!(client["client_name#de"], "Meine Bank");
    assert_eq!(client.get("client_name#fr"), None, "the issuer vouches for its own languages only");
    assert_eq!(client["scope"], "openid");
    assert_eq!(client["redirect_uris"], json!(["https://a.example/cb"]), "a part of its list");
    assert_eq!(client["software_id"], "app");
    for name in ["iss", "exp", "jti", "software_roles"] {
        assert_eq!(client.get(name), None, "{name}");
    }
    let expected = [
        ("/scope", "statement_overrides"),
        ("/client_name", "statement_overrides"),
        ("/logo_uri", "statement_sets"),
        ("/software_id", "statement_sets"),
    ];
    assert_eq!(notes(&client), expected.map(|(at, rule)| (at.into(), rule.into())));

    let record = record_of(&server, &client);
    assert_eq!(record["self_asserted"], false);
    let origin = &record["provenance"]["statement"];
    assert_eq!((&origin["iss"], &origin["software_id"]), (&json!(ISS), &json!("app")));
    assert_eq!(origin["exp"], NOW + 3_600);
    assert_eq!(origin["jti"].as_str().unwrap().len(), 12, "a digest");
    let read = server.read_back(&client).json();
    assert_eq!((&read["client_name"], notes(&read)), (&json!("My Bank"), vec![]));

    let tried = server.send(dry_run(&body));
    assert_eq!((tried.status(), notes(&tried.json())), (200, notes(&client)));
    assert_eq!(server.verified.get(), 2, "one verification for each request");
}

#[test]
fn redirect_uris_beyond_the_statement_are_rejected() {
    let server = trusting(&json!({}));
    let text = statement(&json!({"redirect_uris": ["https://a.example/cb"]}));
    let body = with_statement(
        &text,
        &json!({"redirect_uris": ["https://a.example/cb", "https://evil.example/"]}),
    );
    let answer = server.register(&body);
    assert_eq!(rule_of(&answer), ("invalid_redirect_uri".into(), "statement_redirect_uris".into()));
    let all = server.register(&with_statement(&text, &json!({"redirect_uris": null}))).created();
    assert_eq!(all["redirect_uris"], json!(["https://a.example/cb"]), "none sent: all of them");
    assert_eq!(notes(&all)[0], ("/redirect_uris".into(), "statement_sets".into()));
}

#[test]
fn operator_decides_how_each_member_is_merged() {
    let modes = json!({"redirect_uris": "statement_wins", "scope": "subset", "client_name": "refuse", "contacts": "refuse"});
    let server = trusting(&json!({"conflict": modes}));
    let text = statement(&json!({
        "redirect_uris": ["https://b.example/"], "scope": "openid email", "client_name": "A", "contacts": ["a@a.example", "b@a.example"],
    }));
    let client = server.register(&with_statement(&text, &json!({"scope": "email", "client_name": "A", "contacts": ["b@a.example", "a@a.example"]}))).created();
    assert_eq!(client["redirect_uris"], json!(["https://b.example/"]));
    assert_eq!((&client["scope"], &client["client_name"]), (&json!("email"), &json!("A")));
    for (members, rule) in [
        (json!({"scope": "email profile"}), "statement_subset"),
        (json!({"client_name": "B"}), "statement_conflict"),
        (json!({"contacts": ["a@a.example"]}), "statement_conflict"),
        (json!({"client_name#de": "A"}), "statement_conflict"),
    ] {
        let answer = server.register(&with_statement(&text, &members));
        assert_eq!(rule_of(&answer), ("invalid_client_metadata".into(), rule.into()), "{members}");
    }
}

#[test]
fn claims_are_mapped_and_others_are_ignored_and_reported() {
    let map = json!({"software_redirect_uris": "redirect_uris", "software_client_name": "client_name#en", "org_id": "unit"});
    let vars = json!({"REGISTRATION": {"extension_members": {"unit": "text", "tier": "text"}}});
    let server = with_vars(&json!({"map": map, "claims": ["scope", "tier"]}), &vars);
    let text = statement(&json!({
        "software_redirect_uris": ["https://a.example/cb"],
        "redirect_uris": ["https://evil.example/"],
        "software_client_name": "Bank",
        "org_id": "00158",
        "tier": "gold",
        "scope": "openid",
        "policy_uri": "https://a.example/policy",
    }));
    let body =
        with_statement(&text, &json!({"unit": "mine", "policy_uri": "https://a.example/mine"}));
    let client = server.register(&body).created();
    assert_eq!(client["redirect_uris"], json!(["https://a.example/cb"]));
    assert_eq!((&client["client_name#en"], client.get("software_id")), (&json!("Bank"), None));
    assert_eq!((&client["unit"], &client["tier"]), (&json!("00158"), &json!("gold")));
    assert_eq!(client["policy_uri"], "https://a.example/mine");
    let ignored = |name: &str| (format!("/{name}"), "statement_claim_ignored".to_owned());
    let of_client: BTreeSet<_> =
        notes(&client).into_iter().filter(|(_, rule)| rule.ends_with("ignored")).collect();
    assert_eq!(of_client, ["redirect_uris", "policy_uri", "software_id"].map(ignored).into());
}

/// A choice list is another way to say its single value (OpenID Connect Relying Party Metadata Choices 1.0).
#[test]
fn choices_of_a_request_do_not_replace_what_the_statement_says() {
    let server = trusting(&json!({}));
    let text = statement(&json!({"token_endpoint_auth_method": "client_secret_post"}));
    let choices = json!({"token_endpoint_auth_methods_supported": ["none"]});
    let client = server.register(&with_statement(&text, &choices)).created();
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(client.get("token_endpoint_auth_methods_supported"), None);
    let text = statement(&json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]}));
    let single = json!({"token_endpoint_auth_method": "none"});
    let client = server.register(&with_statement(&text, &single)).created();
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_post");
}

/// Threat 3. Nothing is verified for a statement that is wrong otherwise, and no client is stored.
#[test]
fn statement_that_is_forged_or_of_the_wrong_kind_is_rejected() {
    let server = trusting(&json!({"algs": ["PS256", "ES256"]}));
    let header = |members: Value| laid(json!({"alg": "PS256", "kid": "k1"}), &members);
    let with_header = |members: Value| signed(&header(members), &json!({}));
    let sound = statement(&json!({}));
    let parts: Vec<&str> = sound.split('.').collect();
    // HS256 with the public key as the secret.
    let confused = jws(&header(json!({"alg": "HS256"})), &json!({"iss": ISS}), &issuer_key());
    let repeated = {
        let payload = format!(r#"{{"iss":"{ISS}","iss":"{ISS}"}}"#);
        let text = format!("{}.{}", parts[0], BASE64URL.encode(payload));
        format!("{text}.{}", BASE64URL.encode(sign("PS256", &issuer_key(), &text)))
    };
    for (text, rule) in [
        (with_header(json!({"alg": "none"})), "statement_algorithm"),
        (format!("{}.{}.", BASE64URL.encode(r#"{"alg":"none"}"#), parts[1]), "statement_algorithm"),
        (confused, "statement_algorithm"),
        (with_header(json!({"alg": "RS256"})), "statement_algorithm"),
        (with_header(json!({"crit": ["exp"]})), "statement_header"),
        (with_header(json!({"jwk": issuer_key()})), "statement_header"),
        (with_header(json!({"jku": "https://evil.example/"})), "statement_header"),
        (with_header(json!({"x5u": "https://evil.example/"})), "statement_header"),
        (with_header(json!({"x5c": ["AQ"]})), "statement_header"),
        (with_header(json!({"typ": "at+jwt"})), "statement_type"),
        (with_header(json!({"kid": "k2"})), "statement_key"),
        (with_header(json!({"alg": "ES256"})), "statement_key"),
        (repeated, "statement_syntax"),
        (format!("{sound}="), "statement_syntax"),
        (format!("{}.{}", parts[0], parts[1]), "statement_syntax"),
        ("x".repeat(16 * 1024 + 1), "statement_syntax"),
        (signed(&header(json!({})), &json!({"iss": null})), "statement_no_issuer"),
    ] {
        assert_eq!(fault(&server, &text), invalid(rule), "{text}");
    }
    assert_eq!(server.verified.get(), 0);
    let other_payload = BASE64URL.encode(json!({"iss": ISS, "scope": "admin"}).to_string());
    for text in [
        format!("{}.{}.AQ", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{other_payload}.{}", parts[0], parts[2]),
        jws(&header(json!({})), &json!({"iss": ISS}), &key("PS256", "k1", 8)),
    ] {
        assert_eq!(fault(&server, &text), invalid("statement_signature"), "{text}");
    }
    assert_eq!((server.verified.get(), server.store.operations()), (4, (0, 0)));
    server.crypto_fails.set(true);
    let answer = server.register(&with_statement(&sound, &json!({})));
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".into()));
}

/// RFC 7591, section 2.3: a statement must have an issuer, which the example of the RFC lacks (erratum 7969).
#[test]
fn example_of_the_specification_has_no_issuer_and_is_rejected() {
    let example = "eyJhbGciOiJSUzI1NiJ9.eyJzb2Z0d2FyZV9pZCI6IjROUkIxLTBYWkFCWkk5RTYtNVNNM1IiLCJjbGllbnRfbmFtZSI6IkV4YW1wbGUgU3RhdGVtZW50LWJhc2VkIENsaWVudCIsImNsaWVudF91cmkiOiJodHRwczovL2NsaWVudC5leGFtcGxlLm5ldC8ifQ.GHfL4QNIrQwL18BSRdE595T9jbzqa06R9BT8w409x9oIcKaZo_mt15riEXHazdISUvDIZhtiyNrSHQ8K4TvqWxH6uJgcmoodZdPwmWRIEYbQDLqPNxREtYn05X3AR7ia4FRjQ2ojZjk5fJqJdQ-JcfxyhK-P8BAWBd6I2LLA77IG32xtbhxYfHX7VhuU5ProJO8uvu3Ayv4XRhLZJY4yKfmyjiiKiPNe-Ia4SMy_d_QSWxskU5XIQl5Sa2YRPMbDRXttm2TfnZM1xx70DoYi8g6czz-CPGRi4SW_S2RKHIJfIjoI3zTJ0Y2oe0_EJAiXbL6OyF9S5tKxDXV8JIndSA";
    assert_eq!(fault(&trusting(&json!({})), example), invalid("statement_no_issuer"));
    Server::new().register(&with_statement(example, &json!({}))).created();
}

/// RFC 7519, section 4.1.
#[test]
fn statement_is_for_this_server_and_for_now() {
    let strict = trusting(
        &json!({"audience": "us", "max_age": 600, "required_claims": ["org_id"], "denied_software": ["bad"]}),
    );
    let good = json!({"aud": ["them", "us"], "org_id": 7});
    let claims = |with: Value| statement(&laid(good.clone(), &with));
    strict
        .register(&with_statement(&claims(json!({"nbf": NOW + 60, "iat": NOW - 660})), &json!({})))
        .created();
    strict
        .register(&with_statement(&claims(json!({"aud": "us", "exp": NOW - 59})), &json!({})))
        .created();
    strict
        .register(&with_statement(
            &claims(json!({"iat": f64::from(u32::try_from(NOW).unwrap()) + 0.5})),
            &json!({}),
        ))
        .created();
    for (with, rule) in [
        (json!({"exp": NOW - 60}), "statement_expired"),
        (json!({"exp": "soon"}), "statement_time"),
        (json!({"exp": -1}), "statement_time"),
        (json!({"nbf": NOW + 61}), "statement_too_early"),
        (json!({"iat": NOW + 61}), "statement_too_early"),
        (json!({"iat": NOW - 661}), "statement_too_old"),
        (json!({"iat": null}), "statement_time"),
        (json!({"aud": null}), "statement_audience"),
        (json!({"aud": "them"}), "statement_audience"),
        (json!({"aud": {"us": 1}}), "statement_audience"),
        (json!({"org_id": null}), "statement_claim_required"),
        (json!({"client_id": "mine"}), "statement_assigned"),
        (json!({"registration_access_token": "mine"}), "statement_assigned"),
    ] {
        assert_eq!(fault(&strict, &claims(with.clone())), invalid(rule), "{with}");
    }
    let denied = ("unapproved_software_statement".into(), "statement_denied_software".into());
    assert_eq!(fault(&strict, &claims(json!({"software_id": "bad"}))), denied);

    let usual = trusting(&json!({"typ": "application/ssa+jwt"}));
    for (aud, status) in [
        (json!(null), 201),
        (json!("https://auth.example.com"), 201),
        (json!("https://other.example"), 400),
    ] {
        let body =
            with_statement(&statement(&json!({"aud": aud, "exp": null, "iat": null})), &json!({}));
        assert_eq!(usual.register(&body).status(), status, "{aud}");
    }
    for (typ, status) in [
        ("JWT", 201),
        ("jwt", 201),
        ("SSA+jwt", 201),
        ("application/ssa+jwt", 201),
        ("at+jwt", 400),
        ("", 400),
    ] {
        let text = signed(&json!({"alg": "PS256", "kid": "k1", "typ": typ}), &json!({}));
        assert_eq!(usual.register(&with_statement(&text, &json!({}))).status(), status, "{typ}");
    }
}

#[test]
fn statement_of_another_issuer_has_no_effect_unless_one_is_required() {
    let stranger = statement(&json!({"iss": "https://stranger.example", "client_name": "Bank"}));
    let unsigned = signed(&json!({"alg": "none"}), &json!({"iss": "https://stranger.example"}));
    let server = trusting(&json!({}));
    for text in [&stranger, &unsigned] {
        let client =
            server.register(&with_statement(text, &json!({"client_name": "Mine"}))).created();
        assert_eq!(
            (&client["software_statement"], &client["client_name"]),
            (&json!(text), &json!("Mine"))
        );
        assert_eq!(record_of(&server, &client)["self_asserted"], true);
    }
    let unapproved: (String, String) =
        ("unapproved_software_statement".into(), "statement_untrusted_issuer".into());
    let missing: (String, String) = ("invalid_client_metadata".into(), "statement_required".into());
    let none = json!({"redirect_uris": ["https://a.example/cb"]});
    for (require, of_token) in [("anonymous", 201), ("always", 400)] {
        let statements = json!({"require": require, "issuers": [issuer(&json!({}))]});
        let vars = json!({"SOFTWARE_STATEMENTS": statements, "REGISTRATION": {"mode": "tiered"}});
        let server = Server::configured(settings(&vars));
        assert_eq!(fault(&server, &stranger), unapproved);
        assert_eq!(rule_of(&server.register(&none)), missing);
        server.register(&with_statement(&statement(&json!({})), &json!({}))).created();
        let token = mint(&server, &json!({}));
        assert_eq!(server.send(with(&token, &none)).status(), of_token, "{require}");
    }
}

#[test]
fn malformed_statement_is_rejected_while_the_feature_is_off() {
    let server = Server::new();
    for text in ["a.b.c", "x", "e30.e30", "e30.W10.AQ"] {
        assert_eq!(fault(&server, text), invalid("statement_syntax"), "{text}");
    }
    let client = server.register(&with_statement("e30.e30.AQ", &json!({}))).created();
    assert_eq!(client["software_statement"], "e30.e30.AQ");
}

#[test]
fn trusted_statement_replaces_the_anonymous_policy_and_never_a_token() {
    let vars = json!({
        "REGISTRATION": {"mode": "tiered"},
        "ANONYMOUS_POLICY": {"client_ttl": 600},
        "POLICY": {"max_redirect_uris": 2},
    });
    let server = with_vars(&json!({"policy": {"scopes": ["openid"], "client_ttl": 6_000}}), &vars);
    let body = with_statement(&statement(&json!({})), &json!({"scope": "openid email"}));
    let client = server.register(&body).created();
    assert_eq!(client["client_id_expires_at"], NOW + 6_000);
    assert_eq!(client["scope"], "openid");
    server.store.pass(2_000);
    let updated = server
        .update(&client, &json!({"redirect_uris": ["https://a.example/cb"], "scope": "email"}));
    assert_eq!(updated.json()["scope"], "openid", "the policy holds for updates too");
    let many: Vec<String> = (0..3).map(|n| format!("https://a.example/{n}")).collect();
    let answer =
        server.register(&with_statement(&statement(&json!({})), &json!({"redirect_uris": many})));
    assert_eq!(rule_of(&answer).1, "policy_redirect_uri_count", "POLICY holds for everyone");

    let token = mint(&server, &json!({"policy": {"client_ttl": 60}}));
    let client = server.send(with(&token, &body)).created();
    assert_eq!(
        (&client["client_id_expires_at"], &client["scope"]),
        (&json!(NOW + 2 + 60), &json!("openid"))
    );
    let closed = with_vars(&json!({}), &json!({"REGISTRATION": {"mode": "token"}}));
    assert_eq!(closed.register(&body).refusal(), (401, "invalid_token".into()));
}

/// RFC 7592, section 2.2.
#[test]
fn update_keeps_the_statement_or_brings_one_of_the_same_issuer() {
    let other = laid(issuer(&json!({})), &json!({"iss": "https://other.example"}));
    let statements = json!({"issuers": [issuer(&json!({})), other]});
    let server = Server::configured(settings(&json!({"SOFTWARE_STATEMENTS": statements})));
    let first = statement(&json!({"client_name": "One"}));
    let client = server.register(&with_statement(&first, &json!({}))).created();
    let verified = server.verified.get();
    server.store.pass(4_000_000);

    // It has expired by now: its claims win all the same, and it may be sent again.
    for sent in [Value::Null, json!(first)] {
        let body = with_statement("", &json!({"software_statement": sent, "client_name": "Mine"}));
        let answer = server.update(&client, &body);
        assert_eq!(answer.status(), 200, "{}", answer.json());
        let updated = answer.json();
        assert_eq!(
            (&updated["client_name"], &updated["software_statement"]),
            (&json!("One"), &json!(first))
        );
        assert_eq!(notes(&updated)[0], ("/client_name".into(), "statement_overrides".into()));
        server.store.pass(2_000);
    }
    assert_eq!(server.verified.get(), verified);
    let fresh = json!({"exp": null, "jti": "2"});
    for (claims, rule) in [
        (json!({"iss": "https://other.example"}), "statement_other_issuer"),
        (json!({"iss": "https://stranger.example"}), "statement_other_issuer"),
        (json!({"exp": NOW}), "statement_expired"),
    ] {
        let text = statement(&laid(fresh.clone(), &claims));
        let answer = server.update(&client, &with_statement(&text, &json!({})));
        assert_eq!((answer.status(), rule_of(&answer)), (400, invalid(rule)), "{claims}");
    }
    let second = statement(&laid(fresh, &json!({"client_name": "Two", "software_id": "app2"})));
    let updated = server.update(&client, &with_statement(&second, &json!({}))).json();
    assert_eq!(
        (&updated["client_name"], &updated["software_statement"]),
        (&json!("Two"), &json!(second))
    );
    let origin = record_of(&server, &client)["provenance"]["statement"].clone();
    assert_eq!((&origin["software_id"], origin.get("exp")), (&json!("app2"), None));
}

#[test]
fn update_of_a_self_asserted_client_can_bring_a_statement() {
    let server = trusting(&json!({}));
    let client = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    server.store.pass(2_000);
    let body = with_statement(&statement(&json!({"client_name": "Bank"})), &json!({}));
    assert_eq!(server.update(&client, &body).json()["client_name"], "Bank");
    assert_eq!(record_of(&server, &client)["self_asserted"], false);
}

#[test]
fn client_of_an_issuer_that_is_no_longer_trusted_is_not_updated() {
    let server = trusting(&json!({}));
    let client = server.register(&with_statement(&statement(&json!({})), &json!({}))).created();
    let mut later = Server::configured(settings(&json!({})));
    later.store = server.store;
    let server = later;
    server.store.pass(2_000);
    let answer = server.update(&client, &json!({"redirect_uris": ["https://a.example/cb"]}));
    let unapproved = ("unapproved_software_statement".into(), "statement_untrusted_issuer".into());
    assert_eq!(rule_of(&answer), unapproved);
    assert_eq!((server.read_back(&client).status(), server.delete(&client).status()), (200, 204));
}

#[test]
fn statement_that_can_be_used_once_has_one_client() {
    let server = trusting(&json!({"once": "jti"}));
    let body = with_statement(&statement(&json!({})), &json!({}));
    let replays: Vec<_> = (0..50).map(|_| server.send(dry_run(&body)).status()).collect();
    assert_eq!(replays, [200; 50], "a dry run takes nothing");
    let client = server.register(&body).created();
    for _ in 0..3 {
        let answer = server.register(&body);
        assert_eq!((answer.status(), rule_of(&answer)), (400, invalid("statement_used")));
    }
    server.store.pass(2_000);
    assert_eq!(server.update(&client, &body).status(), 200, "the client itself may send it again");
    assert_eq!(server.delete(&client).status(), 204);
    assert_eq!(rule_of(&server.register(&body)), invalid("statement_used"));
    server.register(&with_statement(&statement(&json!({"jti": "2"})), &json!({}))).created();
    assert_eq!(
        fault(&server, &statement(&json!({"jti": null}))),
        invalid("statement_claim_required")
    );
    assert_eq!(
        fault(&server, &statement(&json!({"jti": "3", "exp": null}))),
        invalid("statement_time")
    );
    let other = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    server.store.pass(2_000);
    let answer = server.update(&other, &body);
    assert_eq!((answer.status(), rule_of(&answer)), (400, invalid("statement_used")));
}

/// A registration that fails in the middle must not burn the statement.
#[test]
fn use_in_doubt_passes_on_if_its_client_is_not_stored() {
    let server = trusting(&json!({"once": "jti"}));
    let body = with_statement(&statement(&json!({})), &json!({}));
    server.store.fail(vec![Fault::Error; 8]);
    assert_eq!(server.register(&body).status(), 503);
    server.store.fail([]);
    let busy = server.register(&body);
    assert_eq!(busy.refusal(), (503, "temporarily_unavailable".into()));
    assert_eq!(busy.header("retry-after"), Some("2"));
    server.store.pass(61_000);
    server.register(&body).created();
    assert_eq!(rule_of(&server.register(&body)), invalid("statement_used"));
}

/// The client is stored, and its use was not settled.
#[test]
fn use_in_doubt_is_made_if_its_client_is_stored_or_was_deleted() {
    for is_deleted in [false, true] {
        let server = trusting(&json!({"once": "jti"}));
        let body = with_statement(&statement(&json!({})), &json!({}));
        let client = server.register(&body).created();
        for book in server.books.borrow_mut().values_mut() {
            for (entry, _) in book.4.values_mut() {
                *entry = entry.replace("\"is_settled\":true", "\"is_settled\":false");
            }
        }
        server.store.pass(100_000);
        if is_deleted {
            assert_eq!(server.delete(&client).status(), 204);
            server.store.pass(100_000);
        }
        assert_eq!(rule_of(&server.register(&body)), invalid("statement_used"));
    }
}

#[test]
fn software_that_can_have_one_client_may_have_another_once_it_is_gone() {
    let server = trusting(&json!({"once": "software_id"}));
    let text = |jti: &str| statement(&json!({"jti": jti, "exp": null}));
    let client = server.register(&with_statement(&text("1"), &json!({}))).created();
    assert_eq!(fault(&server, &text("2")), invalid("statement_used"));
    server.store.pass(100_000);
    assert_eq!(fault(&server, &text("2")), invalid("statement_used"), "the client exists");
    let renewed = server.update(&client, &with_statement(&text("3"), &json!({})));
    assert_eq!(renewed.status(), 200);
    assert_eq!(server.delete(&client).status(), 204);
    server.store.pass(100_000);
    server.register(&with_statement(&text("2"), &json!({}))).created();
    assert_eq!(
        fault(&server, &statement(&json!({"software_id": null}))),
        invalid("statement_claim_required")
    );
}

#[test]
fn idempotent_repeat_sends_the_same_statement_again() {
    let key = format!("1:{}", BASE64URL.encode([7; 32]));
    let server = with_vars(&json!({"once": "jti"}), &json!({"ID_KEY": key}));
    let body = with_statement(&statement(&json!({"client_name": "Bank"})), &json!({}));
    let call = || {
        Call::register(body.to_string())
            .header("idempotency-key", "a key of this client, once".replace(' ', "-").as_str())
    };
    let first = server.send(call()).created();
    let again = server.send(call()).created();
    assert_eq!(first["client_id"], again["client_id"]);
    assert_eq!(again["client_name"], "Bank");
    assert_eq!(
        fault(&server, body["software_statement"].as_str().unwrap()),
        invalid("statement_used")
    );
}

/// A server whose issuer has its keys at a URL, which answers with `keys`.
fn fetching(keys: &[Value]) -> Server {
    let server = trusting(&json!({"jwks": null, "jwks_uri": KEYS}));
    publish(&server, keys);
    server
}

fn publish(server: &Server, keys: &[Value]) {
    server.web.borrow_mut().insert(KEYS.into(), served(json!({"keys": keys}).to_string()));
}

fn with_key(kid: &str) -> Value {
    let text =
        jws(&json!({"alg": "PS256", "kid": kid}), &json!({"iss": ISS}), &key("PS256", kid, 7));
    with_statement(&text, &json!({}))
}

#[test]
fn keys_of_an_issuer_are_fetched_and_stay_fresh_for_five_minutes() {
    let server = fetching(&[issuer_key()]);
    let register = || server.register(&with_key("k1")).status();
    assert_eq!((register(), register(), server.fetched.get()), (201, 201, 1));
    server.store.pass(299_000);
    assert_eq!((register(), server.fetched.get()), (201, 1));
    server.store.pass(2_000);
    assert_eq!((register(), server.fetched.get()), (201, 2));
    // The key is withdrawn.
    publish(&server, &[key("PS256", "k2", 7)]);
    server.store.pass(301_000);
    assert_eq!(rule_of(&server.register(&with_key("k1"))), invalid("statement_key"));
}

#[test]
fn unknown_key_is_looked_for_once_a_minute() {
    let server = fetching(&[issuer_key()]);
    server.register(&with_key("k1")).created();
    publish(&server, &[issuer_key(), key("PS256", "k2", 7)]);
    assert_eq!(rule_of(&server.register(&with_key("k2"))), invalid("statement_key"));
    assert_eq!(server.fetched.get(), 1, "the set is a moment old");
    server.store.pass(61_000);
    server.register(&with_key("k2")).created();
    assert_eq!(server.fetched.get(), 2);
    for _ in 0..10 {
        assert_eq!(rule_of(&server.register(&with_key("made-up"))), invalid("statement_key"));
    }
    assert_eq!(server.fetched.get(), 2);
}

#[test]
fn known_key_works_while_the_keys_cannot_be_fetched() {
    let server = fetching(&[issuer_key()]);
    server.register(&with_key("k1")).created();
    for answer in
        [served("<html>"), rollcall_support::answered(500), served(vec![b' '; 64 * 1024 + 1])]
    {
        server.web.borrow_mut().insert(KEYS.into(), answer);
        server.store.pass(301_000);
        server.register(&with_key("k1")).created();
        let unknown = server.register(&with_key("k2"));
        assert_eq!(unknown.refusal(), (503, "temporarily_unavailable".into()));
        assert_eq!(unknown.header("retry-after"), Some("30"));
    }
    assert_eq!(server.fetched.get(), 4, "one fetch a minute");
    server.store.pass(24 * 60 * 60_000);
    assert_eq!(server.register(&with_key("k1")).status(), 503, "a day is enough");
    let never = fetching(&[]);
    never.web.borrow_mut().clear();
    assert_eq!(never.register(&with_key("k1")).status(), 503);
    assert_eq!((never.register(&with_key("k1")).status(), never.fetched.get()), (503, 1));
}

#[test]
fn operator_finds_and_disables_clients_by_who_has_vouched_for_them() {
    let server = trusting(&json!({}));
    let of =
        |software: &str| with_statement(&statement(&json!({"software_id": software})), &json!({}));
    let long = format!("long-{}", "x".repeat(500));
    let first = server.register(&of("one")).created();
    server.register(&of(&long)).created();
    server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    let found = |query: &str| -> Vec<String> {
        let listed = server.send(operator("GET", &format!("?{query}"))).json();
        let clients = listed["clients"].as_array().unwrap().clone();
        clients.iter().map(|client| client["client_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&format!("statement_issuer={ISS}")).len(), 2);
    assert_eq!(found("software_id=one"), [id(&first)]);
    assert_eq!(found(&format!("statement_issuer={ISS}&software_id={long}")).len(), 1);
    assert_eq!(found("statement_issuer=https://other.example").len(), 0);
    assert_eq!(found("self_asserted=true").len(), 1);
    let all = server.send(operator("GET", "")).json();
    assert_eq!(
        all["clients"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["statement_issuer"] == ISS)
            .count(),
        2
    );
    let deleted = operator_post(
        &server,
        "/delete",
        &json!({"filter": {"software_id": "one"}, "dry_run": true}),
    );
    assert_eq!(deleted.json()["matched"], 1);
}

/// KV takes summaries of 1,024 bytes.
#[test]
fn longest_summary_of_a_client_with_a_statement_fits() {
    let iss = "i".repeat(100);
    let statements = json!({"issuers": [issuer(&json!({"iss": iss, "map": {}}))]});
    let vars = json!({"SOFTWARE_STATEMENTS": statements, "REGISTRATION": {"mode": "tiered", "unused_client_ttl": 600, "record_uses": true}});
    let server = Server::configured(settings(&vars));
    let token = mint(&server, &json!({"label": "\"".repeat(100)}));
    let name = "\"".repeat(300);
    let body = with_statement(&statement(&json!({"iss": iss})), &json!({"client_name": name}));
    let client = server.send(with(&token, &body)).created();
    let listed = server.send(operator("GET", "")).json()["clients"][0].clone();
    let mut summary: Map<String, Value> = listed.as_object().unwrap().clone();
    summary.remove("client_id");
    for name in ["last_used", "disabled_at", "pending_since", "expires_at", "uses_recorded_since"] {
        summary.insert(name.into(), json!(9_999_999_999_u64));
    }
    serde_json::from_value::<Summary>(json!(summary)).unwrap();
    let bytes = json!(summary).to_string().len();
    assert!(bytes <= 1_024, "{bytes} bytes for {}", id(&client));
}

#[test]
fn operator_who_edits_the_statement_vouches_for_the_client() {
    let server = trusting(&json!({}));
    let text = statement(&json!({"client_name": "Bank"}));
    let client = server.register(&with_statement(&text, &json!({}))).created();
    server.store.pass(2_000);
    let edit = |metadata: Value| {
        let call = operator("PATCH", &format!("/{}", id(&client)));
        let call = call.header("content-type", "application/json");
        server.send(call.body(json!({"metadata": metadata}).to_string())).json()
    };
    edit(json!({"client_name": "Edited"}));
    server.store.pass(2_000);
    let body = json!({"redirect_uris": ["https://a.example/cb"], "client_name": "Mine"});
    assert_eq!(server.update(&client, &body).json()["client_name"], "Bank");
    server.store.pass(2_000);
    let edited = edit(json!({"software_statement": null}));
    assert_eq!(edited["client"]["provenance"].get("statement"), None);
    assert_eq!(edited["client"]["self_asserted"], false);
    server.store.pass(2_000);
    assert_eq!(server.update(&client, &body).json()["client_name"], "Mine");
}

#[test]
fn rejection_of_a_statement_is_counted_without_its_content() {
    let server = trusting(&json!({}));
    let answer = server.register(&with_statement(&statement(&json!({"exp": 1})), &json!({})));
    let expected =
        Rejection { member: "software_statement".into(), rule: "statement_expired".into() };
    assert_eq!(answer.0.event.rejections, [expected]);
    assert_eq!(answer.0.event.outcome, "invalid_software_statement");
}

fn mistakes(statements: &Value) -> String {
    let vars = json!({"SOFTWARE_STATEMENTS": statements});
    let found = rollcall::issuer::Config::parse(settings(&vars));
    found.map_or_else(|why| why.to_string(), |_| String::new())
}

#[test]
fn mistakes_in_the_settings_are_named() {
    let of = |with: Value| mistakes(&json!({"issuers": [issuer(&with)]}));
    assert_eq!(of(json!({})), "");
    let weak = json!({"keys": [laid(issuer_key(), &json!({"n": BASE64URL.encode([0xc3; 128])}))]});
    let private = json!({"keys": [laid(issuer_key(), &json!({"d": "AQ"}))]});
    for (with, named) in [
        (json!({"iss": null}), "issuers[0].iss must be the iss"),
        (json!({"iss": 7}), "issuers[0].iss is 7, but must be"),
        (json!({"iss": "a\"b"}), "issuers[0].iss is"),
        (json!({"jwks": null}), "issuers[0].jwks_uri must be an https URL"),
        (json!({"jwks_uri": KEYS}), "issuers[0].jwks_uri is"),
        (json!({"jwks": null, "jwks_uri": "http://a.example/"}), "issuers[0].jwks_uri is"),
        (json!({"jwks": {"keys": []}}), "issuers[0].jwks is"),
        (json!({"jwks": weak}), "issuers[0].jwks is"),
        (json!({"jwks": private}), "issuers[0].jwks is"),
        (json!({"algs": ["EdDSA"]}), "issuers[0].jwks is"),
        (json!({"algs": ["HS256"]}), "issuers[0].algs[0] is \"HS256\", but must be one of RS256"),
        (json!({"algs": ["none"]}), "issuers[0].algs[0] is"),
        (json!({"max_age": 59}), "issuers[0].max_age is 59, but must be whole seconds"),
        (
            json!({"claims": ["client_id"]}),
            "issuers[0].claims[0] is \"client_id\", but must be a client metadata member",
        ),
        (json!({"claims": ["software_statement"]}), "issuers[0].claims[0] is"),
        (json!({"claims": []}), "issuers[0].claims is [], but must be"),
        (json!({"map": {"a": "client_secret"}}), "issuers[0].map.a is"),
        (json!({"map": {"a": "scope", "b": "scope"}}), "issuers[0].map.b is"),
        (json!({"map": []}), "issuers[0].map is []"),
        (json!({"conflict": {"scope": "merge"}}), "issuers[0].conflict.scope is \"merge\""),
        (json!({"conflict": {"nothing": "refuse"}}), "issuers[0].conflict.nothing is"),
        (json!({"once": "twice"}), "issuers[0].once is \"twice\""),
        (json!({"policy": {"scope": 7}}), "issuers[0].policy.scope is not known here"),
        (
            json!({"policy": {"auth_methods": ["tls_client_auth"]}}),
            "issuers[0].policy.auth_methods",
        ),
        (json!({"secret": "s"}), "issuers[0].secret is not known here"),
    ] {
        let found = of(with.clone());
        assert!(found.contains(&format!("SOFTWARE_STATEMENTS.{named}")), "{with}: {found}");
    }
    for (statements, named) in [
        (
            json!({"require": "always"}),
            "SOFTWARE_STATEMENTS.require is \"always\", but must be \"never\" while",
        ),
        (json!({"require": "sometimes"}), "SOFTWARE_STATEMENTS.require is"),
        (json!({"issuers": {}}), "SOFTWARE_STATEMENTS.issuers is {}, but must be a list"),
        (json!({"issuers": [7]}), "SOFTWARE_STATEMENTS.issuers[0] is 7, but must be a table"),
        (json!({"issuers": vec![issuer(&json!({})); 2]}), "SOFTWARE_STATEMENTS.issuers[1].iss is"),
        (json!({"issuers": vec![json!({}); 101]}), "SOFTWARE_STATEMENTS.issuers has 101 entries"),
        (json!({"issuer": []}), "SOFTWARE_STATEMENTS.issuer is not known here"),
    ] {
        let found = mistakes(&statements);
        assert!(found.contains(named), "{statements}: {found}");
    }
}

/// Members that a claim can set in a registration without changing what others need.
fn plain_members() -> Vec<&'static str> {
    let is_text = |kind: Kind| matches!(kind, Kind::DisplayText | Kind::Text | Kind::WebUri);
    MEMBERS.iter().filter(|member| is_text(member.kind)).map(|member| member.name).collect()
}

proptest! {
    #[test]
    fn no_claim_outside_the_allowed_list_reaches_the_record(
        claimed in proptest::collection::btree_set(0..200_usize, 0..12),
        allowed in proptest::collection::btree_set(0..200_usize, 1..6),
        sent in proptest::collection::btree_set(0..200_usize, 0..4),
    ) {
        let names = plain_members();
        let pick = |set: &BTreeSet<usize>| -> BTreeSet<&str> {
            set.iter().map(|at| names[at % names.len()]).collect()
        };
        let (claimed, allowed, sent) = (pick(&claimed), pick(&allowed), pick(&sent));
        let values = |names: &BTreeSet<&str>, word: &str| -> Value {
            let value = |name: &&str| ((*name).to_owned(), json!(format!("https://a.example/{word}")));
            Value::Object(names.iter().map(value).collect())
        };
        let server = trusting(&json!({"claims": allowed}));
        let text = statement(&laid(json!({"software_id": null}), &values(&claimed, "claimed")));
        let client = server.register(&with_statement(&text, &values(&sent, "sent"))).created();
        let stored = record_of(&server, &client)["metadata"].clone();
        for name in &names {
            let word = match (claimed.contains(name) && allowed.contains(name), sent.contains(name)) {
                (true, _) => json!("https://a.example/claimed"),
                (false, true) => json!("https://a.example/sent"),
                (false, false) => Value::Null,
            };
            prop_assert_eq!(&stored[*name], &word, "{}", name);
        }
    }
}
