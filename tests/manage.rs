//! Updating and deleting a registration (RFC 7592 §2.2, §2.3) through `http::handle`.

use rollcall_support::{Call, Server, path_of};
use serde_json::{Value, json};

fn registered(server: &Server) -> Value {
    let client = json!({"redirect_uris": ["https://a.example/cb"], "client_name": "A",
        "contacts": ["a@a.example"], "grant_types": ["authorization_code", "refresh_token"]});
    server.register(&client).created()
}

/// The body of a 200.
fn updated(answer: &rollcall_support::Answer) -> Value {
    assert_eq!(answer.status(), 200, "{}", answer.json());
    answer.json()
}

/// A write to each key a second: what comes next comes later.
fn later(server: &Server) {
    server.store.pass(1_000);
}

/// RFC 7592 §2.2.
#[test]
fn update_replaces_everything_and_defaults_apply_again() {
    let server = Server::new();
    let client = registered(&server);
    later(&server);
    let answer = server
        .update(&client, &json!({"redirect_uris": ["https://b.example/cb"], "scope": "openid"}));
    let after = updated(&answer);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut expected = server
        .register(&json!({"redirect_uris": ["https://b.example/cb"], "scope": "openid"}))
        .created();
    for same in
        ["client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri"]
    {
        expected[same] = client[same].clone();
    }
    expected.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(after, expected, "as if registered so, but for the credentials");
    assert_eq!(updated(&server.read_back(&client)), after);
}

#[test]
fn update_costs_a_read_a_write_and_two_requests_to_the_ledger_and_a_deletion_one_of_each() {
    let server = Server::new();
    let client = registered(&server);
    later(&server);
    let before = server.store.operations();
    updated(&server.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]})));
    assert_eq!(server.store.operations(), (before.0 + 1, before.1 + 1));
    assert_eq!(server.ledger_requests.get(), 2);
    later(&server);
    assert_eq!(server.delete(&client).status(), 204);
    assert_eq!(server.store.operations(), (before.0 + 2, before.1 + 2));
    assert_eq!(server.ledger_requests.get(), 3);
}

/// RFC 7592 §2.2.
#[test]
fn assigned_members_of_an_update_must_match_and_a_rejected_update_changes_nothing() {
    let server = Server::new();
    let client = registered(&server);
    let before = server.store.records();
    let uris = json!(["https://b.example/cb"]);
    for (members, problems) in [
        (json!({"client_id": null}), vec![("/client_id", "client_id")]),
        (json!({"client_id": ""}), vec![("/client_id", "client_id")]),
        (json!({"client_id": 7}), vec![("/client_id", "client_id")]),
        (json!({"client_id": "AAAAAAAAAAAAAAAAAAAAAQ"}), vec![("/client_id", "client_id")]),
        (json!({"client_secret": "guessed-s3cret"}), vec![("/client_secret", "client_secret")]),
        (json!({"client_secret": 7}), vec![("/client_secret", "client_secret")]),
        (json!({"client_id_issued_at": 1}), vec![("/client_id_issued_at", "server_assigned")]),
        (
            json!({"client_secret_expires_at": 0}),
            vec![("/client_secret_expires_at", "server_assigned")],
        ),
        (
            json!({"registration_access_token": client["registration_access_token"]}),
            vec![("/registration_access_token", "server_assigned")],
        ),
        (
            json!({"registration_client_uri": client["registration_client_uri"]}),
            vec![("/registration_client_uri", "server_assigned")],
        ),
        (
            json!({"client_id": "x", "client_id_issued_at": 1, "client_uri": "ftp://a.example"}),
            vec![
                ("/client_id", "client_id"),
                ("/client_id_issued_at", "server_assigned"),
                ("/client_uri", "uri_scheme"),
            ],
        ),
        (
            json!({"token_endpoint_auth_method": "other"}),
            vec![("/token_endpoint_auth_method", "unsupported")],
        ),
    ] {
        let mut body = members.clone();
        body["redirect_uris"] = uris.clone();
        let answer = server.update(&client, &body);
        assert_eq!(answer.refusal(), (400, "invalid_client_metadata".into()), "{members}");
        let found = answer.problems();
        let found: Vec<(&str, &str)> = found.iter().map(|(at, rule)| (&**at, &**rule)).collect();
        assert_eq!(found, problems, "{members}");
        assert!(!answer.json().to_string().contains("s3cret"), "a credential is shown");
        assert_eq!(server.store.records(), before, "{members}");
    }
    for call in [
        Call::update(&client, &json!({})),
        Call::update(&client, &json!({"redirect_uris": ["/x"]})),
    ] {
        assert_eq!(server.send(call).refusal(), (400, "invalid_redirect_uri".into()));
    }
    let text = Call::update(&client, &json!({})).header("content-type", "text/plain");
    assert_eq!(server.send(text).status(), 415);
    let large = Call::update(&client, &json!({"x": "y".repeat(70_000)}));
    assert_eq!(server.send(large).status(), 413);
    assert_eq!(server.store.records(), before);
}

/// RFC 7592 §2.2.
#[test]
fn members_that_match_or_are_null_are_fine() {
    let server = Server::new();
    let client = registered(&server);
    for members in [
        json!({"client_secret": client["client_secret"]}),
        json!({"client_secret": null, "client_id_issued_at": null, "registration_access_token": ""}),
    ] {
        later(&server);
        let mut body = members;
        body["redirect_uris"] = json!(["https://b.example/cb"]);
        let after = updated(&server.update(&client, &body));
        assert_eq!(after.get("client_secret"), None, "nothing new was issued");
        assert_eq!(after["client_secret_expires_at"], 0);
    }
}

#[test]
fn client_may_send_back_what_it_has_read_without_the_four() {
    let server = Server::new();
    let client = registered(&server);
    later(&server);
    let mut body = updated(&server.read_back(&client));
    let read = body.clone();
    for member in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ] {
        body.as_object_mut().unwrap().remove(member);
    }
    assert_eq!(updated(&server.update(&client, &body)), read);
}

#[test]
fn changing_to_none_drops_the_secret_and_changing_back_issues_one_once() {
    let server = Server::new();
    let client = registered(&server);
    let method = |method: &str| {
        later(&server);
        let body = json!({"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": method});
        updated(&server.update(&client, &body))
    };
    let public = method("none");
    assert_eq!((public.get("client_secret"), public.get("client_secret_expires_at")), (None, None));
    let stored = server.store.records()[0].1.clone();
    assert!(stored.contains("\"secrets\":[]"), "{stored}");

    let again = method("client_secret_post");
    assert_eq!(again["client_secret"].as_str().unwrap().len(), 86);
    assert_ne!(again["client_secret"], client["client_secret"]);
    assert_eq!(again["client_secret_expires_at"], 0);
    assert_eq!(method("client_secret_basic").get("client_secret"), None, "once");
    let old = json!({"redirect_uris": ["https://a.example/cb"], "client_secret": client["client_secret"]});
    assert_eq!(
        server.update(&client, &old).problems()[0].1,
        "client_secret",
        "the first one is dead"
    );
}

/// RFC 7592 §2.3.
#[test]
fn deleted_client_its_token_and_its_secret_stop_working_at_once() {
    let server = Server::new();
    let (client, other) = (registered(&server), registered(&server));
    later(&server);
    let answer = server.delete(&client);
    assert_eq!((answer.status(), &answer.0.body), (204, &None));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), None);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.0.event.client_id.as_deref(), client["client_id"].as_str());
    for method in ["GET", "HEAD", "DELETE"] {
        assert_eq!(server.send(Call::of(method, &client)).status(), 401, "{method}");
    }
    assert_eq!(server.update(&client, &json!({})).status(), 401);
    assert_eq!(server.read_back(&other).status(), 200);

    let keys: Vec<String> = server.store.records().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), 1, "KV keeps nothing of it: {keys:?}");
}

/// Threat 30.
#[test]
fn rejected_request_does_not_say_whether_token_or_client_is_wrong() {
    let server = Server::new();
    let (mine, other, deleted) = (registered(&server), registered(&server), registered(&server));
    later(&server);
    assert_eq!(server.delete(&deleted).status(), 204);
    let bearer = |client: &Value| {
        format!("Bearer {}", client["registration_access_token"].as_str().unwrap())
    };
    let cases = [
        ("malformed", path_of(&mine), "Bearer  a b ".to_owned()),
        ("malformed", path_of(&mine), "Bearer".to_owned()),
        ("malformed", path_of(&mine), "bearer   ".to_owned()),
        ("malformed", path_of(&mine), format!("{}=", bearer(&mine))),
        ("malformed", path_of(&mine), format!("Bearer {}", "=".repeat(43))),
        ("wrong", path_of(&mine), format!("Bearer {}", "A".repeat(42) + "Q")),
        ("another client's", path_of(&mine), bearer(&other)),
        ("unknown client", "/reg/AAAAAAAAAAAAAAAAAAAAAQ", bearer(&mine)),
        ("no client id", "/reg/x", bearer(&mine)),
        ("no client id", "/reg/%2e%2e%2e", bearer(&mine)),
        ("deleted client", path_of(&deleted), bearer(&deleted)),
    ];
    let mut answers = Vec::new();
    for method in ["GET", "PUT", "DELETE"] {
        for (name, path, authorization) in &cases {
            let before = server.store.operations();
            let call = Call::new(method, path)
                .header("authorization", authorization)
                .header("content-type", "application/json")
                .body("{}");
            let answer = server.send(call);
            assert_eq!(answer.refusal(), (401, "invalid_token".into()), "{method}, {name}");
            let challenge = "Bearer realm=\"registration\", error=\"invalid_token\"";
            assert_eq!(answer.header("www-authenticate"), Some(challenge));
            let after = server.store.operations();
            let reads = u64::from(!["no client id", "malformed"].contains(name));
            assert_eq!(
                after,
                (before.0 + reads, before.1),
                "{method}, {name}: the work is the same"
            );
            let headers: Vec<_> = answer.0.headers().map(|(n, v)| (n, v.to_owned())).collect();
            answers.push((headers, answer.0.body.clone()));
        }
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "status, headers and body are the same"
    );
}

/// RFC 6750 §3.
#[test]
fn management_without_a_token_gets_a_challenge_without_error() {
    let server = Server::new();
    let client = registered(&server);
    let token = client["registration_access_token"].as_str().unwrap();
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let form = Call::new(method, path_of(&client))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("access_token={token}"));
        let json = Call::new(method, path_of(&client))
            .header("content-type", "application/json")
            .header("cookie", &format!("registration_access_token={token}"))
            .body(json!({"registration_access_token": token}).to_string());
        let basic = Call::new(method, path_of(&client)).header("authorization", "Basic eDp5");
        for call in [Call::new(method, path_of(&client)), form, json, basic] {
            let answer = server.send(call);
            assert_eq!(answer.refusal().0, 401, "{method}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"registration\""));
        }
    }
    assert_eq!(server.store.operations(), (0, 1), "nothing is read for a caller without a token");
}

/// RFC 9110 §13.1.1.
#[test]
fn if_match_keeps_an_update_from_overwriting_another() {
    let server = Server::new();
    let created = server.register(&json!({"redirect_uris": ["https://a.example/cb"]}));
    let first = created.header("etag").unwrap().to_owned();
    let client = created.created();
    let read = server.read_back(&client);
    assert_eq!(read.header("etag"), Some(&*first), "reading changes nothing");
    later(&server);

    let body = json!({"redirect_uris": ["https://b.example/cb"]});
    let conditional = |tag: &str| server.send(Call::update(&client, &body).header("if-match", tag));
    for stale in ["\"other\"", "", "nonsense", "W/\"other\""] {
        let before = server.store.records();
        assert_eq!(conditional(stale).refusal(), (412, "invalid_request".into()), "{stale}");
        assert_eq!(server.store.records(), before);
    }
    let second = conditional(&format!("W/{first}"));
    assert_eq!(second.status(), 200, "a proxy that compresses has weakened it");
    let second = second.header("etag").unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(conditional(&first).status(), 412);
    later(&server);
    assert_eq!(conditional(&format!("\"x\", {second}")).status(), 200);
    later(&server);
    assert_eq!(conditional("*").status(), 200);

    let invalid = Call::update(&client, &json!({})).header("if-match", &first);
    assert_eq!(server.send(invalid).status(), 400, "RFC 9110 13.2.1: other errors go first");
    let delete = |tag: &str| server.send(Call::of("DELETE", &client).header("if-match", tag));
    assert_eq!(delete(&first).status(), 412);
    let current = server.read_back(&client).header("etag").unwrap().to_owned();
    later(&server);
    assert_eq!(delete(&current).status(), 204);
}

/// RFC 9110 §13.1.2.
#[test]
fn if_none_match_of_the_current_state_is_304_for_a_read_and_412_for_an_update() {
    for rotation in ["never", "always"] {
        let server =
            Server::with_registration(json!({"registration_access_token_rotation": rotation}));
        let created = server.register(&json!({"redirect_uris": ["https://a.example/cb"]}));
        let tag = created.header("etag").unwrap().to_owned();
        let client = created.created();
        later(&server);
        let before = server.store.records();
        let with = |method: &str, name: &str, value: &str| {
            let call = if method == "PUT" {
                Call::update(&client, &json!({"redirect_uris": ["https://b.example/cb"]}))
            } else {
                Call::of(method, &client)
            };
            server.send(call.header(name, value))
        };
        for method in ["PUT", "DELETE"] {
            for value in ["*", &tag] {
                assert_eq!(
                    with(method, "if-none-match", value).refusal().0,
                    412,
                    "{method} {value}"
                );
            }
        }
        for method in ["GET", "HEAD"] {
            assert_eq!(with(method, "if-match", "\"other\"").status(), 412, "{method}");
        }
        assert_eq!(server.store.records(), before);
        if rotation == "always" {
            // A 304 has no room for the new token.
            assert_eq!(with("GET", "if-none-match", &tag).status(), 200);
            continue;
        }
        for method in ["GET", "HEAD"] {
            let same = with(method, "if-none-match", &tag);
            assert_eq!((same.status(), &same.0.body), (304, &None), "{method}");
            assert_eq!(
                (same.header("etag"), same.header("cache-control")),
                (Some(&*tag), Some("no-store"))
            );
        }
        assert_eq!(server.store.records(), before);
        assert_eq!(with("GET", "if-none-match", "\"other\"").status(), 200);
    }
}

/// RFC 9110 §15.3.2.
#[test]
fn location_of_a_201_is_the_registration_client_uri() {
    let server = Server::new();
    let answer = server.register(&json!({"redirect_uris": ["https://a.example/cb"]}));
    let location = answer.header("location").unwrap();
    assert_eq!(answer.json()["registration_client_uri"], location);
    assert_eq!(server.read_back(&answer.json()).header("location"), None);
}

#[test]
fn update_is_dated() {
    let server = Server::new();
    let client = registered(&server);
    let stored = || -> Value { serde_json::from_str(&server.store.records()[0].1).unwrap() };
    assert_eq!((&stored()["issued_at"], stored().get("updated_at")), (&json!(server.now()), None));
    let issued_at = server.now();
    server.store.pass(60_000);
    updated(&server.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]})));
    let record = stored();
    assert_eq!(
        (&record["issued_at"], &record["updated_at"]),
        (&json!(issued_at), &json!(issued_at + 60))
    );
}

#[test]
fn without_if_match_the_last_update_wins_whole() {
    let server = Server::new();
    let client = registered(&server);
    for location in [1, 2] {
        server.store.location.set(location);
        server.read_back(&client);
    }
    let body = |name: &str| json!({"redirect_uris": [format!("https://{name}.example/cb")], "client_name": name});
    for (location, name) in [(1, "one"), (2, "two")] {
        server.store.location.set(location);
        later(&server);
        // Location 2 does not see yet what location 1 has done, and must not undo it: it replaces it, whole.
        updated(&server.update(&client, &body(name)));
    }
    server.store.location.set(3);
    let last = updated(&server.read_back(&client));
    assert_eq!(
        (&last["client_name"], &last["redirect_uris"][0]),
        (&json!("two"), &json!("https://two.example/cb"))
    );
    assert_eq!(last.get("contacts"), None);
}
