//! The operator's API for clients: lists, acts, export and import.

use rollcall_support::apis::{id, import, look_up, operator, operator_post};
use rollcall_support::kv::Fault;
use rollcall_support::{AS_TOKEN, Answer, Call, Server, settings};
use serde_json::{Value, json};

const DAY_MS: u64 = 86_400_000;

fn server() -> Server {
    Server::configured(settings(&json!({"REGISTRATION": {"record_uses": true}})))
}

fn named(server: &Server, name: &str) -> Value {
    let metadata = json!({"redirect_uris": ["https://a.example/cb"], "client_name": name});
    server.register(&metadata).created()
}

fn get(server: &Server, path: &str) -> Answer {
    server.send(operator("GET", path))
}

fn names(listed: &Value) -> Vec<&str> {
    let clients = listed["clients"].as_array().unwrap();
    let mut names: Vec<_> =
        clients.iter().map(|client| client["client_name"].as_str().unwrap_or("-")).collect();
    names.sort_unstable();
    names
}

#[test]
fn page_of_the_list_is_one_list_operation_and_no_read() {
    let server = server();
    for n in 0..25 {
        named(&server, &format!("app {n}"));
    }
    let before = server.store.operations();
    let (mut pages, mut found, mut query) = (0, Vec::new(), String::from("?limit=10"));
    loop {
        let page = get(&server, &query).json();
        pages += 1;
        found.extend(names(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["cursor"].as_str() else { break };
        query = format!("?limit=10&cursor={}", cursor.replace(' ', "+").replace(':', "%3a"));
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!((pages, found.len()), (3, 25));
    assert_eq!((server.store.lists(), server.store.operations()), (3, before));
}

#[test]
fn list_tells_what_an_operator_wants_to_know_of_each_client() {
    let server = server();
    let client = named(&server, "shown");
    server.store.pass(2_000);
    assert_eq!(look_up(&server, &client).status(), 200);
    let used = server.now();
    let listed = get(&server, "").json();
    let expected = json!({
        "client_id": client["client_id"],
        "client_name": "shown",
        "token_endpoint_auth_method": "client_secret_basic",
        "issued_at": client["client_id_issued_at"],
        "last_used": used,
        "uses_recorded_since": client["client_id_issued_at"],
        "self_asserted": true,
    });
    assert_eq!(listed, json!({"clients": [expected]}));
    // A summary fits into the store's metadata, whatever a client calls itself.
    named(&server, &"\"\u{20ac}".repeat(100));
    let key = server.store.records()[0].0.clone();
    server.store.plant(&key, "{}");
    assert_eq!(
        names(&get(&server, "").json()).len(),
        2,
        "one of them was stored without a summary"
    );
}

#[test]
fn filter_chooses_by_name_age_use_standing_and_prefix() {
    let server = server();
    let old = named(&server, "Old one");
    server.store.pass(10 * DAY_MS);
    let used = named(&server, "used");
    let off = named(&server, "off");
    server.store.pass(2_000);
    assert_eq!(look_up(&server, &used).status(), 200);
    assert_eq!(
        operator_post(&server, &format!("/{}/disable", id(&off)), &Value::Null).status(),
        204
    );
    let now = server.now();
    for (query, expected) in [
        (String::new(), vec!["Old one", "off", "used"]),
        ("?name=OLD+O".into(), vec!["Old one"]),
        (format!("?created_before={}", now - 100), vec!["Old one"]),
        (format!("?created_after={}", now - 100), vec!["off", "used"]),
        (format!("?unused_since={}", now - 100), vec!["Old one"]),
        ("?never_used=true".into(), vec!["Old one", "off"]),
        ("?never_used=false".into(), vec!["used"]),
        ("?disabled=true".into(), vec!["off"]),
        ("?disabled=false&self_asserted=true".into(), vec!["Old one", "used"]),
        ("?self_asserted=false".into(), vec![]),
        (format!("?prefix={}", &id(&old)[..9]), vec!["Old one"]),
        ("?prefix=zzz".into(), vec![]),
    ] {
        assert_eq!(names(&get(&server, &query).json()), expected, "{query}");
    }
    for (query, wrong) in [
        ("?limit=0", "limit is 0, but must be a whole number from 1 to 1000"),
        ("?limit=x", "limit is \"x\", but must be"),
        ("?cursor=x", "cursor is \"x\", but must be one that a page has brought"),
        (
            "?unused_since=yesterday",
            "unused_since is \"yesterday\", but must be whole seconds since 1970",
        ),
        ("?disabled=1", "disabled is \"1\", but must be true or false"),
        ("?prefix=%2f", "prefix is \"/\", but must be the beginning of a client_id"),
        ("?colour=red", "colour is not known here; known: limit, cursor, prefix, name"),
        ("?name=%f", "The query is not form-encoded text"),
        ("?name=a&na%6de=b", "name is \"b\", but must be there once only"),
    ] {
        let refused = get(&server, query);
        assert_eq!(refused.refusal_off_browsers(), (400, "invalid_request".into()), "{query}");
        let response = refused.json()["error_description"].clone();
        assert!(response.as_str().unwrap().starts_with(wrong), "{response}");
    }
}

#[test]
fn condition_that_holds_for_every_client_is_rejected() {
    let server = server();
    named(&server, "x");
    let now = server.now();
    let day = 86_400;
    for (condition, refused) in [
        (json!({"created_before": now}), true),
        (json!({"created_before": now + day}), true),
        (json!({"created_before": u64::MAX}), true),
        (json!({"created_before": now - 1}), false),
        (json!({"created_after": 0}), true),
        (json!({"created_after": 1}), true),
        (json!({"created_after": 1_435_708_800}), true),
        (json!({"created_after": 1_435_708_801}), false),
        (json!({"created_after": now}), false),
        (json!({"unused_since": now}), true),
        (json!({"unused_since": u64::MAX}), true),
        (json!({"unused_since": now - day}), false),
        (json!({"unused_since": 0}), false),
        (json!({"name": ""}), true),
        (json!({"name": " \t"}), true),
        (json!({"name": "%"}), false),
        (json!({"prefix": ""}), true),
        (json!({"prefix": "%"}), true),
        (json!({"prefix": "*"}), true),
        (json!({"created_after": -1}), true),
        (json!({"created_after": 1.5}), true),
        (json!({"created_before": 18_446_744_073_709_551_616.0}), true),
        (json!({"name": "x", "created_after": 0}), true),
    ] {
        let body = json!({"filter": condition, "dry_run": true});
        let query: Vec<String> = condition
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                format!(
                    "{name}={}",
                    value.as_str().map_or(value.to_string(), |text| {
                        text.replace('%', "%25").replace(' ', "+").replace('\t', "%09")
                    })
                )
            })
            .collect();
        let query = query.join("&");
        for answer in [
            operator_post(&server, "/delete", &body),
            get(&server, &format!("?{query}")),
            get(&server, &format!("/export?{query}")),
        ] {
            assert_eq!(answer.status(), if refused { 400 } else { 200 }, "{condition}");
        }
    }
    // A pattern is text like any other: it holds for names that contain it.
    assert_eq!(names(&get(&server, "?name=%25").json()), [""; 0]);
    assert_eq!(names(&get(&server, "?name=*").json()), [""; 0]);
}

#[test]
fn everything_here_is_for_the_operator_alone() {
    let server = server();
    let client = named(&server, "x");
    let path = |action: &str| format!("/admin/clients/{}{action}", id(&client));
    for (method, path) in [
        ("GET", "/admin/clients".to_owned()),
        ("GET", path("")),
        ("DELETE", path("")),
        ("POST", path("/disable")),
        ("POST", path("/enable")),
        ("POST", path("/rotate")),
        ("POST", "/admin/clients/delete".into()),
        ("GET", "/admin/clients/export".into()),
        ("POST", "/admin/clients/import".into()),
    ] {
        let before = server.store.operations();
        let refused = server.send(Call::new(method, &path));
        assert_eq!(refused.refusal_off_browsers(), (401, "invalid_token".into()), "{path}");
        let wrong = Call::new(method, &path).header("authorization", &format!("Bearer {AS_TOKEN}"));
        assert_eq!(server.send(wrong).refusal_off_browsers().0, 401);
        assert_eq!(server.store.operations(), before);
        assert_eq!(server.send(Call::new("OPTIONS", &path)).status(), 405, "no page may ask");
        assert_eq!(Server::new().send(Call::new(method, &path)).status(), 404, "off: {path}");
    }
    assert_eq!(server.read_back(&client).status(), 200);
}

#[test]
fn client_is_shown_switched_off_and_on_and_deleted() {
    let server = server();
    let client = named(&server, "x");
    server.store.pass(2_000);
    let path = |action: &str| format!("/{}{action}", id(&client));
    let shown = get(&server, &path("")).json();
    assert_eq!(
        (&shown["status"], &shown["metadata"]["client_name"]),
        (&json!("active"), &json!("x"))
    );
    for _ in 0..2 {
        assert_eq!(operator_post(&server, &path("/disable"), &Value::Null).status(), 204);
    }
    let since = get(&server, &path("")).json()["disabled_at"].clone();
    assert_eq!(since, server.now());
    assert_eq!(
        get(&server, &path("")).json()["metadata"]["client_name"],
        "x",
        "the operator sees it"
    );
    server.store.pass(2_000);
    assert_eq!(operator_post(&server, &path("/enable"), &Value::Null).status(), 204);
    assert_eq!(get(&server, &path("")).json().get("disabled_at"), None);
    assert_eq!(server.send(operator("DELETE", &path(""))).status(), 204);
    assert_eq!(server.read_back(&client).status(), 401);
    for action in ["", "/disable", "/rotate"] {
        let method = if action.is_empty() { "GET" } else { "POST" };
        let body = json!({"credential": "client_secret"}).to_string();
        let gone = server.send(
            operator(method, &path(action)).header("content-type", "application/json").body(body),
        );
        assert_eq!(gone.refusal_off_browsers(), (404, "not_found".into()));
    }
}

#[test]
fn unreadable_record_can_be_deleted() {
    let server = server();
    let client = named(&server, "x");
    let key = server.store.records()[0].0.clone();
    server.store.plant(&key, "not a record");
    assert_eq!(get(&server, &format!("/{}", id(&client))).refusal_off_browsers().0, 500);
    server.store.pass(2_000);
    assert_eq!(server.send(operator("DELETE", &format!("/{}", id(&client)))).status(), 204);
    assert!(server.store.records().iter().all(|(known, _)| *known != key));
}

#[test]
fn new_credential_ends_the_former_one_at_once_or_later() {
    let server = server();
    let authenticate = |client: &Value, secret: &Value| {
        let body = json!({"client_id": client["client_id"], "client_secret": secret}).to_string();
        let call = Call::new("POST", "/as/clients/authenticate")
            .header("content-type", "application/json");
        server.send(call.header("authorization", &format!("Bearer {AS_TOKEN}")).body(body)).status()
    };
    for keep in [false, true] {
        let client = named(&server, "x");
        let rotate = |credential: &str| {
            server.store.pass(2_000);
            let body = json!({"credential": credential, "keep_former": keep});
            let answer = operator_post(&server, &format!("/{}/rotate", id(&client)), &body);
            assert_eq!(answer.status(), 200);
            answer.json()
        };
        let former = if keep { 200 } else { 401 };
        let new = rotate("client_secret");
        assert_eq!(new["client_secret_expires_at"], 0);
        assert_eq!(authenticate(&client, &new["client_secret"]), 200);
        assert_eq!(authenticate(&client, &client["client_secret"]), former);
        let mut renewed = client.clone();
        renewed["registration_access_token"] =
            rotate("registration_access_token")["registration_access_token"].clone();
        assert_eq!(server.read_back(&client).status(), former);
        server.store.pass(2_000);
        assert_eq!(server.read_back(&renewed).status(), 200);
        assert_eq!(server.read_back(&client).status(), 401, "its successor was used");
    }
    let public =
        json!({"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "none"});
    let public = server.register(&public).created();
    server.store.pass(2_000);
    for (body, wrong) in [
        (json!({"credential": "client_secret"}), "This client has no client_secret"),
        (
            json!({"credential": "password"}),
            "credential is \"password\", but must be \"client_secret\" or",
        ),
        (json!({}), "credential must be \"client_secret\" or"),
        (
            json!({"credential": "client_secret", "keep_former": 1}),
            "keep_former is 1, but must be true or false",
        ),
        (
            json!({"credential": "client_secret", "x": 1}),
            "x is not known here; known: credential, keep_former",
        ),
        (json!([]), "The body must be a JSON object"),
    ] {
        let refused = operator_post(&server, &format!("/{}/rotate", id(&public)), &body);
        let response = refused.json()["error_description"].as_str().unwrap().to_owned();
        assert!(refused.status() == 400 && response.starts_with(wrong), "{response}");
    }
}

#[test]
fn many_are_deleted_by_filter_after_a_look_and_never_by_accident() {
    let server = server();
    let (first, spared) = (named(&server, "junk 1"), named(&server, "good"));
    named(&server, "junk 2");
    server.store.pass(2_000);
    let delete = |body: &Value| operator_post(&server, "/delete", body);
    for (body, wrong) in [
        (json!({}), "filter must be an object with at least one condition"),
        (
            json!({"filter": {}, "dry_run": false}),
            "filter is {}, but must be an object with at least",
        ),
        (json!({"filter": {"name": "junk"}}), "dry_run must be true or false"),
        (
            json!({"filter": {"nam": "junk"}, "dry_run": true}),
            "filter.nam is not known here (did you mean name?)",
        ),
        (json!({"a\"\\b": 1}), "a%22%5Cb is not known here"),
        (json!({"filter": "junk", "dry_run": true}), "filter is \"junk\", but must be a table"),
        (json!({"filter": {"name": ""}, "dry_run": true}), "filter.name is \"\", but must be text"),
        (
            json!({"filter": {"prefix": null}, "dry_run": true}),
            "filter.prefix is null, but must be",
        ),
        (
            json!({"filter": {"name": "junk"}, "dry_run": false, "limit": 201}),
            "limit is 201, but must be",
        ),
    ] {
        let refused = delete(&body);
        let response = refused.json()["error_description"].as_str().unwrap().to_owned();
        assert!(refused.status() == 400 && response.starts_with(wrong), "{response}");
    }
    let before = server.store.operations();
    let response = delete(&json!({"filter": {"name": "junk"}, "dry_run": true})).json();
    assert_eq!((&response["matched"], &response["deleted"]), (&json!(2), &json!(0)));
    assert_eq!(server.store.operations(), before, "a look costs no read");
    let response = delete(&json!({"filter": {"name": "junk"}, "dry_run": false})).json();
    assert_eq!((&response["matched"], &response["deleted"]), (&json!(2), &json!(2)));
    let (reads, writes) = server.store.operations();
    assert_eq!((reads - before.0, writes - before.1), (2, 2), "one read and one delete a client");
    assert_eq!(server.read_back(&first).status(), 401);
    assert_eq!(server.read_back(&spared).status(), 200);
}

#[test]
fn bulk_deletion_that_fails_half_way_lists_the_deleted_clients_and_can_be_repeated() {
    let server = server();
    for name in ["junk 1", "junk 2", "junk 3"] {
        named(&server, name);
    }
    server.store.pass(2_000);
    let body = json!({"filter": {"name": "junk"}, "dry_run": false});
    // The list; two operations for the first client; then nothing works.
    let works = std::iter::repeat_n(Fault::None, 3);
    server.store.fail(works.chain(std::iter::repeat_n(Fault::Error, 20)));
    let response = operator_post(&server, "/delete", &body).json();
    assert_eq!(
        (&response["deleted"], &response["incomplete"]),
        (&json!(1), &json!(true)),
        "{response}"
    );
    assert_eq!(
        (response["client_ids"].as_array().unwrap().len(), response.get("cursor")),
        (1, None)
    );
    server.store.fail(std::iter::once(Fault::None).chain(std::iter::repeat_n(Fault::Error, 20)));
    assert_eq!(
        operator_post(&server, "/delete", &body).status(),
        503,
        "what has done nothing fails"
    );
    server.store.fail([]);
    let response = operator_post(&server, "/delete", &body).json();
    assert_eq!((&response["deleted"], response.get("incomplete")), (&json!(2), None), "{response}");
}

#[test]
fn unreadable_record_is_left_out_of_a_bulk_deletion() {
    let server = server();
    let client = named(&server, "junk");
    let (key, record) = server.store.records()[0].clone();
    server.store.spoil(&key, &record.replace("\"v\":3", "\"v\":9"));
    server.store.pass(2_000);
    let response =
        operator_post(&server, "/delete", &json!({"filter": {"name": "junk"}, "dry_run": false}))
            .json();
    assert_eq!(response["deleted"], 0, "a later version of this program may have written it");
    assert_eq!(server.send(operator("DELETE", &format!("/{}", id(&client)))).status(), 204);
}

/// R61.
#[test]
fn client_used_since_the_list_was_made_is_not_deleted() {
    let server = server();
    let client = named(&server, "x");
    server.store.pass(2_000);
    let filter = json!({"filter": {"never_used": true}, "dry_run": false});
    // Between the list and the deletion, the client is used.
    server.store.fail([Fault::None, Fault::Error]);
    let call = operator("POST", "/delete")
        .header("content-type", "application/json")
        .body(filter.to_string());
    let answer = server.send_waiting(call, || {
        assert_eq!(look_up(&server, &client).status(), 200);
    });
    assert_eq!(answer.json()["deleted"], 0);
    assert_eq!(server.read_back(&client).status(), 200);
}

/// R61.
#[test]
fn client_used_later_than_recorded_is_not_deleted_as_unused() {
    let server = server();
    let client = named(&server, "in use");
    server.store.pass(3_600_000);
    assert_eq!(look_up(&server, &client).status(), 200);
    // Of a second use on the same day nothing is written.
    server.store.pass(20 * 3_600_000);
    assert_eq!(look_up(&server, &client).status(), 200);
    let since = server.now() - 10 * 3_600;
    server.store.pass(61_000);
    let body = json!({"filter": {"unused_since": since}, "dry_run": false});
    assert_eq!(operator_post(&server, "/delete", &body).json()["deleted"], 0);
    // A day after the last use it is certain.
    server.store.pass(34 * 3_600_000);
    assert_eq!(
        operator_post(&server, "/delete", &body).json()["deleted"],
        0,
        "it was used since then"
    );
    let body = json!({"filter": {"unused_since": server.now() - 3_600}, "dry_run": false});
    assert_eq!(operator_post(&server, "/delete", &body).json()["deleted"], 1);
}

#[test]
fn export_is_imported_elsewhere_as_it_was_and_again_without_effect() {
    let from = server();
    let clients: Vec<Value> = (0..5).map(|n| named(&from, &format!("app {n}"))).collect();
    let page = get(&from, "/export?limit=3&never_used=true");
    assert_eq!(page.header("content-type"), Some("application/x-ndjson"));
    let next = page.header("link").unwrap().strip_prefix("<?").unwrap().split('>').next().unwrap();
    let mut lines = page.0.body.clone().unwrap();
    assert!(next.ends_with("&limit=3&never_used=true"), "{next}");
    let rest = get(&from, &format!("/export?{next}"));
    assert_eq!(rest.header("link"), None);
    lines += rest.0.body.as_deref().unwrap();
    assert_eq!(lines.lines().count(), 5);

    let to = server();
    let sums = |imported: usize, existing: usize, deleted: usize| json!({"imported": imported, "existing": existing, "deleted": deleted, "expired": 0, "refused": []});
    assert_eq!(import(&to, &lines).json(), sums(5, 0, 0));
    to.store.pass(2_000);
    for client in &clients {
        assert_eq!(to.read_back(client).status(), 200, "with its own token");
    }
    // Repeating an import does not undo later changes or deletions.
    assert_eq!(to.delete(&clients[0]).status(), 204);
    let changed = json!({"redirect_uris": ["https://b.example/cb"], "client_name": "changed"});
    assert_eq!(to.update(&clients[1], &changed).status(), 200);
    assert_eq!(import(&to, &lines).json(), sums(0, 4, 1));
    assert_eq!(to.read_back(&clients[0]).status(), 401);
    assert_eq!(to.read_back(&clients[1]).json()["client_name"], "changed");
    assert_eq!(names(&get(&to, "").json())[3], "changed");
}

#[test]
fn page_whose_clients_are_read_one_by_one_has_at_most_two_hundred() {
    let server = server();
    for n in 0..201 {
        named(&server, &format!("app {n}"));
    }
    for (path, brought) in [("/export?limit=1000", 200), ("/export", 100)] {
        let page = get(&server, path);
        assert_eq!(page.0.body.as_deref().unwrap().lines().count(), brought, "{path}");
        assert!(page.header("link").is_some(), "{path} goes on");
    }
    assert_eq!(get(&server, "?limit=1000").json()["clients"].as_array().unwrap().len(), 201);
}

#[test]
fn import_says_which_lines_it_rejects_and_takes_the_others() {
    let server = server();
    let good = {
        named(&server, "x");
        server.store.records()[0].1.clone()
    };
    let other = |from: &str, to: &str| good.replace(from, to);
    let id =
        serde_json::from_str::<Value>(&good).unwrap()["client_id"].as_str().unwrap().to_owned();
    let lines = [
        "nonsense".to_owned(),
        String::new(),
        other(&id, "short"),
        other("\"v\":3", "\"v\":9"),
        other(&id, "AQEBAQEBAQEBAQEBAQEBAQ")
            .replace("\"changes\":0", "\"changes\":0,\"expires_at\":1"),
        "{\"unreadable\":\"AAAAAAAAAAAAAAAAAAAAAA\"}".into(),
        other(&id, "AgICAgICAgICAgICAgICAg"),
    ];
    let response = import(&server, &lines.join("\r\n")).json();
    let refused: Vec<u64> = response["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["line"].as_u64().unwrap())
        .collect();
    assert_eq!(
        (refused, &response["imported"], &response["expired"]),
        (vec![1, 3, 4, 6], &json!(1), &json!(1))
    );
    assert_eq!(import(&server, &"{}\n".repeat(191)).refusal_off_browsers().0, 400);
    let wrong = operator("POST", "/import").header("content-type", "application/json").body("{}");
    let wrong = server.send(wrong);
    assert_eq!(
        (wrong.refusal_off_browsers().0, wrong.header("accept")),
        (415, Some("application/x-ndjson"))
    );
    let large = operator("POST", "/import")
        .header("content-type", "application/x-ndjson")
        .chunks(vec![vec![b' '; 600_000]; 2]);
    assert_eq!(server.send(large).refusal_off_browsers().0, 413);
    let lines =
        || operator("POST", "/import").header("content-type", "application/x-ndjson").body("");
    assert_eq!(server.send(lines().taking(60_000)).status(), 200);
    assert_eq!(server.send(lines().taking(60_001)).refusal_off_browsers().0, 408);
}

#[test]
fn export_leaves_nothing_out_without_a_word() {
    let server = server();
    let client = named(&server, "x");
    let key = server.store.records()[0].0.clone();
    server.store.plant(&key, "not a record");
    let lines = get(&server, "/export").0.body.clone().unwrap();
    assert_eq!(lines, format!("{{\"unreadable\":\"{}\"}}\n", id(&client)));
}

/// Threat 42.
#[test]
fn change_that_another_location_has_made_is_not_undone() {
    let server = server();
    let client = named(&server, "x");
    server.store.location.set(1);
    assert_eq!(server.read_back(&client).status(), 200);
    server.store.location.set(2);
    server.store.pass(2_000);
    assert_eq!(
        operator_post(&server, &format!("/{}/disable", id(&client)), &Value::Null).status(),
        204
    );
    server.store.location.set(1);
    let update = || server.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]}));
    assert_eq!(update().refusal(), (403, "access_denied".into()), "although KV shows it active");
    server.store.pass(60_000);
    assert_eq!(update().refusal(), (403, "access_denied".into()));
}
