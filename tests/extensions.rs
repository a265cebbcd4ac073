//! Extension members: `REGISTRATION.extension_members`.

use rollcall::issuer::Config;
use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, settings};
use serde_json::{Value, json};

fn members() -> Value {
    json!({"x_team": "text", "x_internal": "flag", "x_seats": "number", "x_regions": "texts"})
}

fn server() -> Server {
    Server::configured(settings(&json!({"REGISTRATION": {"extension_members": members()}})))
}

fn client(more: &Value) -> Value {
    let mut metadata = json!({"redirect_uris": ["https://a.example/cb"]});
    metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    metadata
}

fn ask(server: &Server, token: &str, method: &str, path: &str, body: Option<String>) -> Answer {
    let call = Call::new(method, path).header("authorization", &format!("Bearer {token}"));
    let call = match body {
        Some(body) => call.header("content-type", "application/json").body(body),
        None => call,
    };
    server.send(call)
}

#[test]
fn extension_member_is_stored_and_answered_everywhere() {
    let server = server();
    let sent = json!({"x_team": "payments", "x_internal": true, "x_seats": 2.5, "x_regions": ["eu", "us"]});
    let created = server.register(&client(&sent)).created();
    let id = created["client_id"].as_str().unwrap();
    let look_up = ask(&server, AS_TOKEN, "GET", &format!("/as/clients/{id}"), None).json();
    let known = ask(&server, ADMIN_TOKEN, "GET", &format!("/admin/clients/{id}"), None).json();
    let read = server.read_back(&created).json();
    for document in [&created, &read, &look_up["metadata"], &known["metadata"]] {
        for (name, value) in sent.as_object().unwrap() {
            assert_eq!(&document[name], value, "{name}");
        }
    }
    let updated = server.update(&created, &client(&json!({"x_team": "risk"}))).json();
    assert_eq!((&updated["x_team"], updated.get("x_seats")), (&json!("risk"), None));
}

#[test]
fn extension_member_of_another_type_is_rejected_with_its_name() {
    let server = server();
    for (member, value, rule) in [
        ("x_team", json!(1), "type"),
        ("x_team", json!("a\u{7}"), "display_text"),
        ("x_team", json!("a".repeat(513)), "length"),
        ("x_internal", json!("true"), "type"),
        ("x_seats", json!("2"), "type"),
        ("x_seats", json!(9_007_199_254_740_992_u64), "range"),
        ("x_seats", json!(-9_007_199_254_740_992_i64), "range"),
        ("x_regions", json!("eu"), "type"),
        ("x_regions", json!(["eu", ""]), "empty"),
        ("x_regions", json!(vec!["eu"; 101]), "count"),
    ] {
        let refused = server.register(&client(&json!({member: value})));
        let problems = refused.problems();
        assert!(problems[0].0.starts_with(&format!("/{member}")), "{problems:?}");
        assert_eq!(problems[0].1, rule, "{member}: {value}");
    }
    for (member, value) in [
        ("x_seats", json!(-9_007_199_254_740_991_i64)),
        ("x_seats", json!(1e30)),
        ("x_team", json!("a".repeat(512))),
    ] {
        assert_eq!(server.register(&client(&json!({member: value}))).created()[member], value);
    }
}

#[test]
fn unknown_member_is_still_ignored() {
    let sent = client(
        &json!({"x_other": 1, "x_team#en": "a", "X_TEAM": "a", "x_team": null, "x_regions": []}),
    );
    let created = server().register(&sent).created();
    for name in ["x_other", "x_team#en", "X_TEAM", "x_team", "x_regions"] {
        assert_eq!(created.get(name), None, "{name}");
    }
    let without = Server::new().register(&client(&json!({"x_team": 1}))).created();
    assert_eq!(without.get("x_team"), None);
}

#[test]
fn name_or_type_that_cannot_be_is_an_error_at_start_up() {
    let parse = |members: Value| {
        let vars = json!({"REGISTRATION": {"extension_members": members}});
        Config::parse(settings(&vars)).map(drop).map_err(|errors| errors.to_string())
    };
    for name in [
        "client_name",
        "client_secret",
        "X_team",
        "x-team",
        "1_team",
        "__proto__",
        "constructor",
        "",
    ] {
        let error = parse(json!({name: "text"})).unwrap_err();
        assert!(error.contains("REGISTRATION.extension_members is"), "{name}: {error}");
    }
    assert!(parse(json!({"x".repeat(41): "text"})).is_err());
    let error = parse(json!({"x_team": "string"})).unwrap_err();
    assert!(error.contains("REGISTRATION.extension_members is"), "{error}");
    let many = |count: usize| (0..count).map(|n| (format!("x_{n}"), json!("flag"))).collect();
    assert_eq!(parse(Value::Object(many(20))), Ok(()));
    assert!(parse(Value::Object(many(21))).is_err());
    assert_eq!(parse(members()), Ok(()));
}

#[test]
fn clients_are_listed_and_deleted_by_extension_member() {
    let server = server();
    let ids: Vec<String> = [
        json!({"x_team": "payments", "x_internal": true}),
        json!({"x_team": "risk", "x_seats": 2, "x_regions": ["eu", "us"]}),
        json!({}),
    ]
    .iter()
    .map(|more| server.register(&client(more)).created()["client_id"].as_str().unwrap().to_owned())
    .collect();
    server.store.pass(60_000);
    let list = |query: &str| {
        let answer = ask(&server, ADMIN_TOKEN, "GET", &format!("/admin/clients?{query}"), None);
        assert_eq!(answer.status(), 200, "{}", answer.json());
        let clients = answer.json()["clients"].as_array().unwrap().clone();
        clients
            .iter()
            .map(|client| client["client_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("member.x_team=payments", vec![&ids[0]]),
        ("member.x_internal=true", vec![&ids[0]]),
        ("member.x_seats=2", vec![&ids[1]]),
        ("member.x_regions=us", vec![&ids[1]]),
        ("member.x_team=risk&member.x_seats=3", vec![]),
        ("member.x_team=nobody", vec![]),
    ] {
        assert_eq!(list(query).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let wrong = ask(&server, ADMIN_TOKEN, "GET", "/admin/clients?member.x_other=1", None);
    let text = wrong.json()["error_description"].to_string();
    assert!(wrong.status() == 400 && text.contains("REGISTRATION.extension_members"), "{text}");
    let delete = |body: Value| {
        ask(&server, ADMIN_TOKEN, "POST", "/admin/clients/delete", Some(body.to_string())).json()
    };
    let filter = json!({"member.x_seats": 2});
    assert_eq!(delete(json!({"filter": filter, "dry_run": true}))["client_ids"], json!([ids[1]]));
    assert_eq!(delete(json!({"filter": filter, "dry_run": false}))["deleted"], 1);
    assert_eq!(
        delete(json!({"filter": {"member.x_team": []}, "dry_run": true}))["error"],
        "invalid_request"
    );
}

#[test]
fn record_with_extension_members_is_imported_where_they_are_configured() {
    let one = server();
    one.register(&client(&json!({"x_team": "payments", "x_seats": 2.5}))).created();
    one.store.pass(60_000);
    let exported = ask(&one, ADMIN_TOKEN, "GET", "/admin/clients/export", None).0.body.unwrap();
    let import = |server: &Server| {
        let call = Call::new("POST", "/admin/clients/import");
        let call = call.header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
        server
            .send(call.header("content-type", "application/x-ndjson").body(exported.clone()))
            .json()
    };
    assert_eq!(import(&server())["imported"], 1);
    assert_eq!(
        import(&Server::configured(settings(&json!({}))))["refused"][0]["rule"],
        "unknown_member"
    );
}
