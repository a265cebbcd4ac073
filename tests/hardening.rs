//! Attacks that try to undo changes, end clients in use, or import foreign data.

use rollcall_support::apis::{
    authenticate, change_state, id, import, look_up, operator, operator_post, registered,
    server_with,
};
use rollcall_support::kv::Fault;
use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, settings};
use serde_json::{Value, json};

const DAY: u64 = 86_400;

fn server() -> Server {
    server_with(&json!({}), &json!({}))
}

/// Another isolate, or the same deployment with other settings: same store, nothing remembered.
fn restart(server: &mut Server, registration: &Value) {
    server.config =
        rollcall::issuer::Config::parse(settings(&json!({"REGISTRATION": registration}))).unwrap();
}

fn meta(host: &str) -> Value {
    json!({"redirect_uris": [format!("https://{host}.example/cb")]})
}

fn rotate(server: &Server, c: &Value) -> Answer {
    rotate_credential(server, c, "client_secret")
}

fn rotate_credential(server: &Server, c: &Value, credential: &str) -> Answer {
    let body = json!({ "credential": credential });
    operator_post(server, &format!("/{}/rotate", id(c)), &body)
}

fn raw_record(patch: impl Fn(&mut Value)) -> String {
    let s = server();
    registered(&s);
    let mut record: Value = serde_json::from_str(&s.store.records()[0].1).unwrap();
    patch(&mut record);
    record.to_string()
}

#[test]
fn acknowledged_change_survives_a_write_conflict() {
    for fault in [Fault::Conflict, Fault::Error] {
        let server = server();
        let c = registered(&server);
        let ok = Fault::None;
        server.store.fail([ok, fault]); // record, put
        assert_eq!(change_state(&server, &c, "disable").status(), 204);
        assert_eq!(look_up(&server, &c).json()["status"], "disabled", "{fault:?}");
    }
}

#[test]
fn new_secret_works_although_its_write_met_another() {
    let server = server();
    let c = registered(&server);
    let ok = Fault::None;
    server.store.fail([ok, Fault::Conflict]);
    let new = rotate(&server, &c);
    assert_eq!(new.status(), 200);
    let old = authenticate(&server, &c, c["client_secret"].as_str().unwrap()).status();
    let new = authenticate(&server, &c, new.json()["client_secret"].as_str().unwrap()).status();
    assert_eq!((new, old), (200, 401));
}

#[test]
fn client_is_disabled_within_a_second_of_an_update() {
    let server = server();
    let c = registered(&server);
    assert_eq!(server.update(&c, &meta("b")).status(), 200);
    assert_eq!(change_state(&server, &c, "disable").status(), 204);
    assert_eq!(look_up(&server, &c).json()["status"], "disabled");
}

/// Threat 42.
#[test]
fn disabled_client_does_not_enable_itself_where_it_has_just_been_updated() {
    let server = server();
    let c = registered(&server);
    server.store.location.set(1);
    assert_eq!(server.update(&c, &meta("b")).status(), 200);
    server.store.pass(2_000);
    server.store.location.set(2);
    assert_eq!(change_state(&server, &c, "disable").status(), 204);
    server.store.pass(2_000);
    server.store.location.set(1);
    assert_eq!(server.update(&c, &meta("c")).status(), 403);
    server.store.pass(300_000);
    server.store.location.set(3);
    assert_eq!(look_up(&server, &c).json()["status"], "disabled");
}

#[test]
fn recorded_use_renews_no_state_that_the_operator_ended() {
    for end in ["disable", "rotate", "delete"] {
        let server = server_with(&json!({"idle_client_ttl": 365 * DAY}), &json!({}));
        let c = registered(&server);
        // The first use of the day at location 1: whatever it looked for there is remembered.
        server.store.location.set(1);
        assert_eq!(look_up(&server, &c).status(), 200);
        server.store.pass(1_000);
        server.store.location.set(2);
        let ended = match end {
            "rotate" => rotate_credential(&server, &c, "registration_access_token").status(),
            "delete" => server.send(operator("DELETE", &format!("/{}", id(&c)))).status(),
            end => change_state(&server, &c, end).status(),
        };
        assert!(ended == 200 || ended == 204, "{end}: {ended}");
        server.store.pass(2_000);
        server.store.location.set(1);
        let refused = server.update(&c, &meta("b")).status();
        assert_eq!(refused, if end == "disable" { 403 } else { 401 }, "{end}");
        server.store.pass(300_000);
        server.store.location.set(3);
        let seen = look_up(&server, &c);
        match end {
            "delete" => assert_eq!(seen.status(), 404),
            "disable" => assert_eq!(seen.json()["status"], "disabled"),
            _ => assert_eq!(server.read_back(&c).status(), 401),
        }
    }
}

/// A client of its own page, locked by a writer that never reports its end.
fn locked(server: &Server) -> Value {
    let c = registered(server);
    *server.ledger_faults.borrow_mut() = [Fault::None, Fault::Error, Fault::Error].into();
    assert_eq!(server.update(&c, &meta("b")).status(), 200);
    c
}

#[test]
fn client_that_is_being_written_delays_no_other_in_a_bulk_deletion_and_comes_next() {
    let server = server();
    let busy = locked(&server);
    let others = [registered(&server), registered(&server)];
    let body = json!({"filter": {"self_asserted": true}, "dry_run": false});
    let delete = || operator_post(&server, "/delete", &body);
    let from = server.store.clock.get();
    let response = delete().json();
    assert_eq!(
        (&response["deleted"], &response["incomplete"]),
        (&json!(2), &json!(true)),
        "{response}"
    );
    assert!(server.store.clock.get() - from < 1_000, "nobody waited");
    for other in &others {
        assert_eq!(server.read_back(other).status(), 401);
    }
    assert_eq!(delete().status(), 503, "only the busy one is left");
    // However fast its holder is once the lease is over, the operator is next.
    server.store.pass(31_000);
    assert_eq!(server.update(&busy, &meta("c")).status(), 503);
    assert_eq!(delete().json()["deleted"], 1);
    assert_eq!(server.update(&busy, &meta("c")).status(), 401);
}

#[test]
fn import_that_overlaps_another_undoes_nothing_that_the_operator_ended() {
    for end in ["disable", "delete"] {
        let server = server();
        let line = raw_record(|_| ());
        let record: Value = serde_json::from_str(&line).unwrap();
        // KV makes the first import wait; while it does, it holds the client, and a second one finds it there.
        server.store.fail([Fault::None, Fault::None, Fault::Conflict]);
        let call = Call::new("POST", "/admin/clients/import")
            .header("authorization", &format!("Bearer {ADMIN_TOKEN}"))
            .header("content-type", "application/x-ndjson")
            .body(line.clone());
        let first = server.send_waiting(call, || {
            assert_eq!(import(&server, &line).json()["imported"], 0);
        });
        assert_eq!(first.json()["imported"], 1);
        server.store.pass(2_000);
        let ended = if end == "delete" {
            server.send(operator("DELETE", &format!("/{}", id(&record))))
        } else {
            change_state(&server, &record, end)
        };
        assert_eq!(ended.status(), 204, "{end}");
        let again = import(&server, &line).json();
        assert_eq!(again["imported"], 0, "{again}");
        server.store.pass(800_000);
        let seen = look_up(&server, &record);
        if end == "delete" {
            assert_eq!(seen.status(), 404);
        } else {
            assert_eq!(seen.json()["status"], "disabled");
        }
    }
}

#[test]
fn import_whose_write_failed_is_completed_by_repeating_it() {
    let server = server();
    let line = raw_record(|_| ());
    server.store.fail([Fault::None, Fault::None, Fault::Error, Fault::Error]);
    assert_eq!(import(&server, &line).status(), 503);
    server.store.fail([]);
    server.store.pass(2_000);
    assert_eq!(import(&server, &line).json()["imported"], 1);
}

#[test]
fn loser_of_parallel_updates_leaves_nothing_that_undoes_a_disabling() {
    let server = server();
    let c = registered(&server);
    server.store.location.set(1);
    server.store.fail([Fault::None, Fault::Conflict]);
    let loser = server.send_waiting(Call::update(&c, &meta("a")), || {
        assert_eq!(server.update(&c, &meta("b")).status(), 503);
    });
    assert_eq!(loser.status(), 200);
    server.store.location.set(2);
    assert_eq!(change_state(&server, &c, "disable").status(), 204);
    server.store.location.set(1);
    assert_eq!(server.update(&c, &meta("c")).status(), 403);
    server.store.location.set(3);
    server.store.pass(300_000);
    assert_eq!(look_up(&server, &c).json()["status"], "disabled");
}

/// Threat 42.
#[test]
fn operators_change_is_not_undone_by_another_elsewhere() {
    let server = server();
    let c = registered(&server);
    server.store.location.set(1);
    assert_eq!(rotate(&server, &c).status(), 200);
    server.store.pass(2_000);
    server.store.location.set(2);
    assert_eq!(change_state(&server, &c, "disable").status(), 204);
    server.store.pass(2_000);
    server.store.location.set(1);
    assert_eq!(rotate(&server, &c).status(), 200, "on top of the other change");
    server.store.location.set(3);
    assert_eq!(look_up(&server, &c).json()["status"], "disabled");
}

#[test]
fn disabling_counts_for_the_latest_state_where_a_previous_one_is_seen() {
    // Location 1 knows the former state because it made it, or because it has read it.
    for first in [1, 2] {
        let server = server();
        let c = registered(&server);
        server.store.location.set(first);
        change_state(&server, &c, "disable");
        server.store.pass(2_000);
        if first != 1 {
            server.store.location.set(1);
            look_up(&server, &c);
        }
        server.store.location.set(2);
        assert_eq!(change_state(&server, &c, "enable").status(), 204);
        server.store.pass(2_000);
        server.store.location.set(1);
        let status = change_state(&server, &c, "disable").status();
        server.store.pass(300_000);
        server.store.location.set(3);
        let now = look_up(&server, &c).json()["status"].clone();
        assert_eq!((status, now), (204, json!("disabled")), "{first}");
    }
}

/// R61.
#[test]
fn use_right_after_the_registration_is_recorded() {
    let server =
        server_with(&json!({"unused_client_ttl": 300, "idle_client_ttl": 30 * DAY}), &json!({}));
    let c = server.register(&meta("a")).created();
    // The usual flow: register, and go to the authorization endpoint at once.
    assert_eq!(look_up(&server, &c).status(), 200);
    for _ in 0..29 {
        server.store.pass(10_000);
        assert_eq!(look_up(&server, &c).status(), 200);
    }
    server.store.pass(15_000);
    assert_eq!(look_up(&server, &c).status(), 200, "a client in use has ended");
}

/// R61.
#[test]
fn authorization_server_that_asks_once_a_day_keeps_its_clients() {
    let server =
        server_with(&json!({"unused_client_ttl": DAY, "idle_client_ttl": 30 * DAY}), &json!({}));
    let c = server.register(&meta("a")).created();
    assert_eq!(look_up(&server, &c).status(), 200);
    server.store.pass(DAY * 1000);
    assert_eq!(look_up(&server, &c).status(), 200, "asked at least once a day, as the docs demand");
}

/// R61.
#[test]
fn expiry_moved_elsewhere_is_read_past_a_long_cache() {
    let server = server_with(&json!({"idle_client_ttl": 3600}), &json!({"cache_ttl": 86_400}));
    let c = registered(&server);
    server.store.location.set(1);
    assert_eq!(look_up(&server, &c).status(), 200); // noted
    server.store.pass((DAY - 5) * 1000);
    server.store.location.set(2);
    assert_eq!(look_up(&server, &c).status(), 200); // recorded already, cached here for a day
    server.store.pass(10_000);
    server.store.location.set(1);
    assert_eq!(look_up(&server, &c).status(), 200); // noted again
    server.store.pass(2 * 3_600_000);
    assert_eq!(look_up(&server, &c).status(), 200);
    server.store.location.set(2);
    assert_eq!(look_up(&server, &c).status(), 200, "in use, twice a day at either location");
}

#[test]
fn new_ttl_ends_no_client_by_reading_it() {
    let mut server =
        server_with(&json!({"registration_access_token_rotation": "on_update"}), &json!({}));
    let c = registered(&server);
    let updated = server.update(&c, &meta("b")).json();
    server.store.pass(10 * DAY * 1000);
    restart(&mut server, &json!({"unused_client_ttl": 7 * DAY}));
    let read = server.read_back(&updated);
    assert_eq!(read.status(), 200);
    assert_eq!(read.json().get("client_id_expires_at"), None);
    server.store.pass(1_000);
    assert_eq!(server.read_back(&updated).status(), 200, "it was told that it never ends");
}

#[test]
fn new_ttl_ends_no_client_by_changing_it() {
    let mut server = server();
    let c = registered(&server);
    server.store.pass(10 * DAY * 1000);
    restart(&mut server, &json!({"unused_client_ttl": 7 * DAY}));
    let new = rotate(&server, &c);
    assert_eq!(new.status(), 200);
    server.store.pass(2_000);
    assert_eq!(
        authenticate(&server, &c, new.json()["client_secret"].as_str().unwrap()).status(),
        200
    );
}

#[test]
fn disabled_client_loses_no_data() {
    let server = server_with(&json!({"idle_client_ttl": 30 * DAY}), &json!({}));
    let c = registered(&server);
    look_up(&server, &c);
    server.store.pass(2_000);
    assert_eq!(change_state(&server, &c, "disable").status(), 204);
    server.store.pass(32 * DAY * 1000);
    assert_eq!(
        change_state(&server, &c, "enable").status(),
        204,
        "docs/operator.md: nothing is lost"
    );
}

#[test]
fn import_cannot_speak_for_another_client() {
    let line = raw_record(|r| r["metadata"]["client_id"] = "BBBBBBBBBBBBBBBBBBBBBA".into());
    assert_eq!(import(&server(), &line).json()["imported"], 0);
}

/// Threat 37.
#[test]
fn import_cannot_bring_a_header() {
    let line = raw_record(|r| r["version"] = "a\"\r\nx-injected: 1".into());
    assert_eq!(import(&server(), &line).json()["imported"], 0);
}

#[test]
fn import_of_extreme_values_breaks_nothing() {
    for patch in [
        json!({"issued_at": u64::MAX}),
        json!({"expires_at": u64::MAX}),
        json!({"last_used": u64::MAX}),
        json!({"changes": u64::MAX}),
        json!({"writes": u64::MAX}),
        json!({"disabled_at": u64::MAX}),
        json!({"tokens": []}),
        json!({"v": 0}),
        json!({"secrets": [{"sha256":"8lZyPLDpwLZ1HqDk1gGqRd7YP5-mJAI0yFO3kXxC8YE","issued_at":u64::MAX,"expires_at":1}]}),
        json!({"metadata": {"redirect_uris": [7], "client_name": 9}}),
    ] {
        let line =
            raw_record(|r| r.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone()));
        let v: Value = serde_json::from_str(&line).unwrap();
        for ttl in [0, 3600] {
            let s =
                server_with(&json!({"unused_client_ttl": ttl, "idle_client_ttl": ttl}), &json!({}));
            let response = import(&s, &line);
            assert_eq!(response.status(), 200);
            s.store.pass(2000);
            assert!(look_up(&s, &v).status() < 500, "{patch}");
            s.store.pass(2000);
            for answer in
                [rotate(&s, &v), change_state(&s, &v, "disable"), s.send(operator("GET", ""))]
            {
                assert!(answer.status() < 500, "{patch}");
            }
        }
    }
}

/// Threat 42.
#[test]
fn change_whose_acknowledgement_was_lost_is_seen_elsewhere() {
    let server = server();
    let c = registered(&server);
    server.store.location.set(1);
    let etag = server.read_back(&c).header("etag").unwrap().to_owned();
    server.store.location.set(2);
    let ok = Fault::None;
    server.store.fail([ok, Fault::LostAnswer]);
    assert_eq!(server.update(&c, &meta("b")).status(), 200);
    server.store.pass(5_000);
    server.store.location.set(1);
    let stale = Call::update(&c, &meta("c")).header("if-match", &etag);
    assert_eq!(server.send(stale).status(), 412, "it is judged by the latest state");
}

#[test]
fn no_twist_of_a_path_leads_to_the_apis_even_with_their_tokens() {
    let server = server();
    registered(&server);
    for (token, path) in [
        (AS_TOKEN, "/as/clients//authenticate"),
        (AS_TOKEN, "/as%2fclients/authenticate"),
        (AS_TOKEN, "/as/clients/"),
        (AS_TOKEN, "/as/clients"),
        (AS_TOKEN, "/AS/clients/authenticate"),
        (AS_TOKEN, "/as/clients/authenticate/x"),
        (ADMIN_TOKEN, "/admin"),
        (ADMIN_TOKEN, "/admin/"),
        (ADMIN_TOKEN, "/admin/clients//"),
        (ADMIN_TOKEN, "/admin//clients"),
        (ADMIN_TOKEN, "/Admin/clients"),
        (ADMIN_TOKEN, "/admin%2fclients"),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
            let call = Call::new(method, path).header("authorization", &format!("Bearer {token}"));
            let call = call.header("content-type", "application/json").body("{}");
            let status = server.send(call.bound()).status();
            assert!(matches!(status, 404 | 405), "{method} {path}: {status}");
        }
    }
}
