//! Unused clients expire; those in use never do.

use rollcall::client::UseRecording;
use rollcall::issuer::Config;
use rollcall_support::apis::{look_up, operator, operator_post, registered};
use rollcall_support::kv::Fault;
use rollcall_support::{ADMIN_TOKEN, Call, Server, settings};
use serde_json::{Value, json};

const HOUR_MS: u64 = 3_600_000;
const DAY: u64 = 86_400;

fn server(registration: &Value, policy: &Value) -> Server {
    Server::configured(settings(&json!({"REGISTRATION": registration, "POLICY": policy})))
}

/// Deploys other settings of the registrar, as an operator does.
fn deploy(server: &mut Server, registration: &Value) {
    server.config = Config::parse(settings(&json!({"REGISTRATION": registration}))).unwrap();
    server.store.pass(2_000);
}

/// The number of clients in a list with these conditions.
fn listed(server: &Server, query: &str) -> usize {
    let page = server.send(operator("GET", &format!("?{query}"))).json();
    page["clients"].as_array().unwrap_or_else(|| panic!("{page}")).len()
}

fn unused_for(server: &Server, seconds: u64) -> String {
    format!("unused_since={}", server.now() - seconds)
}

fn writes(server: &Server) -> u64 {
    server.store.operations().1
}

#[test]
fn by_default_no_client_ever_ends() {
    let server = server(&json!({}), &json!({}));
    let client = registered(&server);
    assert_eq!(client.get("client_id_expires_at"), None);
    server.store.pass(20 * 365 * 24 * HOUR_MS);
    assert_eq!(server.read_back(&client).status(), 200);
}

/// R60.
#[test]
fn unused_client_expires_when_its_ttl_is_over() {
    let server = server(&json!({"unused_client_ttl": 7 * DAY}), &json!({}));
    let begun = server.now();
    let client = registered(&server);
    assert_eq!(client["client_id_expires_at"], begun + 7 * DAY);
    assert_eq!(server.read_back(&client).json()["client_id_expires_at"], begun + 7 * DAY);
    server.store.pass(7 * 24 * HOUR_MS - 3_000);
    assert_eq!(server.read_back(&client).status(), 200);
    server.store.pass(1_000);
    assert_eq!(server.read_back(&client).status(), 401);
    assert_eq!(look_up(&server, &client).status(), 404);
    assert_eq!(server.store.records(), [], "the store has forgotten it");
}

/// R61.
#[test]
fn client_in_use_never_expires_and_costs_a_write_a_day() {
    let server = server(&json!({"unused_client_ttl": DAY, "idle_client_ttl": DAY}), &json!({}));
    let client = registered(&server);
    let before = writes(&server);
    for _ in 0..40 * 12 {
        server.store.pass(2 * HOUR_MS);
        assert_eq!(look_up(&server, &client).status(), 200);
    }
    let days = writes(&server) - before;
    assert!((39..=41).contains(&days), "{days} writes in 40 days");
    let end = server.read_back(&client).json()["client_id_expires_at"].as_u64().unwrap();
    let left = end - server.now();
    assert!((DAY..=2 * DAY).contains(&left), "not before it has been idle for a day: {left}");
    server.store.pass(left * 1000 - 1_000);
    assert_eq!(server.read_back(&client).status(), 200, "the date is honest");
    server.store.pass(1_000);
    assert_eq!(server.read_back(&client).status(), 401, "in both directions");
}

#[test]
fn use_is_noted_once_however_many_ask_one_after_another() {
    let server = server(&json!({"record_uses": true}), &json!({}));
    let client = registered(&server);
    let tag = server.read_back(&client).header("etag").unwrap().to_owned();
    let before = writes(&server);
    for _ in 0..50 {
        assert_eq!(look_up(&server, &client).status(), 200);
    }
    assert_eq!(writes(&server), before + 1);
    server.store.pass(2_000);
    let read = server.read_back(&client);
    assert_eq!((read.status(), read.header("etag")), (200, Some(&*tag)), "nothing else changes");
}

#[test]
fn update_is_a_sign_of_life_and_a_hard_end_is_not_moved_by_anything() {
    let server = server(&json!({"unused_client_ttl": DAY}), &json!({"client_ttl": 3 * DAY}));
    let client = registered(&server);
    for _ in 0..4 {
        server.store.pass(16 * HOUR_MS);
        let updated = server.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]}));
        assert_eq!(updated.status(), 200);
        let response = updated.json()["client_id_expires_at"].as_u64().unwrap();
        assert!(response <= client["client_id_issued_at"].as_u64().unwrap() + 3 * DAY);
    }
    look_up(&server, &client);
    server.store.pass(9 * HOUR_MS);
    assert_eq!(server.read_back(&client).status(), 401);
}

#[test]
fn use_that_cannot_be_noted_is_answered_all_the_same_and_noted_later() {
    let server =
        server(&json!({"unused_client_ttl": DAY, "idle_client_ttl": 30 * DAY}), &json!({}));
    let client = registered(&server);
    let ok = Fault::None;
    server.store.fail([ok, ok, Fault::Error, Fault::Error]);
    assert_eq!(look_up(&server, &client).status(), 200);
    let response = server.unrecorded_use.borrow().clone().unwrap();
    assert!(response.contains("was not recorded: the store failed"), "{response}");
    server.store.pass(HOUR_MS);
    assert_eq!(look_up(&server, &client).status(), 200);
    server.store.pass(25 * HOUR_MS);
    assert_eq!(server.read_back(&client).status(), 200);
}

/// Threat 42.
#[test]
fn recorded_use_undoes_no_change_and_revives_no_client() {
    for deletes in [false, true] {
        let server = server(&json!({"record_uses": true}), &json!({}));
        let client = registered(&server);
        server.store.location.set(1);
        look_up(&server, &client);
        server.store.pass(25 * HOUR_MS);
        // This location reads, and a moment later another changes what was read.
        assert_eq!(server.read_back(&client).status(), 200);
        server.store.location.set(2);
        if deletes {
            assert_eq!(server.delete(&client).status(), 204);
        } else {
            let changed = json!({"redirect_uris": ["https://b.example/cb"], "token_endpoint_auth_method": "none"});
            assert_eq!(server.update(&client, &changed).status(), 200);
        }
        server.store.pass(5_000);
        server.store.location.set(1);
        assert_eq!(look_up(&server, &client).status(), 200, "KV shows the former state");
        server.store.pass(70_000);
        server.store.location.set(3);
        let read = server.read_back(&client);
        if deletes {
            assert_eq!(read.status(), 401);
        } else {
            assert_eq!(read.json()["redirect_uris"], json!(["https://b.example/cb"]));
            assert_eq!(read.json()["token_endpoint_auth_method"], "none");
        }
        assert_eq!(*server.unrecorded_use.borrow(), None);
    }
}

#[test]
fn use_is_written_only_where_a_setting_wants_it() {
    for (registration, expected) in [
        (json!({}), 0),
        (json!({"record_uses": false}), 0),
        (json!({"client_secret_lifetime": 3600}), 0),
        (json!({"record_uses": true}), 20),
        (json!({"record_uses": "2022-01-01"}), 20),
        (json!({"unused_client_ttl": DAY}), 20),
        (json!({"idle_client_ttl": DAY}), 20),
        (json!({"idle_client_ttl": DAY, "record_uses": false}), 20),
    ] {
        let server = server(&registration, &json!({}));
        let clients: Vec<Value> = (0..20).map(|_| registered(&server)).collect();
        let before = server.store.operations();
        for client in &clients {
            assert_eq!(look_up(&server, client).status(), 200);
        }
        let after = server.store.operations();
        assert_eq!(after.1 - before.1, expected, "{registration}");
        if expected == 0 {
            assert_eq!(after.0 - before.0, 20, "a look-up is one read: {registration}");
        }
    }
}

#[test]
fn conditions_about_uses_name_the_setting_while_uses_are_not_recorded() {
    let server = server(&json!({}), &json!({}));
    registered(&server);
    let since = server.now() - 100;
    let delete = |filter: Value| {
        operator_post(&server, "/delete", &json!({"filter": filter, "dry_run": true}))
    };
    for refused in [
        server.send(operator("GET", "?never_used=true")),
        server.send(operator("GET", "?never_used=false")),
        server.send(operator("GET", &format!("?unused_since={since}"))),
        server.send(operator("GET", "/export?never_used=true")),
        delete(json!({"never_used": true})),
        delete(json!({"unused_since": since, "name": "x"})),
    ] {
        assert_eq!(refused.refusal_off_browsers(), (400, "invalid_request".into()));
        let response = refused.json()["error_description"].as_str().unwrap().to_owned();
        assert!(response.contains("set REGISTRATION.record_uses first"), "{response}");
    }
    assert_eq!(listed(&server, "disabled=false"), 1, "other conditions do not need it");
}

#[test]
fn list_tells_nothing_of_uses_while_they_are_not_recorded() {
    let mut server = server(&json!({"record_uses": true}), &json!({}));
    let client = registered(&server);
    look_up(&server, &client);
    server.store.pass(61_000);
    let path = format!("/{}", client["client_id"].as_str().unwrap());
    let response = |server: &Server| {
        let one = server.send(operator("GET", &path)).json();
        let list = server.send(operator("GET", "")).json()["clients"][0].clone();
        [one, list].map(|response| {
            (response["last_used"].as_u64(), response["uses_recorded_since"].as_u64())
        })
    };
    let issued_at = client["client_id_issued_at"].as_u64().unwrap();
    assert_eq!(response(&server), [(Some(issued_at + 2), Some(issued_at)); 2]);
    deploy(&mut server, &json!({}));
    assert_eq!(response(&server), [(None, None); 2]);
}

#[test]
fn client_of_before_recording_is_never_called_unused_for_that_time() {
    let mut server = server(&json!({}), &json!({}));
    let old = registered(&server);
    look_up(&server, &old);
    server.store.pass(40 * DAY * 1000);
    deploy(&mut server, &json!({"record_uses": true}));
    for query in ["never_used=true".into(), "never_used=false".into(), unused_for(&server, 3_600)] {
        assert_eq!(listed(&server, &query), 0, "{query}");
    }
    let body = json!({"filter": {"unused_since": server.now() - 30 * DAY}, "dry_run": false});
    assert_eq!(operator_post(&server, "/delete", &body).json()["deleted"], 0);
    // A client that registers from now on may be called unused.
    let new = registered(&server);
    server.store.pass(8 * DAY * 1000);
    assert_eq!(listed(&server, "never_used=true"), 1);
    assert_eq!(listed(&server, &unused_for(&server, 7 * DAY)), 1);
    look_up(&server, &new);
    server.store.pass(61_000);
    assert_eq!((listed(&server, "never_used=true"), listed(&server, "never_used=false")), (0, 1));
    // Any write of the old one begins to count for it.
    assert_eq!(
        server.update(&old, &json!({"redirect_uris": ["https://b.example/cb"]})).status(),
        200
    );
    server.store.pass(8 * DAY * 1000);
    assert_eq!(listed(&server, "never_used=true"), 0, "it may have been used before");
    assert_eq!(listed(&server, &unused_for(&server, 7 * DAY - 3_600)), 2);
    assert_eq!(listed(&server, &unused_for(&server, 9 * DAY)), 0);
}

#[test]
fn day_since_which_uses_are_recorded_counts_for_all_clients_from_its_end() {
    let mut server = server(&json!({}), &json!({}));
    registered(&server);
    // 2022-09-20T15:25:15Z, and five days later.
    server.store.pass(5 * DAY * 1000);
    deploy(&mut server, &json!({"record_uses": "2022-09-25"}));
    server.store.pass(DAY * 1000);
    // 2022-09-26T15:25:19Z: the day ended 15 hours ago.
    assert_eq!(listed(&server, &unused_for(&server, 15 * 3_600)), 1);
    assert_eq!(listed(&server, &unused_for(&server, 16 * 3_600)), 0);
    assert_eq!(listed(&server, "never_used=true"), 0, "it may have been used before");
    deploy(&mut server, &json!({"record_uses": "2022-09-19"}));
    assert_eq!(listed(&server, "never_used=true"), 1, "it registered later");
}

#[test]
fn time_without_recording_is_not_counted_when_recording_comes_back() {
    let mut server = server(&json!({"record_uses": true}), &json!({}));
    let (used, unused) = (registered(&server), registered(&server));
    deploy(&mut server, &json!({}));
    let before = writes(&server);
    for _ in 0..5 {
        server.store.pass(2 * DAY * 1000);
        assert_eq!(look_up(&server, &used).status(), 200);
    }
    assert_eq!(writes(&server), before + 1, "one use is written, so that it is not called unused");
    deploy(&mut server, &json!({"record_uses": true}));
    for query in ["never_used=true".into(), unused_for(&server, 9 * DAY)] {
        let page = server.send(operator("GET", &format!("?{query}"))).json();
        assert_eq!(page["clients"].as_array().unwrap().len(), 1, "{query}");
        assert_eq!(page["clients"][0]["client_id"], unused["client_id"], "{query}");
    }
}

#[test]
fn client_in_use_does_not_end_after_its_ttl_was_taken_away() {
    let mut server = server(&json!({"idle_client_ttl": 30 * DAY}), &json!({}));
    let client = registered(&server);
    deploy(&mut server, &json!({}));
    let before = writes(&server);
    for _ in 0..10 {
        server.store.pass(5 * DAY * 1000);
        assert_eq!(look_up(&server, &client).status(), 200);
    }
    assert_eq!(writes(&server), before + 1, "one use is written, and with it the end is gone");
    assert_eq!(server.read_back(&client).json().get("client_id_expires_at"), None);
}

#[test]
fn unused_ttl_counts_from_the_first_write_while_uses_are_recorded() {
    let mut server = server(&json!({}), &json!({}));
    let client = registered(&server);
    server.store.pass(6 * DAY * 1000);
    look_up(&server, &client);
    deploy(&mut server, &json!({"unused_client_ttl": 7 * DAY}));
    let path = format!("/{}/rotate", client["client_id"].as_str().unwrap());
    let body = json!({"credential": "client_secret", "keep_former": true});
    assert_eq!(operator_post(&server, &path, &body).status(), 200);
    let end = server.read_back(&client).json()["client_id_expires_at"].as_u64().unwrap();
    assert_eq!(end, server.now() + 7 * DAY, "not from its registration: it was used since");
}

#[test]
fn imported_client_is_never_called_never_used() {
    let from = server(&json!({"record_uses": true}), &json!({}));
    registered(&from);
    let lines = from.send(operator("GET", "/export")).0.body.unwrap();
    let to = server(&json!({"record_uses": true}), &json!({}));
    to.store.pass(10 * DAY * 1000);
    let call = Call::new("POST", "/admin/clients/import")
        .header("authorization", &format!("Bearer {ADMIN_TOKEN}"))
        .header("content-type", "application/x-ndjson");
    assert_eq!(to.send(call.body(lines)).json()["imported"], 1);
    to.store.pass(DAY * 1000);
    assert_eq!(listed(&to, "never_used=true"), 0, "it may have been used after the export");
    assert_eq!(listed(&to, &unused_for(&to, 2 * DAY)), 0);
    assert_eq!(listed(&to, &unused_for(&to, DAY - 60)), 1);
}

#[test]
fn setting_of_uses_that_is_no_day_stops_the_deployment() {
    for wrong in
        [json!("yes"), json!(1), json!("2026-02-30"), json!("2026-11-28T00:00:00Z"), json!(null)]
    {
        let vars = json!({"REGISTRATION": {"record_uses": wrong}});
        let error = Config::parse(settings(&vars)).unwrap_err().to_string();
        assert!(error.contains("REGISTRATION.record_uses"), "{error}");
    }
}

#[test]
fn use_recording_starts_with_the_record_or_when_the_operator_says() {
    for (recording, own, start) in [
        (UseRecording::Off, Some(5), None),
        (UseRecording::On, None, None),
        (UseRecording::On, Some(5), Some(5)),
        (UseRecording::Since(7), None, Some(7)),
        (UseRecording::Since(7), Some(5), Some(5)),
        (UseRecording::Since(7), Some(9), Some(7)),
    ] {
        assert_eq!(recording.start(own), start, "{recording:?} {own:?}");
    }
}

#[test]
fn day_of_the_calendar_ends_at_its_next_midnight() {
    let recording_since = |text: &str| {
        let config = Config::parse(settings(&json!({"REGISTRATION": {"record_uses": text}})));
        config.ok().map(|config| config.issuers()[0].lifetimes.recorded_uses)
    };
    for (text, end) in [
        ("1970-01-01", 86_400),
        ("2000-02-29", 951_868_800),
        ("2026-11-28", 1_795_910_400),
        ("2100-02-28", 4_107_542_400),
    ] {
        assert_eq!(recording_since(text), Some(UseRecording::Since(end)), "{text}");
    }
    for text in
        "2100-02-29 2026-02-29 2026-13-01 2026-00-01 2026-01-00 2026-1-01 +026-01-01 1969-12-31 \
         2026-01-01T00:00:00Z 2026-01"
            .split_ascii_whitespace()
    {
        assert_eq!(recording_since(text), None, "{text}");
    }
}
